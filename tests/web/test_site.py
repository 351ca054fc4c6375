"""Who owns a path, and that whatever is asked is answered in the owner's shape."""

import pytest

GEMINI = {"x_goog_api_key": "k"}
ANTHROPIC = {"anthropic_version": "2026-10-21"}


def shape_of(reply):
    """Name the protocol whose shape an error has; the whole body is looked at."""
    assert reply.headers["content-type"] == "application/json; charset=UTF-8"
    assert reply.headers["content-length"] == str(len(reply.body))
    assert "location" not in reply.headers
    match reply.json():
        case {"error": {"code": code, "message": str(), "status": str(), **more}, **rest}:
            assert (code, {*more} - {"details"}, rest) == (reply.status, set(), {})
            return "gemini"
        case {"error": {"message": str(), "type": str(), "param": _, "code": _, **more}, **rest}:
            assert (more, rest) == ({}, {})
            return "openai"
        case {"type": "error", "error": {"type": str(), "message": str(), **more}, **rest}:
            assert (more, rest) == ({}, {})
            return "anthropic"
        case {"error": {"message": str(), **more}, **rest}:
            assert (more, rest) == ({}, {})
            return "localaik"
    raise AssertionError(f"an unknown shape: {reply.body!r}")


# Path, header lines, owner; each row of the contract's table.
OWNERS = [
    *[
        (f"/{version}models/gemma:{verb}", {}, "gemini")
        for version in ("v1/", "v1beta/", "v1alpha/", "v1main/", "")
        for verb in (
            "generateContent",
            "streamGenerateContent",
            "countTokens",
            "embedContent",
            "batchEmbedContents",
            "batchGenerateContent",
            "predict",
        )
    ],
    ("/v1/tunedModels/foo:generateContent", {}, "gemini"),
    ("/v1/tunedModels", {}, "gemini"),
    ("/v1beta/cachedContents", {}, "gemini"),
    ("/v1/cachedContents/abc", {}, "gemini"),
    ("/v1beta/interactions", {}, "gemini"),
    ("/v1/interactions/1", {}, "gemini"),
    ("/v1alpha/auth_tokens", {}, "gemini"),
    ("/v1/auth_tokens", {}, "gemini"),
    ("/upload/v1/files", {}, "gemini"),
    ("/upload/v1beta/files", {}, "gemini"),
    ("/download/v1beta/files/abc:download", {}, "gemini"),
    ("/v1/files/abc:download", {}, "gemini"),
    ("/v1beta/openai/chat/completions", {}, "openai"),
    ("/v1/openai/chat/completions", {}, "openai"),
    ("/v1beta/openai/models", GEMINI, "openai"),
    ("/v1/chat/completions", {}, "openai"),
    ("/v1/chat/completions", GEMINI | ANTHROPIC, "openai"),
    ("/v1/completions", {}, "openai"),
    ("/v1/embeddings", {}, "openai"),
    ("/v1/responses", {}, "openai"),
    ("/v1/messages", {}, "anthropic"),
    ("/v1/messages?beta=true", {}, "anthropic"),
    ("/v1/messages/count_tokens", {}, "anthropic"),
    ("/health", {}, "localaik"),
    ("/v1/health", {}, "localaik"),
    ("/livez", {}, "localaik"),
    ("/readyz", {}, "localaik"),
    ("/", {}, "localaik"),
    *[
        row
        for path in ("/v1/models", "/v1/models/org%2Fm:q4", "/v1/files", "/v1/batches", "/v1/x")
        for row in (
            (path, {}, "openai"),
            (path, {"authorization": "Bearer k"}, "openai"),
            (path, {"content_type": "multipart/form-data; boundary=x"}, "openai"),
            (path, GEMINI, "gemini"),
            (path, {"x_goog_api_client": "google-genai-sdk/3.4.0"}, "gemini"),
            (path, GEMINI | ANTHROPIC, "gemini"),
            (f"{path}?key=k", {}, "gemini"),
            (f"{path}?$alt=json", {}, "gemini"),
            (f"{path}?%24alt=json", {}, "gemini"),
            (f"{path}?pageSize=1", {}, "gemini"),
            (f"{path}?pageToken=", {}, "gemini"),
            (path, ANTHROPIC, "anthropic"),
            (path, ANTHROPIC | {"authorization": "Bearer k"}, "anthropic"),
            (path, {"x_api_key": "k"}, "anthropic"),
            (path, {"x_api_key": "k", "authorization": "Bearer k"}, "openai"),
        )
    ],
    ("/v1beta/models", {}, "gemini"),
    ("/v1beta/anything/else", {}, "gemini"),
    ("/", GEMINI, "localaik"),
    ("/unknown", {}, "openai"),
]


@pytest.mark.parametrize(("path", "headers", "owner"), OWNERS)
def test_a_path_has_one_owner(client, path, headers, owner):
    # No route takes this method, so that every path is answered by its owner's error.
    client.ask("BREW", path, **headers)
    reply = client.reply()
    assert shape_of(reply) == owner
    assert reply.status in (404, 405, 501)


