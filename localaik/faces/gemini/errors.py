"""Renders errors in Google's shape."""

from collections.abc import Mapping
from typing import Any

from localaik.errors import LocalaikError
from localaik.faces.face import ErrorReply
from localaik.faces.gemini.names import STATUSES
from localaik.wire.jsontext import dump_json


def error_body(error: LocalaikError) -> Mapping[str, Any]:
    """Build the error; ``error`` is its first and only key, which Python's SDK looks for."""
    body: dict[str, Any] = {
        "code": error.status,
        "message": error.message,
        "status": STATUSES[error.status],
    }
    if error.retry_after is not None:
        body["details"] = [
            {
                "@type": "type.googleapis.com/google.rpc.RetryInfo",
                "retryDelay": f"{error.retry_after:g}s",
            }
        ]
    return {"error": body}


def render_error(error: LocalaikError) -> ErrorReply:
    """Render an error that comes before the first byte of an answer."""
    return ErrorReply(error.status, dump_json(error_body(error)))
