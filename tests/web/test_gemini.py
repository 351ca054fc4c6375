"""Gemini over HTTP, whole and streamed."""

import json

import attrs
import pytest

from localaik.faces import gemini

WHOLE = "/v1/models/gemma:generateContent"
STREAM = "/v1/models/gemma:streamGenerateContent"
HI = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
USED = {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7}
NAMES = {"modelVersion": "tiny", "responseId": "id-1"}


def candidate(text, index=0, **fields):
    content = {"role": "model", "parts": [{"text": text}]}
    return {"content": content, "index": index, **fields}


def events(body):
    """Read the events of a stream, strictly as the SDKs do."""
    assert body.endswith(b"\r\n\r\n")
    blocks = body.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n")
    assert all(block.startswith(b"data: {") for block in blocks)
    return [json.loads(block.removeprefix(b"data: ")) for block in blocks]


def error(code, status, message):
    return {"error": {"code": code, "message": message, "status": status}}


def test_a_whole_answer(client, upstream):
    body = HI | {"system_instruction": {"parts": [{"text": "Be short."}]}}
    client.post(WHOLE, body | {"generationConfig": {"maxOutputTokens": 4, "temperature": 0}})
    asked = upstream.asked()
    assert asked.json() == {
        "model": "gemma",
        "messages": [
            {"role": "system", "content": "Be short."},
            {"role": "user", "content": "Hi"},
        ],
        "max_tokens": 4,
        "temperature": 0.0,
    }
    asked.say("Hello")
    reply = client.reply()
    assert reply.status == 200
    assert reply.json() == {
        "candidates": [candidate("Hello", finishReason="STOP")],
        "usageMetadata": USED,
        **NAMES,
    }
    assert reply.headers["content-type"] == "application/json; charset=UTF-8"
    assert upstream.idle()


@pytest.mark.parametrize("version", ["v1", "v1beta", "v1alpha"])
def test_a_stream_of_events(client, upstream, version):
    client.post(f"/{version}/models/gemma:streamGenerateContent?alt=sse", HI)
    asked = upstream.asked()
    assert asked.json()["stream"] is True
    assert asked.json()["stream_options"] == {"include_usage": True}
    answer = asked.begin()
    answer.delta(None, role="assistant")
    assert client.silent()
    answer.delta("Hel")
    begun = client.so_far()
    assert (begun.status, begun.headers["content-type"]) == (200, "text/event-stream")
    assert begun.headers["cache-control"] == "no-cache"
    assert events(begun.body) == [{"candidates": [candidate("He")], **NAMES}]
    answer.delta("lo")
    answer.finish("length")
    assert events(client.reply().body) == [
        {"candidates": [candidate("He")], **NAMES},
        {"candidates": [candidate("ll")], **NAMES},
        {
            "candidates": [candidate("o", finishReason="MAX_TOKENS")],
            "usageMetadata": USED,
            **NAMES,
        },
    ]


@pytest.mark.parametrize("query", ["", "?alt=json", "?key=k"])
def test_a_stream_as_an_array(client, upstream, query):
    client.post(STREAM + query, HI)
    answer = upstream.asked().begin()
    answer.delta("Hel")
    begun = client.so_far()
    assert begun.headers["content-type"] == "application/json; charset=UTF-8"
    assert begun.body.startswith(b"[{")
    answer.delta("lo")
    answer.finish()
    reply = client.reply()
    assert b"},\r\n{" in reply.body
    assert reply.json() == [
        {"candidates": [candidate("He")], **NAMES},
        {"candidates": [candidate("ll")], **NAMES},
        {"candidates": [candidate("o", finishReason="STOP")], "usageMetadata": USED, **NAMES},
    ]


@pytest.mark.parametrize("alt", ["media", "proto", "SSE"])
def test_an_unknown_alt_is_refused(client, upstream, alt):
    client.post(f"{STREAM}?alt={alt}", HI)
    reply = client.reply()
    expected = error(400, "INVALID_ARGUMENT", "alt: expected sse or json")
    assert (reply.status, reply.json()) == (400, expected)
    assert upstream.idle()


