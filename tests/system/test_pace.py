"""Clients that leave early, and clients that do not read."""

import json
import socket
import time

import pytest

GEMINI = "/v1beta/models/{model}:streamGenerateContent?alt=sse"
OPENAI = "/v1/chat/completions"
SIZE = 200 * 1000**2
MEGABYTE = 1000**2


def long_request(face, model):
    """Give the path and the body of a request for a long stream."""
    if face == "gemini":
        config = {"ignoreEos": True, "maxOutputTokens": 30_000}
        body = {"contents": [{"parts": [{"text": "Hi"}]}], "generationConfig": config}
        return GEMINI.format(model=model), body
    messages = [{"role": "user", "content": "Hi"}]
    more = {"stream": True, "ignore_eos": True, "max_tokens": 30_000}
    return OPENAI, {"model": model, "messages": messages, **more}


def send(server, face, model):
    """Send a request over a socket that can hold little, and give the socket."""
    path, body = long_request(face, model)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    client.settimeout(60)
    client.connect((server.address.hostname, server.address.port))
    content = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(content)}\r\n\r\n"
    client.sendall(head.encode() + content)
    return client


@pytest.mark.parametrize("face", ["gemini", "openai"])
def test_a_client_that_leaves_frees_its_slot_at_once(server, face, until, capsys):
    model = server.model_server()

    def busy():
        return [slot for slot in model.get("/slots").json() if slot["is_processing"]]

    seconds = []
    for _ in range(5):
        client = send(server, face, "tiny")
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
        assert len(busy()) == 1
        started = time.monotonic()
        client.close()
        until(lambda: not busy(), "the slot is idle")
        seconds.append(time.monotonic() - started)
    with capsys.disabled():
        print(f"\n{face}: slot idle after {', '.join(f'{s * 1000:.0f}' for s in seconds)} ms")
    # The machine may be busy, but not five times.
    assert min(seconds) < 0.2


@pytest.fixture(scope="module")
def flood(start_upstream):
    return start_upstream()


@pytest.fixture(scope="module")
def flooded(flood, start_server):
    return start_server("--upstream", flood.url)


@pytest.mark.parametrize("face", ["gemini", "openai"])
def test_a_client_that_does_not_read_costs_little_memory(flood, flooded, face, until, capsys):
    # Once for what a first request leaves behind.
    send(flooded, face, "flood").close()
    flooded.get("/health")
    before = flooded.memory("VmRSS")
    already = flood.get("/sent").json()["sent"]
    client = send(flooded, face, "flood")

    def taken():
        return flood.get("/sent").json()["sent"] - already

    until(lambda: taken() > 0, "the flood has begun")
    seen = []

    def stands_still():
        seen.append(taken())
        return len(seen) > 100 and len(set(seen[-100:])) == 1

    until(stands_still, "the flood stands still")
    stalled = flooded.memory("VmRSS") - before
    held = taken()
    got = 0
    peak = stalled
    while got < SIZE:
        data = client.recv(MEGABYTE)
        assert data, "the stream ended early"
        if got // (10 * MEGABYTE) != (got + len(data)) // (10 * MEGABYTE):
            peak = max(peak, flooded.memory("VmRSS") - before)
        got += len(data)
    client.close()
    with capsys.disabled():
        print(
            f"\n{face}: grew by {stalled / MEGABYTE:.1f} MB while {held / MEGABYTE:.1f} MB were"
            f" taken, and by {peak / MEGABYTE:.1f} MB while {got / MEGABYTE:.0f} MB were read"
        )
    assert held < 20 * MEGABYTE
    assert peak < 10 * MEGABYTE
