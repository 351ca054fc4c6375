import json

import pytest

from localaik.chat.response import (
    Alternative,
    ChatResponse,
    Choice,
    FinishReason,
    TokenLogprob,
    Usage,
)
from localaik.completions.response import decode_response
from localaik.errors import ContextOverflow, LocalaikError, RateLimited, UpstreamFailed

# As llama.cpp answers.
WHOLE = {
    "choices": [
        {
            "finish_reason": "length",
            "index": 0,
            "message": {"role": "assistant", "content": "Hi.", "reasoning_content": "A greeting."},
            "logprobs": {
                "content": [
                    {
                        "id": 1567,
                        "token": "Hi.",
                        "bytes": [72, 105, 46],
                        "logprob": -0.5,
                        "top_logprobs": [
                            {"id": 1518, "token": "Ho", "bytes": [72, 111], "logprob": -0.25}
                        ],
                    }
                ]
            },
        }
    ],
    "created": 1795581424,
    "model": "tiny",
    "system_fingerprint": "b0-unknown",
    "object": "chat.completion",
    "usage": {
        "completion_tokens": 4,
        "prompt_tokens": 13,
        "total_tokens": 17,
        "prompt_tokens_details": {"cached_tokens": 8},
    },
    "id": "chatcmpl-VrdDZ2PYNK95KPhTfJbEVI1hgMEv3vTm",
    "timings": {"cache_n": 8, "prompt_n": 5, "prompt_ms": 2.212},
}


def decode(value):
    return decode_response(json.dumps(value).encode())


def test_an_answer_of_llama_cpp_is_decoded():
    assert decode(WHOLE) == ChatResponse(
        model="tiny",
        choices=(
            Choice(
                text="Hi.",
                finish_reason=FinishReason.LENGTH,
                reasoning="A greeting.",
                logprobs=(
                    TokenLogprob(
                        Alternative("Hi.", -0.5, 1567), (Alternative("Ho", -0.25, 1518),)
                    ),
                ),
            ),
        ),
        usage=Usage(prompt_tokens=13, completion_tokens=4, cached_tokens=8),
    )


def test_an_answer_of_vllm_is_decoded():
    message = {
        "role": "assistant",
        "content": "Hi.",
        "refusal": None,
        "annotations": None,
        "audio": None,
        "function_call": None,
        "tool_calls": [],
        "reasoning": "A greeting.",
    }
    value = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [
            {
                "index": 0,
                "message": message,
                "logprobs": None,
                "finish_reason": "stop",
                "stop_reason": None,
                "token_ids": None,
            }
        ],
        "service_tier": None,
        "usage": {
            "prompt_tokens": 3,
            "total_tokens": 8,
            "completion_tokens": 5,
            "prompt_tokens_details": None,
            "completion_tokens_details": {"reasoning_tokens": 2},
        },
    }
    assert decode(value) == ChatResponse(
        "m",
        (Choice("Hi.", FinishReason.STOP, reasoning="A greeting."),),
        Usage(prompt_tokens=3, completion_tokens=5, reasoning_tokens=2),
    )


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"message": None},
        {"message": {}, "finish_reason": None},
        {"message": {"content": None}},
    ],
)
def test_what_a_server_leaves_out_is_empty(choice):
    empty = ChatResponse("", (Choice("", FinishReason.STOP),))
    assert decode({"choices": [choice]}) == empty
    assert decode({"choices": [choice], "usage": None, "error": None}) == empty


def test_several_answers_keep_their_order():
    choices = [{"message": {"content": text}, "finish_reason": "stop"} for text in "ab"]
    assert [choice.text for choice in decode({"choices": choices}).choices] == ["a", "b"]


@pytest.mark.parametrize("value", [{}, {"choices": []}, {"choices": None}, {"object": "list"}])
def test_an_answer_without_choices_is_a_failure(value):
    with pytest.raises(UpstreamFailed, match=r"^the upstream sent an answer without choices$"):
        decode(value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html></html>",
        b"[]",
        b'{"choices":{}}',
        b'{"choices":[1]}',
        b"\xff\xfe",
        b"{} {}",
    ],
)
def test_garbage_is_a_failure(body):
    with pytest.raises(UpstreamFailed, match=r"^the upstream sent an answer that cannot be read$"):
        decode_response(body)


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (
            {"code": 500, "message": "boom"},
            UpstreamFailed,
            "the upstream failed with status 500: boom",
        ),
        ({"code": 429, "message": "busy"}, RateLimited, "busy"),
        (
            {"code": 400, "type": "exceed_context_size_error", "message": "too long"},
            ContextOverflow,
            "too long",
        ),
        ("boom", UpstreamFailed, "the upstream failed with status 502: boom"),
    ],
)
def test_an_error_inside_a_200_is_raised(error, kind, message):
    with pytest.raises(LocalaikError) as caught:
        decode({"error": error})
    assert (type(caught.value), caught.value.message) == (kind, message)