def test_an_empty_answer_still_has_a_part_and_a_reason(client, upstream):
    client.post(f"{STREAM}?alt=sse", HI)
    upstream.asked().begin().finish()
    assert events(client.reply().body) == [
        {"candidates": [candidate("", finishReason="STOP")], "usageMetadata": USED, **NAMES}
    ]


def test_text_survives_any_cut_of_the_upstream_stream(client, upstream):
    text = "é\u2028\u2029\u0085 \U0001f600 \r\n data: x"
    client.post(f"{STREAM}?alt=sse", HI)
    answer = upstream.asked().begin()
    chunk = {"model": "tiny", "choices": [{"delta": {"content": text}}]}
    line = b": ping\n\ndata: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"
    answer.send(*[line[at : at + 1] for at in range(len(line))])
    answer.finish()
    got = events(client.reply().body)
    assert [event["candidates"][0]["content"]["parts"][0]["text"] for event in got] == [
        text[:-1],
        text[-1],
    ]


# Several candidates.

TWO = HI | {"generationConfig": {"candidateCount": 2, "seed": 7}}


def test_two_candidates_are_asked_for_one_by_one(client, upstream):
    client.post(WHOLE, TWO)
    first, second = upstream.asked(), upstream.asked()
    assert [asked.json()["seed"] for asked in (first, second)] == [7, 8]
    assert "n" not in first.json()
    second.say("Two")
    assert client.silent()
    first.say("One", finish_reason="length")
    assert client.reply().json() == {
        "candidates": [
            candidate("One", 0, finishReason="MAX_TOKENS"),
            candidate("Two", 1, finishReason="STOP"),
        ],
        "usageMetadata": {
            "promptTokenCount": 5,
            "candidatesTokenCount": 4,
            "totalTokenCount": 9,
        },
        **NAMES,
    }


def test_two_candidates_are_streamed_side_by_side(client, upstream):
    client.post(f"{STREAM}?alt=sse", TWO)
    first, second = upstream.asked().begin(), upstream.asked().begin()
    second.delta("b1")
    first.delta("a1")
    first.finish()
    second.delta("b2")
    assert not client.so_far().complete
    second.finish("length")
    *middle, last = events(client.reply().body)
    assert middle == [
        {"candidates": [candidate("b", 1)], **NAMES},
        {"candidates": [candidate("a", 0)], **NAMES},
        {"candidates": [candidate("1b", 1)], **NAMES},
    ]
    assert last["candidates"] == [
        candidate("1", 0, finishReason="STOP"),
        candidate("2", 1, finishReason="MAX_TOKENS"),
    ]
    assert last["usageMetadata"]["candidatesTokenCount"] == 4


def test_the_failure_of_one_candidate_ends_the_other(client, upstream):
    client.post(WHOLE, TWO)
    first, second = upstream.asked(), upstream.asked()
    first.answer({"error": {"message": "no slot"}}, status=429)
    reply = client.reply()
    assert (reply.status, reply.json()["error"]["message"]) == (429, "no slot")
    assert second.cancelled


def test_the_failure_of_one_streamed_candidate_ends_the_other(client, upstream):
    client.post(f"{STREAM}?alt=sse", TWO)
    first, second = upstream.asked().begin(), upstream.asked().begin()
    second.delta("b1")
    first.cut()
    assert second.left
    assert b'{"error":{"code":502' in client.reply().body


def test_a_client_that_leaves_ends_both_candidates(client, upstream):
    client.post(f"{STREAM}?alt=sse", TWO)
    first, second = upstream.asked().begin(), upstream.asked()
    first.delta("a1")
    client.leave()
    assert first.left
    assert second.cancelled


def test_a_slow_client_pauses_both_candidates(client, upstream):
    client.post(f"{STREAM}?alt=sse", TWO)
    first, waiting = upstream.asked().begin(), upstream.asked()
    first.delta("a" * 100_000)
    assert first.paused
    second = waiting.begin()
    assert second.paused
    second.delta("bb")
    client.so_far()
    assert not first.paused
    assert not second.paused
    first.finish()
    second.finish()
    assert len(events(client.reply().body)) == 3


