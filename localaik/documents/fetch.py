"""Fetches documents from http(s) URLs, only from where the policy allows it.

A name is resolved here, its addresses are checked, and the connection goes to the address
that was checked, so that a name cannot change its mind in between.  Each redirect is a new
URL and is checked like the first.
"""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, NoReturn
from urllib.parse import urljoin

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import URI, Agent, BrowserLikePolicyForHTTPS, ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IAgentEndpointFactory, IResponse
from zope.interface import implementer

from localaik.documents.addresses import is_public
from localaik.errors import BadRequest, LocalaikError

LARGEST = 64 * 1024**2  # bytes; as much as a request may bring along
PATIENCE = 30.0  # seconds for all of it, redirects too
_CONNECT_TIMEOUT = 10.0  # seconds
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HOW_TO_ALLOW = "--fetch allow permits it"

Resolve = Callable[[str], Deferred[Sequence[str]]]
MakeAgent = Callable[[str], IAgent]


class Fetcher:
    """Fetches by a policy: ``public``, ``allow`` or ``deny``.

    `resolve` gives the addresses of a host, `make_agent` an agent that connects to an
    address and to nothing else.
    """

    def __init__(self, policy: str, resolve: Resolve, make_agent: MakeAgent, clock: Any) -> None:
        self._policy = policy
        self._resolve = resolve
        self._make_agent = make_agent
        self._clock = clock

    def fetch(self, url: str) -> Deferred[tuple[bytes, str | None]]:
        """Fetch a URL; fires with the content and the type that the server says.

        Fails with BadRequest when the policy forbids it or it cannot be fetched.
        """
        fetched = Deferred.fromCoroutine(self._follow(url))
        fetched.addTimeout(PATIENCE, self._clock, _too_late)
        return fetched.addErrback(_tellable)

    async def _follow(self, url: str) -> tuple[bytes, str | None]:
        if self._policy == "deny":
            raise BadRequest("documents are not fetched from URLs here; --fetch public permits it")
        for _ in range(_MOST_REDIRECTS + 1):
            response = await self._ask(url)
            if response.code not in _REDIRECTS:
                return await _read(response)
            target = _header(response, b"location")
            _drop(response)
            if target is None:
                raise BadRequest("the server redirects to nowhere")
            url = urljoin(url, target)
        raise BadRequest(f"the server redirects more than {_MOST_REDIRECTS} times")

    async def _ask(self, url: str) -> IResponse:
        parsed = _parse(url)
        address = await self._address(parsed.host.decode("ascii").strip("[]"))
        agent = self._make_agent(address)
        headers = Headers({b"User-Agent": [b"localaik"], b"Accept": [b"*/*"]})
        response: IResponse = await agent.request(b"GET", parsed.toBytes(), headers)
        return response

    async def _address(self, host: str) -> str:
        addresses = await self._resolve(host)
        if not addresses:
            raise BadRequest("the URL's host cannot be found")
        if self._policy == "public" and not all(map(is_public, addresses)):
            raise BadRequest(f"the URL leads to an address that is not public; {_HOW_TO_ALLOW}")
        return addresses[0]


def pinned_agents(reactor: Any) -> MakeAgent:
    """Make the function that makes agents for one address each."""
    policy = BrowserLikePolicyForHTTPS()

    def make_agent(address: str) -> IAgent:
        factory = _PinnedEndpoints(reactor, address, policy)
        agent: IAgent = Agent.usingEndpointFactory(reactor, factory)
        return agent

    return make_agent


@implementer(IAgentEndpointFactory)
class _PinnedEndpoints:
    """Connects to one address whatever the URL says; TLS still checks the URL's name."""

    def __init__(self, reactor: Any, address: str, policy: BrowserLikePolicyForHTTPS) -> None:
        self._reactor = reactor
        self._address = address
        self._policy = policy

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:  # noqa: N802
        kind = TCP6ClientEndpoint if ":" in self._address else TCP4ClientEndpoint
        endpoint: IStreamClientEndpoint = kind(
            self._reactor, self._address, uri.port, timeout=_CONNECT_TIMEOUT
        )
        if uri.scheme != b"https":
            return endpoint
        secure: IStreamClientEndpoint = wrapClientTLS(
            self._policy.creatorForNetloc(uri.host, uri.port), endpoint
        )
        return secure


def resolver(reactor: Any) -> Resolve:
    """Make the function that looks up all addresses of a host by the system's resolver."""
    from socket import SOCK_STREAM, gaierror, getaddrinfo

    from twisted.internet.threads import deferToThreadPool

    def look_up(host: str) -> Sequence[str]:
        try:
            # It also reads the decimal and octal spellings of IPv4 addresses.
            found = getaddrinfo(host, None, type=SOCK_STREAM)
        except (gaierror, UnicodeError):
            return ()
        return [str(address[4][0]) for address in found]

    return lambda host: deferToThreadPool(reactor, reactor.getThreadPool(), look_up, host)


def _parse(url: str) -> URI:
    parsed: URI | None = None
    with contextlib.suppress(ValueError, UnicodeError):
        parsed = URI.fromBytes(url.strip().encode("ascii"))
    if parsed is None or parsed.scheme not in (b"http", b"https") or not parsed.host:
        raise BadRequest("expected an http:// or https:// URL of ASCII characters")
    if b"@" in parsed.netloc:
        raise BadRequest("URLs with a user and password are not fetched")
    return parsed


class _Body(Protocol):
    """Collects a body up to the limit; `done` fires with it, and is cancellable."""

    def __init__(self) -> None:
        self.done: Deferred[bytes] = Deferred(lambda _: self._close())
        self._pieces: list[bytes] = []
        self._size = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        self._size += len(data)
        self._pieces.append(data)
        if self._size > LARGEST and not self.done.called:
            self._close()
            self.done.errback(_too_large())

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802
        if self.done.called:
            return
        if reason.check(ResponseDone, PotentialDataLoss):
            self.done.callback(b"".join(self._pieces))
        else:
            self.done.errback(reason)

    def _close(self) -> None:
        if self.transport is not None:
            self.transport.loseConnection()


async def _read(response: IResponse) -> tuple[bytes, str | None]:
    if response.code != 200:
        _drop(response)
        raise BadRequest(f"the URL's server answered with status {response.code}")
    if isinstance(response.length, int) and response.length > LARGEST:
        _drop(response)
        raise _too_large()
    body = _Body()
    response.deliverBody(body)
    return await body.done, _header(response, b"content-type")


def _drop(response: IResponse) -> None:
    body = _Body()
    response.deliverBody(body)
    body.done.addErrback(lambda _: None)
    body.done.cancel()


def _header(response: IResponse, name: bytes) -> str | None:
    values = response.headers.getRawHeaders(name)
    return values[0].decode("latin-1") if values else None


def _too_large() -> BadRequest:
    return BadRequest(f"the URL's document is larger than {LARGEST} bytes")


def _too_late(*_: object) -> NoReturn:
    raise BadRequest(f"the URL could not be fetched within {PATIENCE:g} seconds")


def _tellable(failure: Failure) -> NoReturn:
    if failure.check(LocalaikError, CancelledError):
        failure.raiseException()
    raise BadRequest("the URL cannot be fetched") from None
