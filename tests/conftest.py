"""What the tests of several parts share: a fake upstream, the log, and a look at the reactor."""

import gc
import json

import attrs
import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock, deferLater
from twisted.logger import formatEvent, globalLogPublisher
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone, ResponseFailed
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IResponse
from zope.interface import implementer

EVENT_STREAM = {"Content-Type": "text/event-stream"}
JSON = {"Content-Type": "application/json; charset=utf-8"}
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}


@implementer(IResponse)
class UpstreamAnswer:
    """An answer of the fake upstream, sent piece by piece; also the transport of its body.

    Like a socket, it holds back what is sent while it is paused.  `left` says whether
    localaik has closed the connection.
    """

    version = (b"HTTP", 1, 1)
    phrase = b"-"
    length = None
    request = None
    previousResponse = None  # noqa: N815

    def __init__(self, status, headers):
        self.code = status
        self.headers = Headers({name: [value] for name, value in headers.items()})
        self.paused = False
        self.left = False
        self._reader = None
        self._held = []

    def deliverBody(self, protocol):  # noqa: N802
        self._reader = protocol
        protocol.makeConnection(self)
        self._deliver()

    def send(self, *pieces):
        """Send pieces of the body, each in a read of its own."""
        self._held.extend(pieces)
        self._deliver()

    def delta(self, text, **fields):
        """Send a chat chunk."""
        self.event({"choices": [{"index": 0, "delta": {"content": text, **fields}}]})

    def event(self, value):
        """Send JSON as an event, with what llama.cpp says in each chunk."""
        chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "tiny"}
        self.send(b"data: " + json.dumps(chunk | value).encode() + b"\n\n")

    def finish(self, reason="stop", usage=USAGE):
        """Send the finish reason, the usage and the end, as llama.cpp does."""
        self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        self.event({"choices": [], "usage": usage})
        self.send(b"data: [DONE]\n\n")
        self.end()

    def end(self):
        """End the body."""
        self._held.append(Failure(ResponseDone()))
        self._deliver()

    def cut(self):
        """Lose the connection in the middle of the body."""
        self._held.append(Failure(ResponseFailed([Failure(ConnectionLost())])))
        self._deliver()

    def pauseProducing(self):  # noqa: N802
        self.paused = True

    def resumeProducing(self):  # noqa: N802
        self.paused = False
        self._deliver()

    def loseConnection(self):  # noqa: N802
        self.left = True

    def _deliver(self):
        while self._held and self._reader is not None and not self.paused and not self.left:
            item = self._held.pop(0)
            if isinstance(item, Failure):
                self._reader.connectionLost(item)
            else:
                self._reader.dataReceived(item)


@attrs.define
class Asked:
    """A request as the fake upstream got it, to be answered by the test."""

    method: str
    url: str
    headers: Headers
    body: bytes
    cancelled: bool = False
    _answering: Deferred = attrs.Factory(
        lambda self: Deferred(lambda _: self._cancel()), takes_self=True
    )

    def json(self):
        return json.loads(self.body)

    def begin(self, status=200, headers=EVENT_STREAM):
        """Send the head of an answer."""
        answer = UpstreamAnswer(status, headers)
        self._answering.callback(answer)
        return answer

    def answer(self, body, status=200, headers=JSON):
        """Send a whole answer."""
        answer = self.begin(status, headers)
        answer.send(body if isinstance(body, bytes) else json.dumps(body).encode())
        answer.end()
        return answer

    def say(self, text, **fields):
        """Send a whole chat completion."""
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": "stop", **fields}
        self.answer({"model": "tiny", "choices": [choice], "usage": USAGE})

    def fail(self, error):
        """Fail without an answer."""
        self._answering.errback(error)

    def _cancel(self):
        self.cancelled = True


class Written:
    """Takes the body of a request."""

    def __init__(self):
        self.body = b""

    def write(self, data):
        self.body += data


@implementer(IAgent)
class FakeUpstream:
    """An agent whose requests are answered by the test, one by one."""

    def __init__(self):
        self.requests = []
        self._taken = 0

    def request(self, method, uri, headers=None, bodyProducer=None):  # noqa: N803
        written = Written()
        if bodyProducer is not None:
            bodyProducer.startProducing(written)
            assert bodyProducer.length == len(written.body)
        asked = Asked(method.decode(), uri.decode(), headers or Headers(), written.body)
        self.requests.append(asked)
        return asked._answering

    def asked(self):
        """Take the next request."""
        assert len(self.requests) > self._taken, "the upstream was not asked"
        self._taken += 1
        return self.requests[self._taken - 1]

    def idle(self):
        """Say whether no request waits to be taken."""
        return len(self.requests) == self._taken


class LogBook:
    """All that was logged; failures must be taken by the test that means them."""

    def __init__(self):
        self.events = []

    def __call__(self, event):
        self.events.append(event)

    def lines(self, namespace=""):
        """Give the messages whose namespace starts like this."""
        return [
            formatEvent(event)
            for event in self.events
            if event.get("log_namespace", "").startswith(namespace)
        ]

    def take_failures(self):
        """Give the failures that were logged, and forget them."""
        failed = [event for event in self.events if "log_failure" in event]
        self.events = [event for event in self.events if "log_failure" not in event]
        return failed


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def upstream():
    return FakeUpstream()


@pytest.fixture
def logged():
    """Give what is logged during the test, which fails if a failure is left in there."""
    book = LogBook()
    globalLogPublisher.addObserver(book)
    yield book
    globalLogPublisher.removeObserver(book)
    assert [event["log_failure"] for event in book.take_failures()] == []


@pytest.fixture(autouse=True, scope="module")
def no_lost_failures():
    """Fail when a Deferred of the module's tests was dropped with a failure in it."""
    lost = []

    def observe(event):
        if "Unhandled error in Deferred" in event.get("log_format", ""):
            lost.append(formatEvent(event))

    globalLogPublisher.addObserver(observe)
    yield
    gc.collect()
    globalLogPublisher.removeObserver(observe)
    assert lost == []


@pytest.fixture(autouse=True, scope="session")
def running_reactor():
    """Start the reactor, so that what it opens for itself is there before the first test."""
    pytest_twisted.blockon(deferLater(reactor, 0))


@pytest.fixture(autouse=True)
def clean_reactor(running_reactor):
    """Fail when the test leaves something in the reactor; pytest-twisted does not look."""
    before = _in_reactor()
    yield
    patience = 100
    while (left := _in_reactor() - before) and patience:
        # What is closing already may take a turn or two.
        patience -= 1
        pytest_twisted.blockon(deferLater(reactor, 0.02))
    assert left == set()


def _in_reactor():
    calls = {id(call): str(call) for call in reactor.getDelayedCalls()}
    watched = {id(one): repr(one) for one in (*reactor.getReaders(), *reactor.getWriters())}
    return set((calls | watched).items())
