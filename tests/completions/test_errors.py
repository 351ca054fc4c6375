import json

import pytest

from localaik.completions.errors import decode_error, decode_error_event, decode_reported_error
from localaik.errors import (
    BadRequest,
    ContextOverflow,
    CredentialsRefused,
    NotFound,
    PayloadTooLarge,
    PermissionDenied,
    RateLimited,
    Unimplemented,
    UpstreamFailed,
    UpstreamTimeout,
    UpstreamUnavailable,
)


def told(error):
    return type(error), error.message


def decode(status, value):
    return told(decode_error(status, json.dumps(value).encode()))


STATUSES = {
    400: BadRequest,
    404: NotFound,
    405: BadRequest,
    409: BadRequest,
    413: PayloadTooLarge,
    422: BadRequest,
    429: RateLimited,
    501: Unimplemented,
    503: UpstreamUnavailable,
    504: UpstreamTimeout,
}


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_a_status_has_its_error(status, kind):
    assert decode(status, {"error": {"code": status, "message": "why"}}) == (kind, "why")


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
@pytest.mark.parametrize(
    "body", [b"", b"<html><h1>Bad Gateway</h1></html>", b"\xff", b"[]", b"{", b"[" * 100_000]
)
def test_a_body_that_says_nothing_leaves_the_status(status, kind, body):
    assert told(decode_error(status, body)) == (kind, f"the upstream answered {status}")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, (CredentialsRefused, "the upstream refused localaik's credentials")),
        (403, (PermissionDenied, "the upstream does not permit the request")),
    ],
)
@pytest.mark.parametrize("body", [{"error": {"message": "bad key sk-SECRET"}}, {"error": "x"}, []])
def test_what_a_server_says_of_our_credentials_is_not_repeated(status, expected, body):
    assert decode(status, body) == expected
    reported = {"code": status, "message": "bad key sk-SECRET"}
    assert told(decode_reported_error(reported)) == expected


@pytest.mark.parametrize("status", [500, 502, 505, 599, 204, 100])
def test_other_statuses_are_failures_of_the_upstream(status):
    message = f"the upstream failed with status {status}"
    assert told(decode_error(status, b"")) == (UpstreamFailed, message)
    assert decode(status, {"error": {"message": "boom"}}) == (UpstreamFailed, f"{message}: boom")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_not_repeated(status):
    assert decode(status, {"error": {"message": "see http://user:key@host/"}}) == (
        UpstreamFailed,
        f"the upstream answered with a redirect ({status})",
    )


@pytest.mark.parametrize(
    "value",
    [
        {"error": {"code": 400, "message": "why", "type": "invalid_request_error"}},
        {
            "object": "error",
            "message": "why",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
        {"error": {"object": "error", "message": "why", "code": "400"}},
        {"error": "why"},
        {"message": "why"},
        "why",
    ],
    ids=["llama.cpp", "old vllm", "vllm", "ollama", "bare", "text"],
)
def test_every_servers_shape_is_read(value):
    assert decode(400, value) == (BadRequest, "why")


@pytest.mark.parametrize(
    "value",
    [{"error": {}}, {"error": None}, {"error": {"message": 1}}, {"error": ["x"]}, {}, None],
)
def test_a_shape_without_a_message_leaves_the_status(value):
    assert decode(400, value) == (BadRequest, "the upstream answered 400")


def test_a_long_message_is_cut():
    assert decode(400, {"error": "x" * 5000}) == (BadRequest, "x" * 1000)


OVERFLOW = (
    "request (12011 tokens) exceeds the available context size (4096 tokens), try increasing it"
)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, {"code": 400, "message": OVERFLOW, "type": "exceed_context_size_error"}),
        (400, {"message": OVERFLOW}),
        (500, {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}),
    ],
)
def test_a_prompt_that_is_too_long_is_told_as_such(status, error):
    assert decode(status, {"error": error}) == (ContextOverflow, error["message"])


@pytest.mark.parametrize(
    "message",
    [
        "Jinja Exception: Conversation roles must alternate user/assistant/user/assistant/...",
        "This chat template does not support system messages",
    ],
)
def test_a_template_that_refuses_the_messages_is_the_clients_error(message):
    assert decode(500, {"error": {"code": 500, "message": message}}) == (BadRequest, message)


def test_loading_and_being_busy_tell_when_to_come_back():
    assert decode_error(503, b'{"error":{"message":"Loading model"}}').retry_after == 1.0
    assert decode_error(429, b"").retry_after == 1.0
    assert decode_error(400, b"").retry_after is None


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ({"code": 503, "message": "why"}, UpstreamUnavailable, "why"),
        ({"code": 400, "message": "why"}, BadRequest, "why"),
        (
            {"code": 500, "message": "why"},
            UpstreamFailed,
            "the upstream failed with status 500: why",
        ),
        (
            {"code": "x", "message": "why"},
            UpstreamFailed,
            "the upstream failed with status 502: why",
        ),
        (
            {"code": 200, "message": "why"},
            UpstreamFailed,
            "the upstream failed with status 502: why",
        ),
        ({"code": None}, UpstreamFailed, "the upstream failed with status 502"),
        ("why", UpstreamFailed, "the upstream failed with status 502: why"),
        (None, UpstreamFailed, "the upstream failed with status 502"),
    ],
)
def test_an_error_inside_an_answer_has_its_own_code(value, kind, message):
    assert told(decode_reported_error(value)) == (kind, message)
    assert told(decode_error_event(json.dumps({"error": value}).encode())) == (kind, message)


def test_an_error_line_of_old_servers_is_the_error_itself():
    data = b'{"code":503,"message":"why","type":"unavailable_error"}'
    assert told(decode_error_event(data)) == (UpstreamUnavailable, "why")


@pytest.mark.parametrize("data", [b"", b"boom", b"[]", b"1"])
def test_an_error_line_of_another_form_is_a_failure(data):
    assert told(decode_error_event(data)) == (
        UpstreamFailed,
        "the upstream failed with status 502",
    )
