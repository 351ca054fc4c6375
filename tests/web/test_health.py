"""The routes that say whether localaik runs and whether the model answers."""

import pytest
from twisted.internet.error import ConnectionRefusedError as Refused

from localaik import __version__
from localaik.errors import UpstreamUnavailable

READINESS = ["/health", "/readyz", "/v1/health"]
ADDRESS = "http://model.test:8080"


def unavailable(reason):
    return {"status": "unavailable", "upstream": ADDRESS, "reason": reason}


def test_livez_and_the_root_ask_nobody(client, upstream):
    assert client.get("/livez").json() == {"status": "ok"}
    assert client.get("/").json() == {"name": "localaik", "version": __version__}
    assert upstream.idle()


@pytest.mark.parametrize("path", READINESS)
def test_health_is_good_when_the_model_answers(client, upstream, path):
    client.ask("GET", path)
    asked = upstream.asked()
    assert (asked.method, asked.url, asked.body) == ("GET", f"{ADDRESS}/health", b"")
    asked.answer({"status": "ok"})
    reply = client.reply()
    assert (reply.status, reply.body) == (200, b'{"status":"ok"}')


@pytest.mark.parametrize(("headers", "body"), [({}, b""), ({"Content-Type": "text/plain"}, b"ok")])
def test_any_200_is_good_health(client, upstream, headers, body):
    # vLLM's has no body.
    client.ask("GET", "/health")
    upstream.asked().answer(body, headers=headers)
    assert client.reply().status == 200


@pytest.mark.parametrize(("status", "expected"), [(200, 200), (404, 503), (500, 503)])
def test_a_server_without_health_is_asked_for_its_models(client, upstream, status, expected):
    client.ask("GET", "/health")
    upstream.asked().answer(b"", status=404)
    asked = upstream.asked()
    assert asked.url == f"{ADDRESS}/v1/models"
    asked.answer({"data": []}, status=status)
    assert client.reply().status == expected


@pytest.mark.parametrize("path", READINESS)
def test_health_is_bad_while_the_model_loads(client, upstream, path):
    client.ask("GET", path)
    body = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    upstream.asked().answer(body, status=503)
    reply = client.reply()
    assert (reply.status, reply.json()) == (503, unavailable("Loading model"))
    assert reply.headers["retry-after"] == "1"


def test_health_is_bad_when_nobody_listens(client, upstream):
    client.ask("GET", "/health")
    upstream.asked().fail(Refused())
    reply = client.reply()
    assert (reply.status, reply.json()) == (
        503,
        unavailable("the model server cannot be reached"),
    )


def test_health_is_bad_after_five_seconds(client, upstream, clock):
    client.ask("GET", "/health")
    clock.advance(4.9)
    assert client.silent()
    clock.advance(0.1)
    reason = "the model server did not begin to answer within 5 seconds"
    assert client.reply().json() == unavailable(reason)
    assert upstream.asked().cancelled


@pytest.mark.parametrize("status", [302, 401, 403, 429, 500])
def test_health_is_a_503_whatever_the_upstream_says(client, upstream, status):
    client.ask("GET", "/health")
    upstream.asked().answer(b"", status=status)
    reply = client.reply()
    assert (reply.status, reply.json()["status"]) == (503, "unavailable")


def test_health_is_bad_before_there_is_an_address(connect, upstream):
    def locate():
        raise UpstreamUnavailable("the model is loading", retry_after=1.0)

    reply = connect(locate=locate).get("/health")
    assert (reply.status, reply.json()) == (503, unavailable("the model is loading"))
    assert reply.headers["retry-after"] == "1"
    assert upstream.idle()


def test_a_client_that_leaves_ends_the_check(client, upstream):
    client.ask("GET", "/health")
    client.leave()
    assert upstream.asked().cancelled
