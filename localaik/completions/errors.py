"""Decodes what the upstream says of an error into one of ours.

llama.cpp answers ``{"error": {"code": 400, "message": ..., "type": ...}}``, vLLM the same
or ``{"object": "error", "message": ...}``, Ollama ``{"error": "..."}`` or the first form,
and a proxy in between answers HTML.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from localaik.errors import (
    BadRequest,
    ContextOverflow,
    CredentialsRefused,
    LocalaikError,
    NotFound,
    PayloadTooLarge,
    PermissionDenied,
    RateLimited,
    Unimplemented,
    UpstreamFailed,
    UpstreamTimeout,
    UpstreamUnavailable,
)

_LONGEST_MESSAGE = 1000  # characters
# Seconds; a small model has loaded by then, so that clients that honour it ask only once more.
_RETRY_AFTER = 1.0
_BY_STATUS: dict[int, Callable[[str], LocalaikError]] = {
    # Servers repeat pieces of the key that they refuse, and that is localaik's own.
    401: lambda _: CredentialsRefused("the upstream refused localaik's credentials"),
    403: lambda _: PermissionDenied("the upstream does not permit the request"),
    404: NotFound,
    413: PayloadTooLarge,
    429: lambda message: RateLimited(message, retry_after=_RETRY_AFTER),
    501: Unimplemented,
    503: lambda message: UpstreamUnavailable(message, retry_after=_RETRY_AFTER),
    504: UpstreamTimeout,
}
_OVERFLOW_TYPE = "exceed_context_size_error"
# What llama.cpp says in a 500 that the same request always gets (its issue 19774 for the first).
_OVERFLOW_WORDS = ("context size has been exceeded", "exceeds the available context size")
_REQUEST_WORDS = ("jinja", "chat template", "roles must alternate", "failed to parse messages")


def decode_error(status: int, body: bytes) -> LocalaikError:
    """Decode the body of an answer whose status is not 200."""
    return _error(status, _reported(body))


def decode_error_event(data: bytes) -> LocalaikError:
    """Decode the data of a stream's event that reports an error.

    It is ``{"error": {...}}``, or the object alone in the ``error:`` lines of old llama.cpp.
    """
    return decode_reported_error(_reported(data))


def decode_reported_error(value: Any) -> LocalaikError:
    """Decode the error object of an answer that has one in spite of its 200."""
    code = value.get("code") if isinstance(value, dict) else None
    return _error(code if isinstance(code, int) and 400 <= code <= 599 else 502, value)


def _reported(body: bytes) -> Any:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return value.get("error", value) if isinstance(value, dict) else value


def _error(status: int, value: Any) -> LocalaikError:
    message, kind = _message(value), ""
    if isinstance(value, dict):
        kind = str(value.get("type"))
    lowered = message.lower()
    if kind == _OVERFLOW_TYPE or any(words in lowered for words in _OVERFLOW_WORDS):
        return ContextOverflow(message)
    if status == 500 and any(words in lowered for words in _REQUEST_WORDS):
        return BadRequest(message)
    if 300 <= status < 400:
        return UpstreamFailed(f"the upstream answered with a redirect ({status})")
    make = _BY_STATUS.get(status)
    if make is not None:
        return make(message or f"the upstream answered {status}")
    if 400 <= status < 500:
        return BadRequest(message or f"the upstream answered {status}")
    said = f": {message}" if message else ""
    return UpstreamFailed(f"the upstream failed with status {status}{said}")


def _message(value: Any) -> str:
    text = value.get("message") if isinstance(value, dict) else value
    return text[:_LONGEST_MESSAGE] if isinstance(text, str) else ""
