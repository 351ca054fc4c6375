"""Renders errors in OpenAI's shape."""

from collections.abc import Mapping, Sequence
from typing import Any

from localaik.errors import BadRequest, ContextOverflow, LocalaikError
from localaik.faces.face import ErrorReply
from localaik.wire.jsontext import dump_json
from localaik.wire.sse import encode_data

# https://platform.openai.com/docs/guides/error-codes
_TYPES: Mapping[int, str] = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def error_body(error: LocalaikError) -> Mapping[str, Any]:
    """Build the error; `param` is the path of the field at fault."""
    status = error.status
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {
        "error": {
            "message": error.message,
            "type": _TYPES.get(status, kind),
            "param": error.field if isinstance(error, BadRequest) else None,
            "code": "context_length_exceeded" if isinstance(error, ContextOverflow) else None,
        }
    }


def render_error(error: LocalaikError) -> ErrorReply:
    """Render an error that comes before the first byte of an answer.

    The SDKs repeat every 409, 429 and 5xx twice unless they are told that it is in vain.
    """
    retry = "true" if error.retriable else "false"
    return ErrorReply(error.status, dump_json(error_body(error)), {"x-should-retry": retry})


def render_failure(error: LocalaikError) -> Sequence[bytes]:
    """Render an error in the middle of a stream; there is no ``[DONE]`` after it."""
    return [encode_data(dump_json(error_body(error)))]
