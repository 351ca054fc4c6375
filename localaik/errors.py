"""What can go wrong, told once: each kind has an HTTP status and a message for the client.

Errors are raised where they are found and answered in one place, in the shape of the
protocol that owns the request.  A message never holds a prompt, a header value or a
credential, since it reaches clients and logs.
"""

from typing import ClassVar


class LocalaikError(Exception):
    """A failure that a client is told about.

    `retriable` says whether the same request may succeed later; `retry_after` is in
    seconds and None when there is no better guess than the client's own back-off.
    """

    status: ClassVar[int] = 500
    retriable: ClassVar[bool] = False

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after = retry_after


class BadRequest(LocalaikError):
    """The request is malformed; `field` is the path of the offending field, if one is known."""

    status = 400

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field


class ContextOverflow(BadRequest):
    """The prompt does not fit into the model's context."""


class CredentialsRefused(LocalaikError):
    """The upstream did not accept localaik's own credentials."""

    status = 401


class PermissionDenied(LocalaikError):
    """The upstream accepted the credentials and refused the request."""

    status = 403


class NotFound(LocalaikError):
    """No such route, model or stored object."""

    status = 404


class MethodNotAllowed(LocalaikError):
    """The route exists for other methods; `allowed` are those, sorted."""

    status = 405

    def __init__(self, message: str, *, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


class PayloadTooLarge(LocalaikError):
    """The request's body is larger than the limit."""

    status = 413


class RateLimited(LocalaikError):
    """The upstream or localaik has no room for the request right now."""

    status = 429
    retriable = True


class Unimplemented(LocalaikError):
    """A known feature of the protocol that localaik does not serve."""

    status = 501


class UpstreamFailed(LocalaikError):
    """The upstream answered something that is no answer: garbage, a cut stream, a 5xx."""

    status = 502
    retriable = True


class UpstreamUnavailable(LocalaikError):
    """The upstream cannot be reached, or its model is still loading."""

    status = 503
    retriable = True


class UpstreamTimeout(LocalaikError):
    """The upstream was silent for too long, or the client's own deadline has passed."""

    status = 504
    retriable = True


class InternalError(LocalaikError):
    """A bug in localaik; what happened is in the log, never in the answer."""


class SettingsError(Exception):
    """A setting that cannot be used; the message names the flag or the variable."""
