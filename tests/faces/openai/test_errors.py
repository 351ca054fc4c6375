import json

import pytest

from localaik import errors
from localaik.faces.openai.errors import render_error, render_failure


def body(message, kind, param=None, code=None):
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


KINDS = [
    (errors.BadRequest("why"), 400, "invalid_request_error", "false"),
    (errors.CredentialsRefused("why"), 401, "authentication_error", "false"),
    (errors.PermissionDenied("why"), 403, "permission_error", "false"),
    (errors.NotFound("why"), 404, "not_found_error", "false"),
    (errors.MethodNotAllowed("why", allowed=()), 405, "invalid_request_error", "false"),
    (errors.PayloadTooLarge("why"), 413, "invalid_request_error", "false"),
    (errors.RateLimited("why"), 429, "rate_limit_error", "true"),
    (errors.InternalError("why"), 500, "server_error", "false"),
    (errors.Unimplemented("why"), 501, "server_error", "false"),
    (errors.UpstreamFailed("why"), 502, "server_error", "true"),
    (errors.UpstreamUnavailable("why"), 503, "server_error", "true"),
    (errors.UpstreamTimeout("why"), 504, "server_error", "true"),
]


@pytest.mark.parametrize(("error", "status", "kind", "retry"), KINDS)
def test_an_error_is_written_in_openais_shape(error, status, kind, retry):
    reply = render_error(error)
    assert (reply.status, reply.headers) == (status, {"x-should-retry": retry})
    assert json.loads(reply.body) == body("why", kind)


def test_the_field_at_fault_is_the_parameter():
    reply = render_error(errors.BadRequest("required", field="messages[0].role"))
    message = "messages[0].role: required"
    expected = body(message, "invalid_request_error", param="messages[0].role")
    assert json.loads(reply.body) == expected


def test_an_overflow_has_openais_code():
    reply = render_error(errors.ContextOverflow("too long"))
    expected = body("too long", "invalid_request_error", code="context_length_exceeded")
    assert json.loads(reply.body) == expected


def test_an_error_in_a_stream_is_one_event_without_an_end():
    (event,) = render_failure(errors.UpstreamFailed("why"))
    assert event == (
        b'data: {"error":{"message":"why","type":"server_error","param":null,"code":null}}\n\n'
    )
