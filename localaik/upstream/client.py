"""The client of the model server: treq over a pool of kept connections."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import unquote_to_bytes

import attrs
from treq.client import HTTPClient
from treq.cookies import IndexableCookieJar
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure
from twisted.web.client import Agent, HTTPConnectionPool
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IResponse

from localaik.errors import UpstreamFailed, UpstreamTimeout
from localaik.settings import UpstreamSettings
from localaik.upstream.agents import FreshConnectionAgent, HeaderAgent
from localaik.upstream.body import BodyReader, BytesProducer
from localaik.upstream.failures import translate

CONNECT_TIMEOUT = 10.0  # seconds; longer than any handshake that will still succeed
# Seconds; below the 5 of llama.cpp's HTTP library, so that we close first.
_KEPT_IDLE = 4.0
_MOST_KEPT = 256
LARGEST_BODY = 256 * 1024**2  # bytes of a whole answer


@attrs.frozen
class UpstreamResponse:
    """The head of an answer, and the ways to get its body; one of them must be used."""

    _response: IResponse
    _clock: IReactorTime
    _silence: float

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self._response.code)

    @property
    def content_type(self) -> str:
        """The media type, in lower case and without parameters."""
        values: Sequence[str] = self.headers.getRawHeaders("content-type") or [""]
        return values[0].partition(";")[0].strip().lower()

    @property
    def headers(self) -> Headers:
        """The header lines."""
        headers: Headers = self._response.headers
        return headers

    def deliver(self, receive: Callable[[bytes], None]) -> BodyReader:
        """Hand the body to `receive` as it comes; the reader tells its end."""
        reader = BodyReader(receive, self._clock, self._silence)
        self._response.deliverBody(reader)
        return reader

    async def collect(self) -> bytes:
        """Read the whole body."""
        pieces: list[bytes] = []
        size = 0

        def receive(data: bytes) -> None:
            nonlocal size
            size += len(data)
            if size > LARGEST_BODY:
                raise UpstreamFailed("the model server sent an answer that is too large")
            pieces.append(data)

        await self.deliver(receive).done
        return b"".join(pieces)


class Upstream:
    """Asks the model server.

    `locate` gives the base URL, or raises UpstreamUnavailable while there is none.
    """

    def __init__(
        self,
        agent: IAgent,
        locate: Callable[[], str],
        settings: UpstreamSettings,
        clock: IReactorTime,
    ) -> None:
        # A jar that takes nothing: what one client's answer sets is no other client's.
        jar = IndexableCookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._client = HTTPClient(FreshConnectionAgent(agent), cookiejar=jar)
        self._locate = locate
        self._settings = settings
        self._clock = clock

    async def post(self, path: str, body: bytes) -> UpstreamResponse:
        """Send JSON; fires when the head of the answer is there.

        Raises: UpstreamUnavailable, UpstreamFailed or UpstreamTimeout.
        """
        headers = {"Content-Type": "application/json"}
        return await self._request("POST", path, headers, BytesProducer(body))

    async def get(self, path: str, within: float | None = None) -> UpstreamResponse:
        """Ask for a resource; `within` in seconds replaces the setting for the head."""
        return await self._request("GET", path, {}, None, within)

    async def _request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: BytesProducer | None,
        within: float | None = None,
    ) -> UpstreamResponse:
        limit = within or self._settings.head_timeout
        asked: Deferred[Any] = self._client.request(
            method,
            self._locate() + path,
            headers=Headers({name: [value] for name, value in headers.items()}),
            data=body,
            allow_redirects=False,
            unbuffered=True,
            reactor=self._clock,  # type: ignore[arg-type]  # used for timeout= only, not given
        )
        asked.addTimeout(limit, self._clock, lambda *_: _timed_out(limit))
        asked.addErrback(_raise_translated)
        response = await asked
        return UpstreamResponse(response, self._clock, self._settings.silence_timeout)


def make_agent(reactor: Any, pool: HTTPConnectionPool, settings: UpstreamSettings) -> IAgent:
    """Make the agent that reaches the upstream with localaik's own credentials."""
    agent: IAgent = Agent(reactor, connectTimeout=CONNECT_TIMEOUT, pool=pool)
    headers = _credentials(settings)
    return agent if headers is None else HeaderAgent(agent, headers)


def make_pool(reactor: Any) -> HTTPConnectionPool:
    """Make the pool of kept connections; whoever makes it closes it."""
    pool = HTTPConnectionPool(reactor, persistent=True)
    pool.maxPersistentPerHost = _MOST_KEPT
    # Otherwise each connection writes two lines into the log; there is no public way.
    quiet: Any = type("QuietFactory", (pool._factory,), {"noisy": False})
    pool._factory = quiet
    pool.cachedConnectionTimeout = _KEPT_IDLE  # type: ignore[assignment]  # callLater's seconds
    return pool


def _credentials(settings: UpstreamSettings) -> Headers | None:
    if settings.auth_header is not None:
        name, _, value = settings.auth_header.partition(": ")
        return Headers({name: [value]})
    authority = (settings.url or "").partition("://")[2].partition("/")[0]
    credentials, at, _ = authority.rpartition("@")
    if not at:
        return None
    # Twisted's Agent takes no user and password from a URL.
    basic = b"Basic " + b64encode(unquote_to_bytes(credentials))
    return Headers({b"Authorization": [basic]})


def _timed_out(limit: float) -> None:
    raise UpstreamTimeout(f"the model server did not begin to answer within {limit:g} seconds")


def _raise_translated(failure: Failure) -> None:
    raise translate(failure) from None
