"""Bodies: how large they may be, and that they are let go."""

import pytest

LIMIT = 1000
PATHS = [
    ("/v1/models/gemma:generateContent", "gemini"),
    ("/v1/models/gemma:streamGenerateContent?alt=sse", "gemini"),
    ("/v1/models/gemma:countTokens", "gemini"),
    ("/v1beta/nothing", "gemini"),
    ("/v1/chat/completions", "openai"),
    ("/v1/nothing", "openai"),
    ("/v1/messages", "anthropic"),
    ("/health", "localaik"),
]


def too_large(reply):
    message = "the request body is larger than the limit of 1000 bytes"
    assert reply.status == 413
    shapes = {
        "gemini": {"error": {"code": 413, "message": message, "status": "INVALID_ARGUMENT"}},
        "openai": {
            "error": {
                "message": message,
                "type": "invalid_request_error",
                "param": None,
                "code": None,
            }
        },
        "anthropic": {
            "type": "error",
            "error": {"type": "request_too_large", "message": message},
        },
        "localaik": {"error": {"message": message}},
    }
    (owner,) = [owner for owner, shape in shapes.items() if reply.json() == shape]
    return owner


def request_of(site):
    (channel,) = site.traffic._channels
    (request,) = channel.requests
    return request


@pytest.fixture
def site(make_site):
    return make_site(max_body=LIMIT)


@pytest.mark.parametrize(("path", "owner"), PATHS)
def test_a_body_over_the_limit_is_refused(site, join, upstream, path, owner):
    client = join(site)
    client.post(path, b"x" * (LIMIT + 1))
    assert too_large(client.reply()) == owner
    assert upstream.idle()


@pytest.mark.parametrize(("path", "owner"), PATHS)
def test_a_chunked_body_over_the_limit_is_refused(site, join, upstream, path, owner):
    client = join(site)
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    client.send(head.encode() + (b"64\r\n" + b"x" * 100 + b"\r\n") * 11 + b"0\r\n\r\n")
    assert too_large(client.reply()) == owner
    assert client.get("/livez").status == 200


def test_a_body_of_just_the_limit_is_taken(site, join, upstream):
    body = b'{"messages":[{"role":"user","content":"%b"}]}'
    body %= b"x" * (LIMIT - len(body) + 2)
    assert len(body) == LIMIT
    client = join(site)
    client.post("/v1/chat/completions", body)
    assert upstream.asked().body == body


@pytest.mark.parametrize("size", [10_000, 200_000, 5_000_000])
def test_a_large_body_stays_in_memory_and_whole(make_site, join, upstream, size):
    client = join(make_site(max_body=10_000_000))
    body = b'{"messages":[{"role":"user","content":"%b"}]}' % (b"x" * size)
    client.post("/v1/chat/completions", body)
    assert upstream.asked().body == body


def test_what_is_over_the_limit_is_not_kept(site, join):
    client = join(site)
    client.send(b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 9000\r\n\r\n")
    client.send(b"x" * LIMIT)
    assert len(request_of(site)._body.getvalue()) == LIMIT
    for _ in range(7):
        client.send(b"x" * LIMIT)
        assert request_of(site)._body.getvalue() == b""
    client.send(b"x" * LIMIT)
    assert client.reply().status == 413


def test_a_body_far_beyond_the_limit_ends_the_connection(site, join, clock, logged):
    client = join(site)
    client.send(b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 999999\r\n\r\n")
    for _ in range(16):
        client.send(b"x" * LIMIT)
    assert not client.wire.disconnecting
    client.send(b"x")
    clock.advance(0)
    assert client.wire.closed
    assert site.traffic._channels == set()
    assert logged.lines("localaik.access") == ["- - - 499 0.0 ms"]


def test_a_client_that_leaves_while_it_sends_is_accounted_for(site, join, logged):
    client = join(site)
    client.send(b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nxx")
    client.leave()
    assert site.traffic._channels == set()
    assert logged.lines("localaik.access") == ["- - - 499 0.0 ms"]


def test_a_client_that_asks_first_is_told_to_go_on(site, join, upstream):
    body = b'{"messages":[{"role":"user","content":"Hi"}]}'
    client = join(site)
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n"
    client.send(head + b"content-length: %d\r\n\r\n" % len(body))
    assert client.wire.value() == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(body)
    upstream.asked().say("Hello")
    assert client.reply().status == 200


def test_a_body_is_read_whatever_its_type_says(site, join, upstream):
    client = join(site)
    body = b'{"messages":[{"role":"user","content":"Hi"}]}'
    for content_type in ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain"):
        client.ask("POST", "/v1/chat/completions", body, content_type=content_type)
        asked = upstream.asked()
        assert asked.body == body
        asked.say("Hello")
        client.reply()


def test_an_idle_connection_is_closed_after_a_minute(site, join, clock):
    client = join(site)
    assert client.get("/livez").status == 200
    clock.advance(59)
    assert not client.wire.disconnecting
    clock.advance(1)
    clock.advance(0)
    assert client.wire.closed


def test_a_long_answer_is_no_idle_connection(site, join, upstream, clock):
    client = join(site)
    client.post("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hi"}]})
    clock.advance(300)
    assert not client.wire.disconnecting
    upstream.asked().say("Hello")
    assert client.reply().status == 200
