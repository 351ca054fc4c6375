"""HTTP in memory on both sides: the real site, clients of it, and the fake upstream below."""

import http.client
import io
import json
from itertools import count

import attrs
import pytest
from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from localaik.exchange import Exchange
from localaik.faces import anthropic, gemini, openai
from localaik.settings import UpstreamSettings
from localaik.upstream.client import Upstream
from localaik.upstream.health import check_health
from localaik.web.gemini import gemini_app
from localaik.web.health import HealthCheck, health_app
from localaik.web.health import render_error as render_plain_error
from localaik.web.openai import openai_app
from localaik.web.owner import Owner
from localaik.web.respond import make_app
from localaik.web.site import Protocol, Site

# What Twisted's TCP transport holds before it pauses the producer.
HIGH_WATER = 65536


@attrs.frozen
class Reply:
    """An answer as the client got it; header names are in lower case."""

    status: int
    headers: dict
    body: bytes
    complete: bool

    def json(self):
        assert self.headers["content-type"].startswith("application/json")
        return json.loads(self.body)


class Wire(StringTransport):
    """The server's end of a connection, with the manners of a TCP transport.

    What is written waits until the client reads it; an abort throws it away.  The end of
    the connection is told in the reactor's next turn.
    """

    def __init__(self, clock):
        super().__init__()
        self._clock = clock
        self._paused = False
        self.protocol = None
        self.closed = False
        self.reading = True

    def write(self, data):
        if self.closed:
            return
        super().write(data)
        if len(self.value()) > HIGH_WATER and self.producer is not None and not self._paused:
            self._paused = True
            self.producer.pauseProducing()

    def writeSequence(self, pieces):  # noqa: N802
        self.write(b"".join(pieces))

    def read(self):
        """Take what was written, for the client."""
        data = self.value()
        self.clear()
        if self._paused and self.producer is not None:
            self._paused = False
            self.producer.resumeProducing()
        return data

    def unregisterProducer(self):  # noqa: N802
        super().unregisterProducer()
        if self.disconnecting:
            self._clock.callLater(0, self.close, ConnectionDone())

    def loseConnection(self):  # noqa: N802
        self.disconnecting = True
        if self.producer is None:
            self._clock.callLater(0, self.close, ConnectionDone())

    def abortConnection(self):  # noqa: N802
        self.clear()
        self._clock.callLater(0, self.close, ConnectionAborted())

    def pauseProducing(self):  # noqa: N802
        self.reading = False

    def resumeProducing(self):  # noqa: N802
        self.reading = True

    def close(self, reason):
        """Tell the end, in the order of twisted.internet.tcp."""
        if self.closed:
            return
        self.closed = True
        producer, self.producer = self.producer, None
        if producer is not None:
            producer.stopProducing()
        self.protocol.connectionLost(Failure(reason))


class Received(io.BytesIO):
    """What a client has received, as the socket and the file of the standard parser."""

    def makefile(self, mode):
        return self

    def close(self):
        """Stay open, so that one can ask how far the parser got."""


class Client:
    """A client's end of a connection to the site."""

    def __init__(self, site, clock):
        self.wire = Wire(clock)
        self.wire.protocol = site.buildProtocol(None)
        self.wire.protocol.makeConnection(self.wire)
        self._received = b""

    def send(self, data):
        """Send bytes as they are."""
        self.wire.protocol.dataReceived(data)

    def ask(self, method, path, body=b"", **headers):
        """Send a request; underscores in names of headers stand for hyphens."""
        lines = {"host": "localhost", "content-length": len(body), **headers}
        head = [f"{method} {path} HTTP/1.1"]
        head += [f"{name.replace('_', '-')}: {value}" for name, value in lines.items()]
        self.send("\r\n".join([*head, "", ""]).encode("latin-1") + body)

    def get(self, path, **headers):
        """Ask for a resource, and read the answer."""
        self.ask("GET", path, **headers)
        return self.reply()

    def post(self, path, body, **headers):
        """Post JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.ask("POST", path, content, content_type="application/json", **headers)

    def so_far(self, method="GET"):
        """Look at an answer that may still grow."""
        self._received += self.wire.read()
        return self._parse(method)[0]

    def reply(self, method="GET"):
        """Read a whole answer."""
        self._received += self.wire.read()
        reply, size = self._parse(method)
        assert reply.complete, "the answer is not complete"
        self._received = self._received[size:]
        return reply

    def silent(self):
        """Say whether no byte of an answer has come."""
        self._received += self.wire.read()
        return not self._received

    def leave(self):
        """Close the connection."""
        self.wire.close(ConnectionDone())

    def _parse(self, method):
        received = Received(self._received)
        response = http.client.HTTPResponse(received, method=method)
        response.begin()
        headers = {name.lower(): value for name, value in response.getheaders()}
        endless = response.length is None and not response.chunked
        try:
            body, complete = response.read(), self.wire.closed or not endless
        except http.client.IncompleteRead as cut:
            body, complete = cut.partial, False
        return Reply(response.status, headers, body, complete), received.tell()


@pytest.fixture
def make_site(clock, upstream, logged):
    """Make the site as the service does, over the fake upstream and with known ids."""

    def make(*, max_body=1024**2, access_log=True, locate=None, **times):
        url = "http://model.test:8080"
        settings = UpstreamSettings(url=url, **times)
        below = Upstream(upstream, locate or (lambda: url), settings, clock)
        ids = (f"id-{number}" for number in count(1))
        exchange = Exchange(below, clock, lambda: next(ids))
        health = HealthCheck(lambda: check_health(below), lambda: url)
        protocols = {
            Owner.GEMINI: Protocol(gemini_app(exchange), gemini.FACE.render_error),
            Owner.OPENAI: Protocol(openai_app(exchange), openai.render_error),
            Owner.ANTHROPIC: Protocol(make_app(anthropic.render_error), anthropic.render_error),
            Owner.LOCALAIK: Protocol(health_app(health), render_plain_error),
        }
        return Site(protocols, clock, max_body=max_body, access_log=access_log)

    return make


@pytest.fixture
def connect(make_site, clock):
    """Connect a client to a site with these settings."""
    return lambda **settings: Client(make_site(**settings), clock)


@pytest.fixture
def join(clock):
    """Connect one more client to a site."""
    return lambda site: Client(site, clock)


@pytest.fixture
def client(connect):
    return connect()


@pytest.fixture
def stream():
    """Ask for a stream, by the tag of a protocol."""

    def ask(client, tag, **headers):
        if tag == "gemini":
            path = "/v1/models/gemma:streamGenerateContent?alt=sse"
            client.post(path, {"contents": [{"parts": [{"text": "Hi"}]}]}, **headers)
        else:
            body = {"messages": [{"role": "user", "content": "Hi"}], "stream": True}
            client.post("/v1/chat/completions", body, **headers)

    return ask