# Requests that are refused.

TOOLS = {"tools": [{"functionDeclarations": [{"name": "f"}]}]}


@pytest.mark.parametrize("path", [WHOLE, STREAM, f"{STREAM}?alt=sse"])
@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"", 400, "the body is empty; expected JSON"),
        (b"{", 400, "the JSON cannot be read: Input data was truncated"),
        (b"[" * 5000, 400, "the JSON is nested too deeply"),
        (b'{"contents": "\xff"}', 400, None),
        (b"[]", 400, "body: expected an object, got an array"),
        ({}, 400, "contents: required"),
        ({"contents": 1}, 400, "contents: expected an array, got a number"),
        ({"contents": [7]}, 400, "contents[0]: expected an object, got a number"),
        ({"contents": [{"parts": [{"text": 1}]}]}, 400, None),
        (
            HI | {"generation_config": {"top_k": "x"}},
            400,
            "generation_config.top_k: expected a number, got a string",
        ),
        (
            HI | {"generationConfig": {"candidateCount": 99}},
            400,
            "generationConfig.candidateCount: expected at most 8, got 99",
        ),
        (HI | TOOLS, 501, "tools[0].functionDeclarations: tools are not served yet"),
        (HI | {"cachedContent": "c"}, 501, "cachedContent: cached contents are not served yet"),
    ],
)
def test_a_bad_request_is_told_its_field(client, upstream, path, body, status, message):
    client.post(path, body)
    reply = client.reply()
    told = reply.json()["error"]
    assert (reply.status, told["code"]) == (status, status)
    assert told["status"] == ("INVALID_ARGUMENT" if status == 400 else "UNIMPLEMENTED")
    if message is not None:
        assert told["message"] == message
    assert upstream.idle()


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/gemma:countTokens",
        "/v1beta/models/gemma:embedContent",
        "/v1/models/a:b:batchEmbedContents",
        "/v1/models/gemma:batchGenerateContent",
        "/v1/models/gemma:predict",
        "/v1beta/files",
        "/upload/v1beta/files",
        "/v1beta/cachedContents",
        "/v1beta/interactions",
        "/v1alpha/auth_tokens",
    ],
)
def test_what_is_not_served_yet_says_so(client, path):
    client.post(path, {}, x_goog_api_key="k")
    reply = client.reply()
    assert (reply.status, reply.json()["error"]["status"]) == (501, "UNIMPLEMENTED")
    assert reply.json()["error"]["message"].endswith("not served yet")


def test_fields_without_effect_are_named(client, upstream):
    body = HI | {"safetySettings": [], "made_up": {"x": 1}, "tools": [{"google_search": {}}]}
    client.post(WHOLE, body | {"x\r\ny: z": 1})
    upstream.asked().say("Hello")
    reply = client.reply()
    assert reply.headers["x-localaik-ignored"] == (r"tools[0].google_search, made_up, x\r\ny: z")
    assert "y" not in reply.headers


def test_a_stream_names_the_fields_without_effect_too(client, upstream):
    client.post(f"{STREAM}?alt=sse", HI | {"madeUp": 1})
    upstream.asked().begin().finish()
    assert client.reply().headers["x-localaik-ignored"] == "madeUp"


def test_without_such_fields_nothing_is_named(client, upstream):
    client.post(WHOLE, HI)
    upstream.asked().say("Hello")
    assert "x-localaik-ignored" not in client.reply().headers


# The client's own time limit.


@pytest.mark.parametrize("path", [WHOLE, STREAM, f"{STREAM}?alt=sse"])
def test_the_clients_limit_passes_before_the_answer(client, upstream, clock, path):
    client.post(path, HI, x_server_timeout="2.5")
    asked = upstream.asked()
    clock.advance(2.4)
    assert client.silent()
    clock.advance(0.1)
    reply = client.reply()
    message = "the client's own limit of 2.5 seconds has passed"
    assert (reply.status, reply.json()) == (504, error(504, "DEADLINE_EXCEEDED", message))
    assert asked.cancelled
    client.leave()
    assert clock.getDelayedCalls() == []


