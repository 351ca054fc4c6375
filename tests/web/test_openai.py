"""OpenAI over HTTP: relayed byte for byte, whole and streamed."""

import json

import pytest

from localaik.web import openai

PATH = "/v1/chat/completions"
HI = {"messages": [{"role": "user", "content": "Hi"}]}
STREAMED = HI | {"stream": True}


def error(message, kind="invalid_request_error", param=None, code=None):
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


ODD = (
    '{ "zz":1,\t"messages" :[{"content":"h\u00e9 \u2028 \U0001f600","role":"user"}],\r\n'
    '"min_p":0.10,"made_up":{"b":1,"a":[null, 1e3]},"model":"x/y:z" }\n'
).encode()


def test_a_request_and_its_answer_pass_byte_for_byte(client, upstream):
    client.post(PATH, ODD)
    asked = upstream.asked()
    assert (asked.method, asked.url) == ("POST", f"http://model.test:8080{PATH}")
    assert asked.body == ODD
    answer = b'{ "usage":{"x": 1.0e0},"choices":[ ] ,"\xc3\xa9":"\\u00e9 \xe2\x80\xa8"}\n'
    asked.answer(answer)
    reply = client.reply()
    assert (reply.status, reply.body) == (200, answer)
    assert reply.headers["content-type"] == "application/json"


