"""Whether the model server can answer."""

import pytest
from twisted.internet.defer import Deferred

from localaik.errors import NotFound, UpstreamTimeout, UpstreamUnavailable
from localaik.upstream.health import PATIENCE, check_health


@pytest.fixture
def check(network, make_client):
    """Begin a check; the list gets its outcome."""

    def begin():
        got = []
        Deferred.fromCoroutine(check_health(make_client())).addBoth(got.append)
        return got

    return begin


def answer(network, status, body=b""):
    connection = network.accept()
    head, _ = connection.sent()
    connection.say(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body))
    return head[0]


def test_a_200_is_good(network, check):
    got = check()
    assert answer(network, 200) == "GET /health HTTP/1.1"
    assert got == [None]


def test_a_server_without_the_route_is_asked_for_its_models(network, check):
    got = check()
    connection = network.accept()
    connection.sent()
    connection.say(b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n")
    head, _ = connection.sent()
    assert head[0] == "GET /v1/models HTTP/1.1"
    connection.say(b"HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n")
    assert got == [None]


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (503, b'{"error":{"message":"Loading model"}}', UpstreamUnavailable, "Loading model"),
        (503, b"", UpstreamUnavailable, "the upstream answered 503"),
    ],
)
def test_any_other_status_says_why(network, check, status, body, kind, message):
    got = check()
    answer(network, status, body)
    assert (got[0].type, got[0].value.message) == (kind, message)


def test_a_server_with_neither_route_is_not_found(network, check):
    got = check()
    connection = network.accept()
    for _ in range(2):
        connection.say(b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n")
    assert got[0].check(NotFound)


def test_a_server_that_does_not_answer_is_given_up(network, check):
    got = check()
    network.accept()
    network.advance(PATIENCE)
    assert got[0].check(UpstreamTimeout)
    assert network.waiting() == []
