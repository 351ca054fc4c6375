"""Renders errors in Anthropic's shape."""

from collections.abc import Mapping

from localaik.errors import LocalaikError
from localaik.faces.face import ErrorReply
from localaik.wire.jsontext import dump_json

# https://docs.anthropic.com/en/api/errors
_TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}


def render_error(error: LocalaikError) -> ErrorReply:
    """Render an error that comes before the first byte of an answer."""
    kind = _TYPES.get(error.status, "api_error")
    body = {"type": "error", "error": {"type": kind, "message": error.message}}
    return ErrorReply(error.status, dump_json(body))
