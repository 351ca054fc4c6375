"""The wrappers of IAgent."""

import pytest
from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError
from twisted.web.client import RequestTransmissionFailed, ResponseFailed, ResponseNeverReceived
from twisted.web.http_headers import Headers

from localaik.upstream.agents import FreshConnectionAgent, HeaderAgent
from localaik.upstream.body import BytesProducer

URL = b"http://model.test/x"


def test_header_lines_are_added_and_replace_what_was_there(upstream):
    agent = HeaderAgent(upstream, Headers({"X-Key": ["k"], "X-Two": ["1", "2"]}))
    given = Headers({"x-key": ["theirs"], "X-Own": ["3"]})
    agent.request(b"POST", URL, given, BytesProducer(b"body"))
    asked = upstream.asked()
    assert (asked.method, asked.url, asked.body) == ("POST", URL.decode(), b"body")
    assert asked.headers == Headers({"x-key": ["k"], "x-two": ["1", "2"], "x-own": ["3"]})
    assert given == Headers({"x-key": ["theirs"], "x-own": ["3"]})


def test_header_lines_are_added_to_none(upstream):
    HeaderAgent(upstream, Headers({"X-Key": ["k"]})).request(b"GET", URL)
    assert upstream.asked().headers == Headers({"x-key": ["k"]})


def request(upstream):
    got = []
    agent = FreshConnectionAgent(upstream)
    asked = agent.request(b"POST", URL, Headers({"X-A": ["1"]}), BytesProducer(b"body"))
    asked.addBoth(got.append)
    return asked, got


DEAD = [
    ResponseNeverReceived([Failure(ConnectionDone())]),
    ResponseNeverReceived([Failure(ConnectionLost())]),
    RequestTransmissionFailed([Failure(ConnectionLost())]),
]


@pytest.mark.parametrize("error", DEAD)
def test_a_request_lost_with_its_connection_is_repeated_once(upstream, error):
    _, got = request(upstream)
    upstream.asked().fail(error)
    assert got == []
    again = upstream.asked()
    assert (again.method, again.url, again.body) == ("POST", URL.decode(), b"body")
    assert again.headers == Headers({"x-a": ["1"]})
    again.fail(error)
    assert got[0].value is error
    assert upstream.idle()


def test_an_answer_is_passed_on(upstream):
    _, got = request(upstream)
    answer = upstream.asked().begin()
    assert got == [answer]


@pytest.mark.parametrize(
    "error",
    [
        ResponseNeverReceived([Failure(ParseError("no HTTP", b""))]),
        ResponseNeverReceived([Failure(CancelledError()), Failure(ConnectionDone())]),
        ResponseFailed([Failure(ConnectionLost())]),
        ConnectionLost(),
        CancelledError(),
        KeyError("a bug"),
    ],
)
def test_other_failures_are_not_repeated(upstream, error):
    _, got = request(upstream)
    upstream.asked().fail(error)
    assert got[0].value is error
    assert upstream.idle()


def test_a_cancelled_request_is_not_repeated(upstream):
    asked, got = request(upstream)
    asked.cancel()
    assert got[0].check(CancelledError)
    assert upstream.asked().cancelled
    assert upstream.idle()


def test_a_cancelled_repetition_is_cancelled(upstream):
    asked, got = request(upstream)
    upstream.asked().fail(DEAD[0])
    asked.cancel()
    assert got[0].check(CancelledError)
    assert upstream.asked().cancelled
