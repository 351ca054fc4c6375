"""What happens when a process is killed, or a client asks for nonsense."""

import contextlib
import json
import os
import signal
import socket

import openai
import pytest

GEMINI = "/v1beta/models/tiny:streamGenerateContent"
OPENAI = "/v1/chat/completions"
HI = {"contents": [{"parts": [{"text": "Hi"}]}]}
CHAT = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}
LONG_GEMINI = HI | {"generationConfig": {"ignoreEos": True, "maxOutputTokens": 30_000}}
LONG_CHAT = CHAT | {"ignore_eos": True, "stream": True, "max_tokens": 30_000}


@pytest.fixture(scope="module")
def mortal(start_server):
    """A server whose model child may be killed."""
    server = start_server()
    yield server
    assert "Traceback" not in server.log_text()


def kill_the_model(server):
    (child,) = server.children()
    os.kill(child, signal.SIGKILL)


def check_recovery(server, until):
    """Health turns bad and good again, and the next request works."""

    def bad():
        answer = server.get("/health")
        return answer.status == 503 and answer

    answer = until(bad, "/health is 503")
    assert answer.json()["status"] == "unavailable"
    assert answer.json()["upstream"].startswith(("model server (", "http://127.0.0.1:"))
    until(lambda: server.get("/health").status == 200, "/health is 200")
    assert server.post(OPENAI, CHAT).status == 200


def break_stream(server, path, body):
    """Kill the model in the middle of a stream, and give what the client got."""
    connection, response = server.open("POST", path, body)
    with contextlib.closing(connection):
        start = response.read1(64)
        assert (response.status, bool(start)) == (200, True)
        kill_the_model(server)
        return start + response.read()


def test_gemini_events_end_with_an_error_when_the_model_is_killed(mortal, until):
    text = break_stream(mortal, f"{GEMINI}?alt=sse", LONG_GEMINI)
    *_, bare, data, nothing = text.split(b"\r\n\r\n")
    assert (nothing, data) == (b"", b"data: " + bare)
    error = json.loads(bare)["error"]
    assert (error["code"], error["status"]) == (502, "UNAVAILABLE")
    assert b"finishReason" not in text
    check_recovery(mortal, until)


def test_a_gemini_array_ends_with_an_error_when_the_model_is_killed(mortal, until):
    *_, last = json.loads(break_stream(mortal, GEMINI, LONG_GEMINI))
    assert last["error"]["code"] == 502
    check_recovery(mortal, until)


def test_an_openai_stream_raises_when_the_model_is_killed(mortal, until):
    with openai.OpenAI(base_url=f"{mortal.url}/v1", api_key="x", max_retries=0) as client:
        stream = client.chat.completions.create(
            model="tiny",
            messages=CHAT["messages"],
            max_tokens=30_000,
            stream=True,
            extra_body={"ignore_eos": True},
        )
        assert next(stream).choices
        kill_the_model(mortal)
        with pytest.raises(openai.APIError) as failure:
            list(stream)
    assert type(failure.value) is openai.APIError
    assert failure.value.type == "server_error"
    check_recovery(mortal, until)


def test_a_whole_answer_is_an_http_error_when_the_model_is_killed(mortal, until):
    body = LONG_CHAT | {"stream": False}
    address = (mortal.address.hostname, mortal.address.port)
    model = mortal.model_server()
    with socket.create_connection(address, timeout=30) as client:
        content = json.dumps(body).encode()
        head = f"POST {OPENAI} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(content)}\r\n\r\n"
        client.sendall(head.encode() + content)
        until(lambda: busy(model), "a slot is busy")
        kill_the_model(mortal)
        # Whether the lost request was still asked once more depends on the moment.
        assert client.recv(1000).startswith((b"HTTP/1.1 502 ", b"HTTP/1.1 503 "))
    check_recovery(mortal, until)


def busy(model):
    return [slot for slot in model.get("/slots").json() if slot["is_processing"]]


def test_killing_localaik_leaves_no_child(start_server, processes, until):
    server = start_server()
    children = server.children()
    assert len(children) == 1
    assert server.end(signal.SIGKILL) == -signal.SIGKILL

    def gone():
        found = processes()
        return all(found.get(child, (0, "Z"))[1] == "Z" for child in children)

    until(gone, "the model child is gone")


# Nonsense.


def shape_of(answer):
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"
    match answer.json():
        case {"error": {"code": int(), "message": str(), "status": str()}}:
            return "gemini"
        case {"error": {"message": str(), "type": str(), "param": _, "code": _}}:
            return "openai"
        case {"type": "error", "error": {"type": str(), "message": str()}}:
            return "anthropic"
        case {"error": {"message": str()}}:
            return "localaik"
    raise AssertionError(f"an unknown shape: {answer.body!r}")


@pytest.mark.parametrize(
    ("path", "body", "status", "owner", "message"),
    [
        (GEMINI, "{", 400, "gemini", "the JSON cannot be read"),
        (GEMINI, {"contents": 5}, 400, "gemini", "contents: expected an array, got a number"),
        (
            GEMINI,
            HI | {"generationConfig": {"temperature": []}},
            400,
            "gemini",
            "generationConfig.temperature: expected a number, got an array",
        ),
        (OPENAI, "}{", 400, "openai", "the JSON"),
        (OPENAI, {"messages": {}}, 400, "openai", "messages: expected an array, got an object"),
        (
            OPENAI,
            CHAT | {"max_tokens": "many"},
            400,
            "openai",
            "max_tokens: expected a number, got a string",
        ),
        ("/v1beta/nothing", {}, 404, "gemini", "no such route"),
        ("/v1/nothing", {}, 404, "openai", "no such route"),
        ("/v1/messages", {}, 404, "anthropic", "no such route"),
        ("/health", {}, 405, "localaik", "expected one of the methods GET, HEAD"),
    ],
)
def test_nonsense_is_told_in_the_owners_shape(server, path, body, status, owner, message):
    answer = server.post(path, body)
    assert (answer.status, shape_of(answer)) == (status, owner)
    told = answer.json()["error"]["message"]
    assert told.startswith(message)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/v1/models/tiny:generateContent", "gemini"),
        (f"{GEMINI}?alt=sse", "gemini"),
        ("/v1/models/tiny:countTokens", "gemini"),
        (OPENAI, "openai"),
        ("/v1/embeddings", "openai"),
        ("/v1/messages", "anthropic"),
    ],
)
def test_a_body_of_100_mb_is_refused(server, path, owner):
    peak = server.memory("VmRSS")
    answer = server.post(path, b"x" * 100 * 1000**2)
    assert shape_of(answer) == owner
    assert answer.status == 413
    # It is thrown away as it comes.
    assert server.memory("VmRSS") < peak + 80 * 1000**2