def test_the_clients_limit_passes_in_the_middle_of_a_stream(client, upstream, clock):
    client.post(f"{STREAM}?alt=sse", HI, x_server_timeout="2")
    answer = upstream.asked().begin()
    answer.delta("Hel")
    clock.advance(2)
    reply = client.reply()
    body = json.dumps(
        error(504, "DEADLINE_EXCEEDED", "the client's own limit of 2 seconds has passed"),
        separators=(",", ":"),
    ).encode()
    assert reply.body.endswith(b"\r\n\r\n" + body + b"\r\n\r\ndata: " + body + b"\r\n\r\n")
    assert answer.left


@pytest.mark.parametrize("limit", ["", "x", "0", "-1", "nan", "inf", "1e400"])
def test_a_limit_that_is_none_does_not_count(client, upstream, clock, limit):
    client.post(WHOLE, HI, x_server_timeout=limit)
    clock.advance(100)
    upstream.asked().say("Hello")
    assert client.reply().status == 200


def test_an_answer_in_time_leaves_no_timer(client, upstream, clock):
    client.post(f"{STREAM}?alt=sse", HI, x_server_timeout="9")
    upstream.asked().begin().finish()
    assert client.reply().status == 200
    client.leave()
    assert clock.getDelayedCalls() == []


# Failures of the upstream.


@pytest.mark.parametrize("path", [WHOLE, STREAM, f"{STREAM}?alt=sse"])
@pytest.mark.parametrize(
    ("upstream_status", "body", "status", "word", "message"),
    [
        (400, {"error": {"code": 400, "message": "bad"}}, 400, "INVALID_ARGUMENT", "bad"),
        (
            401,
            {"error": {"message": "Invalid API Key"}},
            401,
            "UNAUTHENTICATED",
            "the upstream refused localaik's credentials",
        ),
        (403, b"", 403, "PERMISSION_DENIED", "the upstream does not permit the request"),
        (404, {"detail": "x"}, 404, "NOT_FOUND", "the upstream answered 404"),
        (422, {"error": "odd"}, 400, "INVALID_ARGUMENT", "odd"),
        (429, {"error": {"message": "full"}}, 429, "RESOURCE_EXHAUSTED", "full"),
        (
            500,
            {"error": {"message": "Jinja Exception: roles must alternate"}},
            400,
            "INVALID_ARGUMENT",
            "Jinja Exception: roles must alternate",
        ),
        (
            500,
            b"<html>boom</html>",
            502,
            "UNAVAILABLE",
            "the upstream failed with status 500",
        ),
        (503, {"error": {"message": "Loading model"}}, 503, "UNAVAILABLE", "Loading model"),
        (302, b"", 502, "UNAVAILABLE", "the upstream answered with a redirect (302)"),
        (204, b"", 502, "UNAVAILABLE", "the upstream failed with status 204"),
        (200, b"<html>", 502, "UNAVAILABLE", None),
        (200, b"", 502, "UNAVAILABLE", None),
        (200, b"\xff{", 502, "UNAVAILABLE", None),
        (200, {"choices": []}, 502, "UNAVAILABLE", None),
    ],
)
def test_a_failing_upstream_before_the_answer_is_an_http_error(
    client, upstream, path, upstream_status, body, status, word, message
):
    client.post(path, HI)
    headers = {"Content-Type": "text/html", "Location": "http://elsewhere.test/", "X-A": "1"}
    upstream.asked().answer(body, status=upstream_status, headers=headers)
    reply = client.reply()
    told = reply.json()["error"]
    assert (reply.status, told["code"], told["status"]) == (status, status, word)
    if message is not None:
        assert told["message"] == message
    assert b"html" not in reply.body
    assert not {"location", "x-a"} & set(reply.headers)
    assert upstream.idle()


def test_an_upstream_without_room_says_when_to_come_again(client, upstream):
    client.post(WHOLE, HI)
    upstream.asked().answer(b"", status=503)
    reply = client.reply()
    assert reply.headers["retry-after"] == "1"
    assert reply.json()["error"]["details"] == [
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1s"}
    ]


DATA = b'data: {"error":{"code":503,"message":"gone","type":"unavailable_error"}}\n\n'


