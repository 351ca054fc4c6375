import json

import attrs
import pytest

from localaik.chat.request import (
    ChatRequest,
    ImagePart,
    Message,
    Reasoning,
    ResponseFormat,
    Role,
    Sampling,
    TextPart,
)
from localaik.completions.request import encode_request
from localaik.wire.datauri import DataURI

QUESTION = Message(Role.USER, (TextPart("Hi"),))
PLAIN = ChatRequest("tiny", (QUESTION,))
ENCODED = {"model": "tiny", "messages": [{"role": "user", "content": "Hi"}]}


def encode(request, *, stream=False):
    return json.loads(encode_request(request, stream=stream))


def test_a_plain_request_leaves_everything_to_the_server():
    assert encode(PLAIN) == ENCODED


def test_a_stream_is_asked_for_with_its_usage():
    asked = {"stream": True, "stream_options": {"include_usage": True}}
    assert encode(PLAIN, stream=True) == {**ENCODED, **asked}


def test_everything_that_can_be_asked_for_is_encoded():
    request = ChatRequest(
        model="tiny",
        messages=(
            Message(Role.SYSTEM, (TextPart("Be brief."),)),
            Message(
                Role.USER,
                (TextPart("What?"), ImagePart(DataURI("image/png", "QQ==")), TextPart("x")),
            ),
            Message(Role.ASSISTANT, (TextPart("A picture."),)),
            Message(Role.USER, ()),
        ),
        sampling=Sampling(
            temperature=0.0,
            top_p=0.9,
            top_k=0,
            max_tokens=5,
            stop=("END", "\n"),
            seed=0,
            presence_penalty=-1.0,
            frequency_penalty=0.0,
        ),
        candidates=3,
        logprobs=2,
        reasoning=Reasoning(enabled=True, budget=128, effort="low", shown=True),
        response_format=ResponseFormat(),
        extra={"min_p": 0.1, "grammar": 'root ::= "x"', "model": "other", "top_p": 0.1},
        ignored=("labels",),
    )
    assert encode(request) == {
        "model": "tiny",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}},
                    {"type": "text", "text": "x"},
                ],
            },
            {"role": "assistant", "content": "A picture."},
            {"role": "user", "content": ""},
        ],
        "temperature": 0.0,
        "top_p": 0.9,
        "top_k": 0,
        "max_tokens": 5,
        "stop": ["END", "\n"],
        "seed": 0,
        "presence_penalty": -1.0,
        "frequency_penalty": 0.0,
        "logprobs": True,
        "top_logprobs": 2,
        "reasoning_effort": "low",
        "chat_template_kwargs": {"enable_thinking": True},
        "reasoning_budget_tokens": 128,
        "response_format": {"type": "json_object"},
        "min_p": 0.1,
        "grammar": 'root ::= "x"',
    }


@pytest.mark.parametrize(("wanted", "asked"), [(0, 1), (1, 1), (20, 20)])
def test_log_probabilities_are_never_asked_for_without_an_alternative(wanted, asked):
    # llama.cpp gives none at all for top_logprobs 0.
    request = attrs.evolve(PLAIN, logprobs=wanted)
    assert encode(request) == {**ENCODED, "logprobs": True, "top_logprobs": asked}


def test_thinking_can_be_switched_off():
    request = attrs.evolve(PLAIN, reasoning=Reasoning(enabled=False))
    assert encode(request) == {**ENCODED, "chat_template_kwargs": {"enable_thinking": False}}


def test_showing_thoughts_asks_the_server_for_nothing():
    assert encode(attrs.evolve(PLAIN, reasoning=Reasoning(shown=True))) == ENCODED


def test_text_goes_out_as_utf_8():
    request = attrs.evolve(PLAIN, messages=(Message(Role.USER, (TextPart("é👋\u2028"),)),))
    assert '"content":"é👋\u2028"'.encode() in encode_request(request, stream=False)
