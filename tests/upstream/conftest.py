"""The model server as raw bytes: the real agent and pool over connections in memory."""

import attrs
import pytest
from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from localaik.settings import UpstreamSettings
from localaik.upstream.client import Upstream, make_agent, make_pool


class Connection(StringTransport):
    """localaik's end of a connection to the model server; the test plays the server."""

    def __init__(self, factory, network):
        super().__init__()
        self._network = network
        self.protocol = factory.buildProtocol(None)
        self.lost = False
        self.protocol.makeConnection(self)

    def sent(self):
        """Take what localaik has sent: the head's lines and the body."""
        head, _, body = self.value().partition(b"\r\n\r\n")
        self.clear()
        return head.decode().split("\r\n"), body

    def say(self, data):
        self.protocol.dataReceived(data)

    def close(self, reason=None):
        if not self.lost:
            self.lost = True
            self.protocol.connectionLost(Failure(reason or ConnectionDone()))

    def loseConnection(self):  # noqa: N802
        self.disconnecting = True
        self._network.callLater(0, self.close)

    def abortConnection(self):  # noqa: N802
        self.disconnecting = True
        self._network.callLater(0, self.close, ConnectionAborted())


class Network(MemoryReactorClock):
    """A reactor whose connections are all in memory."""

    def attempts(self):
        """Take the attempts to connect since the last look."""
        made, self.tcpClients[:] = self.tcpClients[:], []
        return [Attempt(*attempt) for attempt in made]

    def accept(self):
        """Accept the one connection that was tried."""
        (attempt,) = self.attempts()
        return attempt.accept(self)

    def waiting(self):
        """Give what still waits for time to pass."""
        self.advance(0)
        return self.getDelayedCalls()

    def refuse(self, reason):
        """Refuse the one connection that was tried, and let the endpoint notice."""
        (attempt,) = self.attempts()
        attempt.factory.clientConnectionFailed(None, Failure(reason))
        self.advance(1)


@attrs.frozen
class Attempt:
    """An attempt to connect."""

    host: str
    port: int
    factory: object
    timeout: float
    bind_address: object

    def accept(self, network):
        return Connection(self.factory, network)


@pytest.fixture
def network():
    return Network()


@pytest.fixture
def pool(network):
    return make_pool(network)


@pytest.fixture
def make_client(network, pool, logged):
    """Make the client of the model server as the service does."""

    def make(url="http://127.0.0.1:8080", locate=None, **settings):
        made = UpstreamSettings(url=url, **settings)
        agent = make_agent(network, pool, made)
        return Upstream(agent, locate or (lambda: url.replace("u:p@", "")), made, network)

    return make
