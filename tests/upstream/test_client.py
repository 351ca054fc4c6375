"""The client of the model server, down to the bytes."""

import gzip

import pytest
from twisted.internet import error
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionLost, DNSLookupError

from localaik.errors import UpstreamFailed, UpstreamTimeout, UpstreamUnavailable
from localaik.upstream import client as client_module

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ANSWER = HEAD + b"Content-Length: 2\r\n\r\n{}"


def begin(coroutine):
    """Start something; what became of it is told by the two below."""
    return Deferred.fromCoroutine(coroutine)


def result_of(running):
    assert running.called, "it is not done"
    got = []
    running.addCallback(got.append)
    return got[0]


def failure_of(running):
    assert running.called, "it is not done"
    got = []
    running.addErrback(got.append)
    return got[0].value


async def collect(asked):
    return await (await asked).collect()


def test_a_request_is_sent_in_its_own_words(network, make_client):
    asked = begin(collect(make_client().post("/v1/chat/completions", b'{"x":1}')))
    (attempt,) = network.attempts()
    assert (attempt.host, attempt.port) == ("127.0.0.1", 8080)
    assert attempt.timeout == client_module.CONNECT_TIMEOUT
    connection = attempt.accept(network)
    head, body = connection.sent()
    assert head[0] == "POST /v1/chat/completions HTTP/1.1"
    assert sorted(head[1:]) == [
        "Accept-Encoding: gzip",
        "Content-Length: 7",
        "Content-Type: application/json",
        "Host: 127.0.0.1:8080",
    ]
    assert body == b'{"x":1}'
    connection.say(ANSWER)
    assert result_of(asked) == b"{}"


def test_the_head_of_an_answer_can_be_looked_at(network, make_client):
    asked = begin(make_client().get("/health"))
    network.accept().say(b"HTTP/1.1 503 X\r\nContent-Type: Text/HTML; a=b\r\nX-A: 1\r\n\r\n")
    response = result_of(asked)
    assert (response.status, response.content_type) == (503, "text/html")
    assert response.headers.getRawHeaders("x-a") == ["1"]


def test_a_head_without_a_type_has_none(network, make_client):
    asked = begin(make_client().get("/health"))
    network.accept().say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert result_of(asked).content_type == ""


def test_the_path_of_the_base_url_is_kept(network, make_client):
    begin(make_client("http://127.0.0.1/llama").get("/health"))
    head, _ = network.accept().sent()
    assert head[0] == "GET /llama/health HTTP/1.1"


def test_a_packed_answer_is_unpacked(network, make_client):
    asked = begin(collect(make_client().get("/x")))
    packed = gzip.compress(b"hello")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    network.accept().say(head % len(packed) + packed)
    assert result_of(asked) == b"hello"


def test_a_packed_answer_that_is_broken_fails(network, make_client):
    asked = begin(collect(make_client().get("/x")))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 99\r\n\r\n"
    network.accept().say(head + b"this is not gzip")
    assert isinstance(failure_of(asked), UpstreamFailed)


# Credentials.


def test_the_auth_header_is_sent(network, make_client):
    client = make_client(auth_header="X-Key: SECRET")
    begin(client.post("/x", b""))
    head, _ = network.accept().sent()
    assert "X-Key: SECRET" in head


def test_credentials_of_the_url_are_sent_as_basic_authorization(network, make_client):
    client = make_client("http://us%40er:p%3Aw@127.0.0.1:1", locate=lambda: "http://127.0.0.1:1")
    begin(client.get("/x"))
    head, _ = network.accept().sent()
    assert "Authorization: Basic dXNAZXI6cDp3" in head


def test_the_auth_header_beats_credentials_of_the_url(network, make_client):
    client = make_client("http://u:p@127.0.0.1:1", auth_header="Authorization: Bearer SECRET")
    begin(client.get("/x"))
    head, _ = network.accept().sent()
    assert [line for line in head if line.startswith("Authorization")] == [
        "Authorization: Bearer SECRET"
    ]


def test_without_credentials_none_are_sent(network, make_client):
    begin(make_client().get("/x"))
    head, _ = network.accept().sent()
    assert not [line for line in head if line.startswith("Authorization")]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(network, make_client, status):
    asked = begin(make_client(auth_header="X-Key: SECRET").get("/x"))
    text = "HTTP/1.1 %d X\r\nLocation: http://elsewhere.test/\r\nContent-Length: 0\r\n\r\n"
    network.accept().say((text % status).encode())
    assert result_of(asked).status == status
    assert network.attempts() == []