@pytest.mark.parametrize(
    ("tail", "code", "message"),
    [
        (DATA, 503, "gone"),
        (DATA.replace(b"data", b"error", 1), 503, "gone"),
        (b"data: {\n\n", 502, "the upstream sent an answer that cannot be read"),
        (b"data: \xff\n\n", 502, "the upstream sent an answer that cannot be read"),
        (b"", 502, "the upstream ended its answer in the middle"),
        (b"data: [DONE]\n\n", 502, "the upstream ended its answer in the middle"),
    ],
)
@pytest.mark.parametrize("begun", [False, True])
def test_a_stream_that_goes_wrong(client, upstream, tail, code, message, begun):
    client.post(f"{STREAM}?alt=sse", HI)
    answer = upstream.asked().begin()
    if begun:
        answer.delta("Hel")
    answer.send(tail)
    answer.end()
    reply = client.reply()
    if not begun:
        assert (reply.status, reply.json()["error"]["message"]) == (code, message)
        return
    first, held, bare, data = reply.body.removesuffix(b"\r\n\r\n").split(b"\r\n\r\n")
    assert reply.status == 200
    assert bare.startswith(b'{"error":{"code":')
    assert data == b"data: " + bare
    assert json.loads(bare)["error"].items() >= {"code": code, "message": message}.items()
    assert json.loads(first.removeprefix(b"data: "))["candidates"] == [candidate("He")]
    assert json.loads(held.removeprefix(b"data: "))["candidates"] == [candidate("l")]


def test_an_array_that_goes_wrong_stays_an_array(client, upstream):
    client.post(STREAM, HI)
    answer = upstream.asked().begin()
    answer.delta("Hel")
    answer.cut()
    reply = client.reply()
    message = "the model server broke off its answer"
    assert reply.json() == [
        {"candidates": [candidate("He")], **NAMES},
        {"candidates": [candidate("l")], **NAMES},
        error(502, "UNAVAILABLE", message),
    ]


def test_a_whole_answer_that_is_cut_is_a_502(client, upstream):
    client.post(WHOLE, HI)
    answer = upstream.asked().begin(headers={"Content-Type": "application/json"})
    answer.send(b'{"choices": [')
    answer.cut()
    reply = client.reply()
    message = "the model server broke off its answer"
    assert (reply.status, reply.json()) == (502, error(502, "UNAVAILABLE", message))


def test_a_stream_that_falls_silent_is_a_504(connect, upstream, clock):
    client = connect(silence_timeout=30.0)
    client.post(f"{STREAM}?alt=sse", HI)
    answer = upstream.asked().begin()
    answer.delta("Hel")
    clock.advance(29)
    answer.delta("lo")
    clock.advance(29)
    assert not client.so_far().complete
    clock.advance(1)
    message = "the model server was silent for 30 seconds"
    assert error(504, "DEADLINE_EXCEEDED", message) == json.loads(
        client.reply().body.split(b"data: ")[-1]
    )
    assert answer.left


def test_silence_does_not_count_while_the_client_is_slow(connect, upstream, clock):
    client = connect(silence_timeout=30.0)
    client.post(f"{STREAM}?alt=sse", HI)
    answer = upstream.asked().begin()
    answer.delta("x" * 100_000)
    assert answer.paused
    clock.advance(1000)
    answer.finish()
    assert len(events(client.so_far().body)) == 1
    assert len(events(client.reply().body)) == 2


def test_a_bug_is_a_bare_500_and_in_the_log(client, upstream, logged, monkeypatch):
    def broken(body, model):
        raise KeyError("a bug")

    monkeypatch.setattr(gemini, "FACE", attrs.evolve(gemini.FACE, parse_request=broken))
    client.post(WHOLE, {"contents": "SECRET"})
    reply = client.reply()
    assert (reply.status, reply.json()) == (500, error(500, "INTERNAL", "internal error"))
    (failure,) = logged.take_failures()
    assert failure["log_failure"].check(KeyError)
    assert "SECRET" not in failure["log_failure"].getTraceback() + "".join(logged.lines())
