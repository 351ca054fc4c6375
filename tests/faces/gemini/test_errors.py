import pytest

from localaik import errors
from localaik.faces.face import ErrorReply
from localaik.faces.gemini.errors import error_body, render_error

STATUSES = [
    (errors.BadRequest("why"), 400, "INVALID_ARGUMENT"),
    (errors.ContextOverflow("why"), 400, "INVALID_ARGUMENT"),
    (errors.CredentialsRefused("why"), 401, "UNAUTHENTICATED"),
    (errors.PermissionDenied("why"), 403, "PERMISSION_DENIED"),
    (errors.NotFound("why"), 404, "NOT_FOUND"),
    (errors.MethodNotAllowed("why", allowed=("POST",)), 405, "UNIMPLEMENTED"),
    (errors.PayloadTooLarge("why"), 413, "INVALID_ARGUMENT"),
    (errors.RateLimited("why"), 429, "RESOURCE_EXHAUSTED"),
    (errors.InternalError("why"), 500, "INTERNAL"),
    (errors.Unimplemented("why"), 501, "UNIMPLEMENTED"),
    (errors.UpstreamFailed("why"), 502, "UNAVAILABLE"),
    (errors.UpstreamUnavailable("why"), 503, "UNAVAILABLE"),
    (errors.UpstreamTimeout("why"), 504, "DEADLINE_EXCEEDED"),
]


@pytest.mark.parametrize(("error", "code", "status"), STATUSES)
def test_an_error_is_written_in_googles_shape(error, code, status):
    body = f'{{"error":{{"code":{code},"message":"why","status":"{status}"}}}}'
    assert render_error(error) == ErrorReply(code, body.encode())


def test_the_field_is_in_the_message():
    error = errors.BadRequest("expected an array", field="contents[2].parts")
    assert error_body(error)["error"]["message"] == "contents[2].parts: expected an array"


@pytest.mark.parametrize(("seconds", "delay"), [(1.0, "1s"), (0.5, "0.5s"), (120, "120s")])
def test_when_to_come_back_is_told(seconds, delay):
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}
    assert error_body(errors.RateLimited("busy", retry_after=seconds)) == {
        "error": {
            "code": 429,
            "message": "busy",
            "status": "RESOURCE_EXHAUSTED",
            "details": [info],
        }
    }
