import json

import pytest

from localaik import errors
from localaik.faces.anthropic.errors import render_error

KINDS = [
    (errors.BadRequest("why"), 400, "invalid_request_error"),
    (errors.ContextOverflow("why"), 400, "invalid_request_error"),
    (errors.CredentialsRefused("why"), 401, "authentication_error"),
    (errors.PermissionDenied("why"), 403, "permission_error"),
    (errors.NotFound("why"), 404, "not_found_error"),
    (errors.MethodNotAllowed("why", allowed=()), 405, "invalid_request_error"),
    (errors.PayloadTooLarge("why"), 413, "request_too_large"),
    (errors.RateLimited("why"), 429, "rate_limit_error"),
    (errors.InternalError("why"), 500, "api_error"),
    (errors.Unimplemented("why"), 501, "api_error"),
    (errors.UpstreamFailed("why"), 502, "api_error"),
    (errors.UpstreamUnavailable("why"), 503, "overloaded_error"),
    (errors.UpstreamTimeout("why"), 504, "timeout_error"),
]


@pytest.mark.parametrize(("error", "status", "kind"), KINDS)
def test_an_error_is_written_in_anthropics_shape(error, status, kind):
    reply = render_error(error)
    assert (reply.status, reply.headers) == (status, {})
    assert json.loads(reply.body) == {"type": "error", "error": {"type": kind, "message": "why"}}