UNKNOWN = [
    ("/v1/nothing", {}, "openai"),
    ("/v1beta/nothing", {}, "gemini"),
    ("/v1/messages", {}, "anthropic"),
    ("/health/more", {}, "localaik"),
]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"])
@pytest.mark.parametrize(("path", "headers", "owner"), UNKNOWN)
def test_an_unknown_route_is_a_404(client, method, path, headers, owner):
    client.ask(method, path, **headers)
    reply = client.reply(method)
    assert reply.status == 404
    if method == "HEAD":
        assert reply.body == b""
        assert reply.headers["content-type"] == "application/json; charset=UTF-8"
    else:
        assert shape_of(reply) == owner


@pytest.mark.parametrize(
    ("method", "path", "allowed", "owner"),
    [
        ("GET", "/v1/models/gemma:generateContent", "POST", "gemini"),
        ("OPTIONS", "/v1/models/gemma:generateContent", "POST", "gemini"),
        ("PUT", "/v1beta/models/gemma:streamGenerateContent?alt=sse", "POST", "gemini"),
        ("GET", "/v1/models/gemma:countTokens", "POST", "gemini"),
        ("GET", "/v1/chat/completions", "POST", "openai"),
        ("DELETE", "/v1beta/openai/chat/completions", "POST", "openai"),
        ("POST", "/health", "GET, HEAD", "localaik"),
        ("POST", "/livez", "GET, HEAD", "localaik"),
        ("DELETE", "/readyz", "GET, HEAD", "localaik"),
        ("POST", "/", "GET, HEAD", "localaik"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(client, method, path, allowed, owner):
    client.ask(method, path)
    reply = client.reply()
    assert (reply.status, reply.headers["allow"]) == (405, allowed)
    assert shape_of(reply) == owner


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/v1//nothing", "openai"),
        ("//v1/nothing", "openai"),
        ("//", "openai"),
        ("/v1/%ff%fe", "openai"),
        ("/%ff", "openai"),
        ("/v1beta/models/%E2%82", "gemini"),
        ("/v1/..%2f..%2fetc%2fpasswd", "openai"),
        ("/v1beta/models/%00:nothing", "gemini"),
        ("/v1beta/models/a%0d%0ab", "gemini"),
        ("/v1beta/" + "x" * 8000, "gemini"),
        ("/v1beta/a|b", "gemini"),
    ],
)
def test_an_odd_path_is_a_404_without_html_or_redirect(client, path, owner):
    client.ask("GET", path)
    reply = client.reply()
    assert (reply.status, shape_of(reply)) == (404, owner)


@pytest.mark.parametrize("host", ["", "a..b", "x" * 70 + ".test", "\xff\xfe", "[::1]:80", "a b"])
def test_an_odd_host_is_no_matter(client, host):
    client.send(f"GET /livez HTTP/1.1\r\nhost: {host}\r\n\r\n".encode("latin-1"))
    reply = client.reply()
    assert (reply.status, reply.json()) == (200, {"status": "ok"})


def test_a_request_without_a_host_is_answered(client):
    client.send(b"GET /livez HTTP/1.0\r\n\r\n")
    client.wire.close(ConnectionError())
    assert client.reply().json() == {"status": "ok"}


@pytest.mark.parametrize(
    "line",
    [b"G\xc3\xa9T / HTTP/1.1", b"GET /\xff HTTP/1.1", b"GET /\x1b HTTP/1.1", b"\x16\x03\x01"],
)
def test_what_is_no_http_gets_a_bare_400(client, clock, line):
    client.send(line + b"\r\nhost: localhost\r\n\r\n")
    clock.advance(0)
    assert client.wire.closed
    assert client.wire.read() == b"HTTP/1.1 400 Bad Request\r\n\r\n"


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/v1/models/gemma3:4b:generateContent", "gemma3:4b"),
        ("/v1beta/models/google/gemma-3-4b-it:generateContent", "google/gemma-3-4b-it"),
        ("/v1/models/google%2Fgemma%3A4b:generateContent", "google/gemma:4b"),
        (
            "/v1/models/publishers/google/models/gemma:generateContent",
            "publishers/google/models/gemma",
        ),
        ("/v1/tunedModels/foo:generateContent", "foo"),
        ("/v1/models/models/gemma:generateContent", "gemma"),
        ("/v1/models/g%C3%A9mma:generateContent", "gémma"),
        ("/v1/models/gemma%3AgenerateContent", "gemma"),
        ("/models/gemma:generateContent", "gemma"),
        ("/v1/models/gemma:generateContent/", "gemma"),
        ("/v1/models/gemma:generateContent?unknown=1&x", "gemma"),
        ("/v1main/models/gemma:generateContent", "gemma"),
    ],
)
def test_names_of_models_hold_what_they_like(client, upstream, path, model):
    client.post(path, {"contents": [{"parts": [{"text": "Hi"}]}]})
    asked = upstream.asked()
    assert (asked.method, asked.url) == ("POST", "http://model.test:8080/v1/chat/completions")
    assert asked.json()["model"] == model
    asked.say("Hello")
    assert client.reply().status == 200