PIECES = [
    b": comment\n\n",
    b'data: { "z":1, "choices":[{"delta":{"content":"\xf0\x9f\x98\x80"},"index":0}] }\r\n\r\n',
    b'id: 3\nevent: x\ndata: {"choices":[]}\n\n',
    b'data: {"choices":[{"finish_reason":"stop","delta":{}}]}\n\n',
    b"data: [DONE]\n\n",
]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_stream_passes_byte_for_byte_in_any_chunking(client, upstream, size):
    client.post(PATH, STREAMED)
    answer = upstream.asked().begin(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    text = b"".join(PIECES)
    answer.send(*[text[at : at + size] for at in range(0, len(text), size)])
    answer.end()
    reply = client.reply()
    assert (reply.status, reply.body) == (200, text)
    assert reply.headers["content-type"] == "text/event-stream"


def test_each_event_is_passed_on_at_once(client, upstream):
    client.post(PATH, STREAMED)
    answer = upstream.asked().begin()
    assert client.silent()
    answer.delta("Hel")
    first = client.so_far().body
    assert first.endswith(b"\n\n")
    answer.send(b"data: {")
    assert client.so_far().body == first


def test_header_lines_of_the_upstream_are_filtered(client, upstream):
    client.post(PATH, HI)
    headers = {
        "Content-Type": "application/json",
        "Connection": "keep-alive, X-Hop",
        "Keep-Alive": "timeout=5",
        "X-Hop": "1",
        "Transfer-Encoding": "chunked",
        "Server": "llama.cpp",
        "Set-Cookie": "session=SECRET",
        "Access-Control-Allow-Origin": "*",
        "Content-Encoding": "identity",
        "X-Request-Id": "r-1",
        "OpenAI-Processing-Ms": "12",
        "X-RateLimit-Remaining": "5",
    }
    upstream.asked().answer(b"{}", headers=headers)
    reply = client.reply()
    assert {k: v for k, v in reply.headers.items() if k not in ("date", "server")} == {
        "content-type": "application/json",
        "content-length": "2",
        "x-request-id": "r-1",
        "openai-processing-ms": "12",
        "x-ratelimit-remaining": "5",
    }
    assert reply.headers["server"].startswith("Twisted")


def test_header_lines_of_a_streams_head_are_filtered_too(client, upstream):
    client.post(PATH, STREAMED)
    headers = {"Content-Type": "text/event-stream", "Connection": "x-hop", "X-Hop": "1"}
    upstream.asked().begin(headers=headers | {"X-Request-Id": "r-1"}).finish()
    reply = client.reply()
    assert "x-hop" not in reply.headers
    assert reply.headers["x-request-id"] == "r-1"


def test_nothing_of_the_clients_head_reaches_the_upstream(client, upstream):
    client.post(
        f"{PATH}?key=SECRET",
        HI,
        authorization="Bearer SECRET",
        x_api_key="SECRET",
        x_goog_api_key="SECRET",
        cookie="session=SECRET",
        proxy_authorization="SECRET",
        openai_organization="SECRET",
        accept_encoding="br",
        user_agent="OpenAI/Python",
    )
    asked = upstream.asked()
    assert "SECRET" not in repr(list(asked.headers.getAllRawHeaders())) + asked.url
    names = {name.lower() for name, _ in asked.headers.getAllRawHeaders()}
    assert names == {b"content-type", b"accept-encoding"}
    assert asked.headers.getRawHeaders("accept-encoding") == ["gzip"]


def test_a_cookie_of_one_answer_is_not_sent_with_the_next_request(client, upstream):
    headers = {"Content-Type": "application/json", "Set-Cookie": "session=SECRET; Path=/"}
    client.post(PATH, HI)
    upstream.asked().answer(b"{}", headers=headers)
    client.reply()
    client.post(PATH, HI)
    assert not upstream.asked().headers.hasHeader("cookie")


# Requests that are refused.


@pytest.mark.parametrize(
    ("body", "message", "param"),
    [
        (b"", "the body is empty; expected JSON", None),
        (b"{]", None, None),
        (b"[" * 5000, "the JSON is nested too deeply", None),
        (b"3", "body: expected an object, got a number", "body"),
        ({}, "messages: required", "messages"),
        ({"messages": "Hi"}, "messages: expected an array, got a string", "messages"),
        ({"messages": []}, "messages: expected at least one message", "messages"),
        ({"messages": [1]}, "messages[0]: expected an object, got a number", "messages[0]"),
        ({"messages": [{"role": "user"}]}, "messages[0].content: required", "messages[0].content"),
        (
            HI | {"temperature": "hot"},
            "temperature: expected a number, got a string",
            "temperature",
        ),
        (HI | {"stream": "yes"}, "stream: expected true or false, got a string", "stream"),
    ],
)
def test_a_bad_request_is_told_its_field(client, upstream, body, message, param):
    client.post(PATH, body)
    reply = client.reply()
    assert reply.status == 400
    told = reply.json()["error"]
    assert (told["type"], told["param"]) == ("invalid_request_error", param)
    if message is not None:
        assert told["message"] == message
    assert reply.headers["x-should-retry"] == "false"
    assert upstream.idle()


# Failures of the upstream.


@pytest.mark.parametrize("body", [HI, STREAMED])
@pytest.mark.parametrize(
    ("upstream_status", "answer", "status", "kind", "message", "retry"),
    [
        (400, {"error": {"message": "bad"}}, 400, "invalid_request_error", "bad", "false"),
        (
            401,
            b"",
            401,
            "authentication_error",
            "the upstream refused localaik's credentials",
            "false",
        ),
        (404, {"error": {"message": "no"}}, 404, "not_found_error", "no", "false"),
        (418, b"", 400, "invalid_request_error", "the upstream answered 418", "false"),
        (429, {"error": "full"}, 429, "rate_limit_error", "full", "true"),
        (500, b"<html>", 502, "server_error", "the upstream failed with status 500", "true"),
        (503, b"", 503, "server_error", "the upstream answered 503", "true"),
        (
            307,
            b"",
            502,
            "server_error",
            "the upstream answered with a redirect (307)",
            "true",
        ),
        (
            200,
            b"<html>",
            502,
            "server_error",
            "the model server sent an answer that is no JSON",
            "true",
        ),
    ],
)
def test_a_failing_upstream_before_the_answer_is_an_http_error(
    client, upstream, body, upstream_status, answer, status, kind, message, retry
):
    client.post(PATH, body)
    headers = {"Content-Type": "text/html", "Location": "http://elsewhere.test/"}
    upstream.asked().answer(answer, status=upstream_status, headers=headers)
    reply = client.reply()
    assert (reply.status, reply.json()) == (status, error(message, kind))
    assert reply.headers["x-should-retry"] == retry
    assert "location" not in reply.headers
    assert upstream.idle()


def test_an_overflow_of_the_context_has_openais_code(client, upstream):
    client.post(PATH, HI)
    told = {"type": "exceed_context_size_error", "message": "too long", "n_ctx": 8}
    upstream.asked().answer({"error": told}, status=400)
    assert client.reply().json() == error("too long", code="context_length_exceeded")


REPORTED = b'data: {"error":{"code":500,"message":"gone","type":"server_error"}}\n\n'


@pytest.mark.parametrize(
    ("tail", "status", "message"),
    [
        (REPORTED, 502, "gone"),
        (REPORTED.replace(b"data", b"error", 1), 502, "gone"),
        (b"data: {\n\n", 502, "the upstream sent an answer that cannot be read"),
        (b"data: {", 502, "the upstream sent an answer that cannot be read"),
        (b"", 502, "the upstream ended its answer in the middle"),
    ],
)
@pytest.mark.parametrize("begun", [False, True])
def test_a_stream_that_goes_wrong(client, upstream, tail, status, message, begun):
    client.post(PATH, STREAMED)
    answer = upstream.asked().begin()
    if begun:
        answer.delta("Hel")
    good = client.so_far().body if begun else b""
    answer.send(tail)
    answer.end()
    reply = client.reply()
    if not begun:
        assert reply.status == status
        assert message in reply.json()["error"]["message"]
        return
    assert reply.status == 200
    assert reply.body.startswith(good)
    event = reply.body.removeprefix(good)
    assert event.startswith(b'data: {"error":{"message":')
    assert event.endswith(b"}}\n\n")
    told = json.loads(event.removeprefix(b"data: "))["error"]
    assert message in told["message"]
    assert told["type"] == "server_error"
    assert b"[DONE]" not in reply.body


def test_a_stream_that_is_cut_inside_an_event_ends_with_an_error_of_its_own(client, upstream):
    client.post(PATH, STREAMED)
    answer = upstream.asked().begin()
    answer.delta("Hel")
    good = client.so_far().body
    answer.send(b'data: {"choices":[{"delta"')
    answer.cut()
    message = "the model server broke off its answer"
    event = json.dumps(error(message, "server_error"), separators=(",", ":")).encode()
    assert client.reply().body == good + b"data: " + event + b"\n\n"


def test_a_whole_answer_that_is_cut_is_a_502(client, upstream):
    client.post(PATH, HI)
    answer = upstream.asked().begin(headers={"Content-Type": "application/json"})
    answer.send(b'{"choices"')
    answer.cut()
    reply = client.reply()
    message = "the model server broke off its answer"
    assert (reply.status, reply.json()) == (502, error(message, "server_error"))


def test_a_head_that_does_not_come_is_a_504(connect, upstream, clock):
    client = connect(head_timeout=20.0)
    client.post(PATH, STREAMED)
    clock.advance(20)
    reply = client.reply()
    message = "the model server did not begin to answer within 20 seconds"
    assert (reply.status, reply.json()) == (504, error(message, "server_error"))
    assert upstream.asked().cancelled


def test_a_stream_that_falls_silent_ends_with_an_error(connect, upstream, clock):
    client = connect(silence_timeout=20.0)
    client.post(PATH, STREAMED)
    answer = upstream.asked().begin()
    answer.delta("Hel")
    clock.advance(20)
    assert b"was silent for 20 seconds" in client.reply().body
    assert answer.left
    client.leave()
    assert clock.getDelayedCalls() == []


# The client's pace, and its leaving.


def test_a_slow_client_pauses_the_upstream(connect, upstream, clock):
    client = connect(silence_timeout=20.0)
    client.post(PATH, STREAMED)
    answer = upstream.asked().begin()
    for _ in range(200):
        answer.delta("x" * 1000)
    assert answer.paused
    assert len(client.wire.value()) < 70_000
    clock.advance(1000)
    while answer.paused:
        client.so_far()
    answer.finish()
    assert client.so_far().body.count(b"x" * 1000) == 200
    assert client.reply().body.endswith(b"data: [DONE]\n\n")


def test_silence_counts_again_when_the_client_reads_on(connect, upstream, clock):
    client = connect(silence_timeout=20.0)
    client.post(PATH, STREAMED)
    answer = upstream.asked().begin()
    answer.delta("x" * 100_000)
    clock.advance(1000)
    assert not client.so_far().complete
    clock.advance(19)
    assert not client.so_far().complete
    clock.advance(1)
    assert b"was silent for 20 seconds" in client.reply().body


def test_a_client_that_leaves_before_the_head_cancels_the_request(client, upstream):
    client.post(PATH, STREAMED)
    client.leave()
    assert upstream.asked().cancelled


@pytest.mark.parametrize("size", [10, 100_000])
def test_a_client_that_leaves_a_stream_closes_the_upstream(client, upstream, clock, size):
    client.post(PATH, STREAMED)
    answer = upstream.asked().begin()
    answer.delta("x" * size)
    assert answer.paused == (size > 65536)
    client.leave()
    assert answer.left
    assert clock.getDelayedCalls() == []


def test_a_client_that_leaves_a_whole_answer_closes_the_upstream(client, upstream):
    client.post(PATH, HI)
    answer = upstream.asked().begin(headers={"Content-Type": "application/json"})
    answer.send(b"{")
    client.leave()
    assert answer.left


def test_a_bug_is_a_bare_500_and_in_the_log(client, logged, monkeypatch):
    def broken(body):
        raise KeyError("a bug")

    monkeypatch.setattr(openai.openai, "check_request", broken)
    client.post(PATH, {"messages": "SECRET"})
    reply = client.reply()
    assert (reply.status, reply.json()) == (500, error("internal error", "server_error"))
    (failure,) = logged.take_failures()
    assert failure["log_failure"].check(KeyError)
    assert "SECRET" not in failure["log_failure"].getTraceback() + "".join(logged.lines())


def test_a_bug_in_the_middle_of_a_stream_is_told_without_details(
    client, upstream, logged, monkeypatch
):
    client.post(PATH, STREAMED)
    answer = upstream.asked().begin()
    answer.delta("Hel")

    def broken(self, event):
        raise KeyError("a bug")

    monkeypatch.setattr("localaik.completions.relay.RelayedStream._watch", broken)
    answer.delta("SECRET")
    body = client.reply().body
    assert body.endswith(b'"type":"server_error","param":null,"code":null}}\n\n')
    assert b"a bug" not in body
    (failure,) = logged.take_failures()
    assert failure["log_failure"].check(KeyError)
    assert "SECRET" not in failure["log_failure"].getTraceback() + "".join(logged.lines())
