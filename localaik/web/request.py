"""Requests as they arrive: bounded bodies, and an account of each for the access log."""

from io import BytesIO
from typing import TYPE_CHECKING, Any

from twisted.python.failure import Failure
from twisted.web.server import Request

from localaik.errors import PayloadTooLarge

if TYPE_CHECKING:
    from localaik.web.site import Site

# nginx's status for a client that left before its answer was complete.
CLIENT_LEFT = 499


class BoundedRequest(Request):
    """A request whose body is kept in memory up to the site's limit.

    A larger body is read to its end and thrown away, since many clients listen only after
    they have sent all; what is beyond `hopeless` times the limit ends the connection.
    `protocol` is the tag of the protocol that owns it, for the log.
    """

    hopeless = 16

    def __init__(self, channel: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(channel, *args, **kwargs)
        self.serving: Site = channel.site
        self.protocol = "-"
        self.began = self.serving.clock.seconds()
        self._accounted = False
        self._size = 0
        self._body = BytesIO()

    def gotLength(self, length: int | None) -> None:  # noqa: ARG002, N802
        """Prepare for the body: always in memory, where it is parsed anyway."""
        self.content = self._body

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """Take a piece of the body."""
        self._size += len(data)
        if self._size <= self.serving.max_body:
            self._body.write(data)
            return
        self._body.seek(0)
        self._body.truncate()
        if self._size > self.serving.max_body * self.hopeless and self.channel is not None:
            self.channel.loseConnection()

    def check_size(self) -> None:
        """Check the body against the limit.

        Raises: PayloadTooLarge when it was over it.
        """
        limit = self.serving.max_body
        if self._size > limit:
            raise PayloadTooLarge(f"the request body is larger than the limit of {limit} bytes")

    def body(self) -> bytes:
        """Give the whole body, whose size the site has checked."""
        return self._body.getvalue()

    def getRequestHostname(self) -> bytes:  # noqa: N802
        """Give a name for Klein, whose map refuses odd ones; routes are the same for all."""
        return b"localhost"

    def finish(self) -> None:
        """End the answer, and account for the request."""
        super().finish()
        self._account(self.code)

    def connectionLost(self, reason: Failure) -> None:  # noqa: N802
        """Account for a request whose client has left."""
        super().connectionLost(reason)
        self._account(CLIENT_LEFT)

    def _account(self, status: int) -> None:
        if not self._accounted:
            self._accounted = True
            self.serving.access(self, status)
