"""The site: finds the protocol that owns a request, and hands it to that protocol's app."""

import re
from collections.abc import Mapping
from typing import Any

import attrs
from klein import Klein
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web import server
from twisted.web.http import HTTPChannel
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from localaik.errors import PayloadTooLarge
from localaik.web.owner import Owner, find_route
from localaik.web.request import BoundedRequest
from localaik.web.respond import RenderError, respond_error
from localaik.web.traffic import Traffic

_PROBES = frozenset({"/health", "/livez", "/readyz", "/v1/health"})
_UNSAFE = re.compile(r"[^!-~]")
_LONGEST_PATH = 300  # characters in the log
_log = Logger(namespace="localaik.access")


@attrs.frozen
class Protocol:
    """What the site knows of a protocol: its routes, and how it says errors."""

    app: Klein
    render_error: RenderError


class Channel(HTTPChannel):
    """A connection that the site knows of."""

    site: "Site"

    def connectionMade(self) -> None:  # noqa: N802
        """Open the connection."""
        super().connectionMade()
        self.site.traffic.open(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802
        """Close the connection."""
        self.site.traffic.close(self)
        super().connectionLost(reason)


class Site(server.Site):
    """All protocols on one port.  `max_body` is in bytes."""

    noisy = False
    # Twisted's own choice wraps this to negotiate HTTP/2, which needs TLS.
    protocol = Channel  # type: ignore[assignment]
    requestFactory = BoundedRequest  # noqa: N815

    def __init__(
        self,
        protocols: Mapping[Owner, Protocol],
        clock: IReactorTime,
        *,
        max_body: int,
        access_log: bool,
    ) -> None:
        super().__init__(
            _Root(protocols),
            requestFactory=BoundedRequest,
            reactor=clock,
            # Bodies are JSON; looking for forms in them costs every request.
            parsePOSTFormSubmission=False,
        )
        self.clock = clock
        self.max_body = max_body
        self.traffic = Traffic()
        self._access_log = access_log

    def access(self, request: BoundedRequest, status: int) -> None:
        """Write the access line of a request; its query may hold keys and is left out."""
        method, path = _asked(request)
        if not self._access_log or (status == 200 and path in _PROBES):
            return
        _log.info(
            "{protocol} {method} {path} {status} {milliseconds:.1f} ms",
            protocol=request.protocol,
            method=method,
            path=path,
            status=status,
            milliseconds=(self.clock.seconds() - request.began) * 1000,
        )

    def log(self, request: Any) -> None:
        """Write nothing: requests that clients leave would be missing in this log."""


class _Root(Resource):
    isLeaf = True  # noqa: N815

    def __init__(self, protocols: Mapping[Owner, Protocol]) -> None:
        super().__init__()
        self._protocols = protocols
        self._resources = {owner: known.app.resource() for owner, known in protocols.items()}

    def render(self, request: BoundedRequest) -> Any:
        # What is no UTF-8 matches no route, and is still somebody's path.
        segments = [segment.decode(errors="replace") for segment in request.postpath or ()]
        route = find_route(segments, request.requestHeaders, request.args)
        request.protocol = route.owner.value
        try:
            request.check_size()
        except PayloadTooLarge:
            # Whether there is such a route does not matter any more.
            return respond_error(request, Failure(), self._protocols[route.owner].render_error)
        request.postpath = [segment.encode() for segment in route.segments] or [b""]
        self._resources[route.owner].render(request)
        return NOT_DONE_YET


def _asked(request: BoundedRequest) -> tuple[str, str]:
    # A client may leave before its request was there as a whole; Twisted knows neither then.
    path: Any = request.path
    if path is None:
        return "-", "-"
    return _printable(request.method), _printable(path)[:_LONGEST_PATH]


def _printable(text: bytes) -> str:
    return _UNSAFE.sub("?", text.decode("latin-1"))
