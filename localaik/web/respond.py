"""Answers: whole bodies, and the one place where errors become answers."""

from collections.abc import Callable, Sequence
from typing import Any

from klein import Klein
from twisted.internet.defer import CancelledError
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.iweb import IRequest
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from localaik import errors
from localaik.errors import BadRequest, InternalError, LocalaikError
from localaik.faces.face import ErrorReply
from localaik.web.request import BoundedRequest

JSON = "application/json; charset=UTF-8"
_MOST_IGNORED = 32  # paths named in the header; a hostile body has any number of them
_log = Logger(namespace="localaik.web")

RenderError = Callable[[LocalaikError], ErrorReply]


def make_app(render_error: RenderError) -> Klein:
    """Make an app whose errors are all answered in one shape, and that never redirects."""
    app = Klein()
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False

    @app.handle_errors(Exception)
    def answer_failure(request: IRequest, failure: Failure) -> bytes:
        return respond_error(bounded(request), failure, render_error)

    return app


def bounded(request: IRequest) -> BoundedRequest:
    """Take the request of a route for what the site makes of all requests."""
    assert isinstance(request, BoundedRequest)
    return request


def respond_json(request: BoundedRequest, body: bytes, status: int = 200) -> bytes:
    """Set the head of a whole JSON answer; the route returns the body."""
    request.setResponseCode(status)
    request.setHeader("content-type", JSON)
    request.setHeader("content-length", str(len(body)))
    return body


def respond_error(request: BoundedRequest, failure: Failure, render: RenderError) -> bytes:
    """Set the head of an error's answer, and give its body."""
    error = tellable(failure)
    reply = render(error)
    for name, value in reply.headers.items():
        request.setHeader(name, value)
    if isinstance(error, errors.MethodNotAllowed):
        request.setHeader("allow", ", ".join(error.allowed))
    if error.retry_after is not None:
        request.setHeader("retry-after", f"{error.retry_after:.0f}")
    return respond_json(request, reply.body, reply.status)


def name_ignored(request: BoundedRequest, paths: Sequence[str]) -> None:
    """Tell the client which fields of its request have no effect here."""
    if not paths:
        return
    shown = [*paths[:_MOST_IGNORED], *(["..."] if len(paths) > _MOST_IGNORED else [])]
    # Field names come from the client, so they may hold anything, line breaks too.
    text = ", ".join(ascii(path)[1:-1][:200] for path in shown)
    request.setHeader("x-localaik-ignored", text)
    _log.info("fields without effect: {paths}", paths=text)


def tellable(failure: Failure) -> LocalaikError:
    """Find the error that a client is told; what is none of ours is logged as a bug."""
    error: Any = failure.value
    match error:
        case LocalaikError():
            return error
        case NotFound():
            return errors.NotFound("no such route")
        case MethodNotAllowed():
            allowed = tuple(sorted(error.valid_methods or ()))
            return errors.MethodNotAllowed(
                f"expected one of the methods {', '.join(allowed)}", allowed=allowed
            )
        case HTTPException():
            return BadRequest("the request's address cannot be read")
        case RecursionError():
            return BadRequest("the JSON is nested too deeply")
        case CancelledError():
            # The client has left; nobody reads what is answered now.
            return InternalError("cancelled")
        case _:
            _log.failure("a bug ended a request", failure)
            return InternalError("internal error")