# What goes wrong before the head.


def test_no_address_yet_is_told_as_it_is(make_client):
    def locate():
        raise UpstreamUnavailable("the model is loading")

    error = failure_of(begin(make_client(locate=locate).get("/x")))
    assert (type(error), error.message) == (UpstreamUnavailable, "the model is loading")


@pytest.mark.parametrize(
    "reason", [error.ConnectionRefusedError(), DNSLookupError(), error.TimeoutError()]
)
def test_a_server_that_cannot_be_reached_is_a_503(network, make_client, reason):
    asked = begin(make_client().post("/x", b""))
    network.refuse(reason)
    error = failure_of(asked)
    assert (type(error), error.message, error.retry_after) == (
        UpstreamUnavailable,
        "the model server cannot be reached",
        1.0,
    )


@pytest.mark.parametrize(
    "text",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"\x00\xff\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"x" * 70_000,
    ],
)
def test_an_answer_that_is_no_http_is_a_502_and_not_repeated(network, make_client, text):
    asked = begin(make_client().post("/x", b""))
    connection = network.accept()
    connection.say(text)
    connection.close()
    assert isinstance(failure_of(asked), UpstreamFailed)
    assert network.attempts() == []


def test_a_head_that_does_not_come_is_a_504(network, make_client):
    asked = begin(make_client(head_timeout=20.0).post("/x", b""))
    connection = network.accept()
    network.advance(19.9)
    assert not asked.called
    network.advance(0.1)
    error = failure_of(asked)
    assert (type(error), error.message) == (
        UpstreamTimeout,
        "the model server did not begin to answer within 20 seconds",
    )
    assert connection.disconnecting
    # Giving up is no dead connection: nothing is asked again.
    assert network.attempts() == []
    assert network.waiting() == []


def test_one_request_may_have_a_limit_of_its_own(network, make_client):
    asked = begin(make_client(head_timeout=600.0).get("/x", within=5))
    network.accept()
    network.advance(5)
    assert failure_of(asked).message.endswith("within 5 seconds")


def test_a_request_given_up_closes_its_connection_and_is_not_repeated(network, make_client):
    asked = begin(make_client().post("/x", b""))
    connection = network.accept()
    asked.cancel()
    assert isinstance(failure_of(asked), CancelledError)
    assert connection.disconnecting
    assert network.attempts() == []
    assert network.waiting() == []


def test_a_request_given_up_before_the_connection_is_there_stops_that(network, make_client):
    asked = begin(make_client().post("/x", b""))
    asked.cancel()
    assert isinstance(failure_of(asked), CancelledError)
    assert network.waiting() == []


# Kept connections.


def answered(network, make_client, connection=None):
    """Have one request answered, so that its connection is kept."""
    client = make_client()
    asked = begin(collect(client.post("/one", b"1")))
    connection = network.accept()
    connection.sent()
    connection.say(ANSWER)
    assert result_of(asked) == b"{}"
    return client, connection


def test_a_connection_is_kept_and_used_again(network, make_client):
    client, connection = answered(network, make_client)
    asked = begin(collect(client.post("/two", b"2")))
    assert network.attempts() == []
    head, body = connection.sent()
    assert (head[0], body) == ("POST /two HTTP/1.1", b"2")
    connection.say(ANSWER)
    assert result_of(asked) == b"{}"


@pytest.mark.parametrize("reason", [None, ConnectionLost()])
def test_a_kept_connection_that_turns_out_dead_is_replaced_once(network, make_client, reason):
    client, connection = answered(network, make_client)
    asked = begin(collect(client.post("/two", b"2")))
    connection.close(reason)
    fresh = network.accept()
    head, body = fresh.sent()
    assert (head[0], body) == ("POST /two HTTP/1.1", b"2")
    fresh.close(reason)
    error = failure_of(asked)
    assert (type(error), error.message) == (
        UpstreamFailed,
        "the model server closed the connection without an answer",
    )
    assert network.attempts() == []


def test_an_answer_after_the_repetition_is_as_good(network, make_client):
    client, connection = answered(network, make_client)
    asked = begin(collect(client.post("/two", b"2")))
    connection.close()
    network.accept().say(ANSWER)
    assert result_of(asked) == b"{}"