@pytest.mark.parametrize(
    "path", ["/v1/chat/completions/", "/chat/completions", "/v1beta/openai/chat/completions"]
)
def test_openai_is_found_under_each_of_its_paths(client, upstream, path):
    client.post(path, {"messages": [{"role": "user", "content": "Hi"}]})
    upstream.asked().say("Hello")
    assert client.reply().json()["choices"][0]["message"]["content"] == "Hello"


@pytest.mark.parametrize("path", ["/health", "/livez", "/readyz", "/", "/v1/health", "/health/"])
def test_head_gets_the_head_of_what_get_would_get(client, upstream, path):
    client.ask("GET", path)
    if not upstream.idle():
        upstream.asked().answer({"status": "ok"})
    got = client.reply()
    client.ask("HEAD", path)
    if not upstream.idle():
        upstream.asked().answer({"status": "ok"})
    head = client.reply("HEAD")
    assert (head.status, head.body) == (got.status, b"") == (200, b"")
    differing = {"date", "server"}
    assert {k: v for k, v in head.headers.items() if k not in differing} == {
        k: v for k, v in got.headers.items() if k not in differing
    }


def test_the_root_names_the_server(client):
    reply = client.get("/")
    assert reply.json().keys() == {"name", "version"}


# Access lines.


def access(logged):
    return logged.lines("localaik.access")


def test_each_request_has_one_line(client, upstream, logged, clock):
    client.post(
        "/v1/models/gemma:generateContent?key=SECRET", {"contents": [{"parts": [{"text": "Hi"}]}]}
    )
    clock.advance(0.25)
    upstream.asked().say("Hello")
    client.reply()
    client.get("/v1/nothing?token=SECRET", authorization="Bearer SECRET")
    client.ask("DELETE", "/v1/messages", anthropic_version="x")
    client.reply()
    client.get("/livez/")
    assert access(logged) == [
        "gemini POST /v1/models/gemma:generateContent 200 250.0 ms",
        "openai GET /v1/nothing 404 0.0 ms",
        "anthropic DELETE /v1/messages 404 0.0 ms",
        "localaik GET /livez/ 200 0.0 ms",
    ]
    assert "SECRET" not in "\n".join(logged.lines())


@pytest.mark.parametrize("path", ["/health", "/readyz", "/v1/health"])
def test_health_is_logged_only_when_it_is_bad(client, upstream, logged, path):
    client.ask("GET", path)
    upstream.asked().answer({"status": "ok"})
    assert client.reply().status == 200
    assert access(logged) == []
    client.ask("GET", path)
    upstream.asked().answer(b"", status=503)
    assert client.reply().status == 503
    assert access(logged) == [f"localaik GET {path} 503 0.0 ms"]


def test_the_access_log_can_be_switched_off(connect, logged):
    client = connect(access_log=False)
    assert client.get("/v1/nothing").status == 404
    assert access(logged) == []


def test_a_path_cannot_forge_a_line_of_the_log(client, logged):
    client.ask("GET", "/v1/a%0Ab" + "x" * 400)
    client.reply()
    (line,) = access(logged)
    assert line.startswith("openai GET /v1/a%0Abxxx")
    assert line.endswith("x 404 0.0 ms")
    assert len(line) < 340


def test_a_client_that_leaves_is_logged_as_499(client, upstream, logged):
    client.post("/v1/models/gemma:generateContent", {"contents": [{"parts": [{"text": "Hi"}]}]})
    client.leave()
    assert upstream.asked().cancelled
    assert access(logged) == ["gemini POST /v1/models/gemma:generateContent 499 0.0 ms"]


@pytest.mark.parametrize("tag", ["gemini", "openai"])
def test_a_client_that_leaves_a_stream_is_logged_as_499(client, upstream, logged, tag, stream):
    stream(client, tag)
    answer = upstream.asked().begin()
    answer.delta("One")
    answer.delta("Two")
    assert client.so_far().status == 200
    client.leave()
    assert answer.left
    assert [line.split()[0:1] + line.split()[3:4] for line in access(logged)] == [[tag, "499"]]


def test_a_connection_serves_many_requests(client, upstream):
    for text in ("One", "Two", "Three"):
        client.post("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hi"}]})
        upstream.asked().say(text)
        assert client.reply().json()["choices"][0]["message"]["content"] == text


def test_pipelined_requests_are_answered_in_order(client, upstream):
    client.send(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert client.reply().json() == {"status": "ok"}
    assert client.reply().json()["name"] == "localaik"