def test_a_connection_lost_after_the_first_byte_is_not_repeated(network, make_client):
    client, connection = answered(network, make_client)
    asked = begin(collect(client.post("/two", b"2")))
    connection.say(b"HTTP/1.1 200 OK\r\n")
    connection.close()
    assert isinstance(failure_of(asked), UpstreamFailed)
    assert network.attempts() == []


def test_a_kept_connection_is_closed_before_the_server_does_it(network, make_client):
    _, connection = answered(network, make_client)
    network.advance(3.9)
    assert not connection.disconnecting
    network.advance(0.2)
    assert connection.disconnecting


def test_many_connections_are_kept(network, make_client, pool):
    client = make_client()
    asked = [begin(collect(client.post("/x", b""))) for _ in range(50)]
    connections = [attempt.accept(network) for attempt in network.attempts()]
    for connection in connections:
        connection.say(ANSWER)
    assert [result_of(one) for one in asked] == [b"{}"] * 50
    assert not any(connection.disconnecting for connection in connections)
    pool.closeCachedConnections()
    assert all(connection.disconnecting for connection in connections)
    assert network.waiting() == []


# Bodies.


@pytest.mark.parametrize(
    ("head", "pieces"),
    [
        (b"Content-Length: 6\r\n\r\n", [b"ab", b"cdef"]),
        (b"Transfer-Encoding: chunked\r\n\r\n", [b"2\r\nab\r\n", b"4\r\ncd", b"ef\r\n0\r\n\r\n"]),
        (b"\r\n", [b"abc", b"def"]),
    ],
)
def test_a_body_is_collected_however_it_is_framed(network, make_client, head, pieces):
    asked = begin(collect(make_client().get("/x")))
    connection = network.accept()
    connection.say(b"HTTP/1.1 200 OK\r\n" + head)
    for piece in pieces:
        connection.say(piece)
    connection.close()
    assert result_of(asked) == b"abcdef"


@pytest.mark.parametrize(
    "text",
    [
        b"Content-Length: 6\r\n\r\nabc",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n4\r\nab",
    ],
)
def test_a_body_that_is_cut_fails(network, make_client, text):
    asked = begin(collect(make_client().get("/x")))
    connection = network.accept()
    connection.say(b"HTTP/1.1 200 OK\r\n" + text)
    connection.close()
    error = failure_of(asked)
    assert (type(error), error.message) == (
        UpstreamFailed,
        "the model server broke off its answer",
    )


@pytest.mark.parametrize("text", [b"zz\r\nab\r\n", b"2\r\nabXX", b"-1\r\n"])
def test_chunks_that_are_none_fail(network, make_client, text):
    asked = begin(collect(make_client().get("/x")))
    connection = network.accept()
    connection.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.say(text)
    assert isinstance(failure_of(asked), UpstreamFailed)
    assert connection.disconnecting


def test_a_body_that_never_ends_is_given_up(network, make_client, monkeypatch):
    monkeypatch.setattr(client_module, "LARGEST_BODY", 100)
    asked = begin(collect(make_client().get("/x")))
    connection = network.accept()
    connection.say(b"HTTP/1.1 200 OK\r\n\r\n")
    connection.say(b"x" * 100)
    assert not asked.called
    connection.say(b"x")
    error = failure_of(asked)
    assert error.message == "the model server sent an answer that is too large"
    assert connection.disconnecting


def test_a_silent_body_is_given_up(network, make_client):
    asked = begin(collect(make_client(silence_timeout=30.0).get("/x")))
    connection = network.accept()
    connection.say(HEAD + b"Content-Length: 9\r\n\r\nab")
    network.advance(29)
    connection.say(b"c")
    network.advance(29)
    assert not asked.called
    network.advance(1)
    error = failure_of(asked)
    assert (type(error), error.message) == (
        UpstreamTimeout,
        "the model server was silent for 30 seconds",
    )
    assert connection.disconnecting
    assert network.waiting() == []


def test_a_body_given_up_closes_its_connection_at_once(network, make_client):
    asked = begin(collect(make_client().get("/x")))
    connection = network.accept()
    connection.say(HEAD + b"Content-Length: 9\r\n\r\nab")
    asked.cancel()
    assert isinstance(failure_of(asked), CancelledError)
    assert connection.disconnecting
    assert network.waiting() == []
