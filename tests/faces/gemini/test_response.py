import json

import attrs
import pytest

from localaik.chat.request import ChatRequest, Reasoning
from localaik.chat.response import (
    Alternative,
    ChatResponse,
    Choice,
    FinishReason,
    TokenLogprob,
    Usage,
)
from localaik.faces.face import Answer
from localaik.faces.gemini.response import render_response

REQUEST = ChatRequest("gemma", ())
HELLO = Choice("Hello", FinishReason.STOP)
CANDIDATE = {
    "content": {"role": "model", "parts": [{"text": "Hello"}]},
    "finishReason": "STOP",
    "index": 0,
}


def render(*choices, usage=None, model="tiny", **asked):
    answer = Answer(attrs.evolve(REQUEST, **asked), answer_id="answer-1", created=0)
    return json.loads(render_response(ChatResponse(model, choices, usage), answer))


def test_an_answer_is_rendered():
    usage = Usage(prompt_tokens=3, completion_tokens=2, cached_tokens=1)
    assert render(HELLO, usage=usage) == {
        "candidates": [CANDIDATE],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
        "modelVersion": "tiny",
        "responseId": "answer-1",
    }


def test_without_usage_none_is_made_up():
    assert render(HELLO) == {
        "candidates": [CANDIDATE],
        "modelVersion": "tiny",
        "responseId": "answer-1",
    }


def test_a_model_without_a_name_is_called_as_the_client_calls_it():
    assert render(HELLO, model="")["modelVersion"] == "gemma"


def test_zeros_are_written_out():
    assert render(HELLO, usage=Usage())["usageMetadata"] == {
        "promptTokenCount": 0,
        "candidatesTokenCount": 0,
        "totalTokenCount": 0,
    }


def test_thoughts_are_counted_beside_the_answer():
    assert render(HELLO, usage=Usage(3, 7, reasoning_tokens=5))["usageMetadata"] == {
        "promptTokenCount": 3,
        "candidatesTokenCount": 2,
        "thoughtsTokenCount": 5,
        "totalTokenCount": 10,
    }


def test_an_empty_answer_still_has_a_part():
    parts = render(Choice("", FinishReason.STOP))["candidates"][0]["content"]["parts"]
    assert parts == [{"text": ""}]


@pytest.mark.parametrize(
    ("reason", "word"),
    [
        (FinishReason.STOP, "STOP"),
        (FinishReason.LENGTH, "MAX_TOKENS"),
        (FinishReason.TOOL_CALLS, "STOP"),
        (FinishReason.CONTENT_FILTER, "SAFETY"),
    ],
)
def test_finish_reasons_are_googles_words(reason, word):
    assert render(Choice("Hello", reason))["candidates"] == [{**CANDIDATE, "finishReason": word}]


def test_several_answers_have_their_places():
    assert render(HELLO, HELLO)["candidates"] == [CANDIDATE, {**CANDIDATE, "index": 1}]


def test_thoughts_come_first_if_they_are_wanted():
    choice = Choice("Hello", FinishReason.STOP, reasoning="A greeting.")
    thought = {"text": "A greeting.", "thought": True}
    parts = render(choice, reasoning=Reasoning(shown=True))["candidates"][0]["content"]["parts"]
    assert parts == [thought, {"text": "Hello"}]
    assert render(choice)["candidates"] == [CANDIDATE]


def test_no_thoughts_are_no_part():
    assert render(HELLO, reasoning=Reasoning(shown=True))["candidates"] == [CANDIDATE]


TOKENS = (
    TokenLogprob(
        Alternative("Hel", -0.5, 5), (Alternative("Hel", -0.5, 5), Alternative("x", -1.0))
    ),
    TokenLogprob(Alternative("lo", -1.5)),
)
CHOSEN = [
    {"token": "Hel", "logProbability": -0.5, "tokenId": 5},
    {"token": "lo", "logProbability": -1.5},
]
TOP = [
    {"token": "Hel", "logProbability": -0.5, "tokenId": 5},
    {"token": "x", "logProbability": -1.0},
]


@pytest.mark.parametrize(
    ("wanted", "result"),
    [
        (0, {"chosenCandidates": CHOSEN}),
        (
            1,
            {
                "chosenCandidates": CHOSEN,
                "topCandidates": [{"candidates": TOP[:1]}, {"candidates": []}],
            },
        ),
        (
            5,
            {
                "chosenCandidates": CHOSEN,
                "topCandidates": [{"candidates": TOP}, {"candidates": []}],
            },
        ),
    ],
)
def test_log_probabilities_are_rendered_as_many_as_wanted(wanted, result):
    choice = attrs.evolve(HELLO, logprobs=TOKENS)
    assert render(choice, logprobs=wanted)["candidates"] == [
        {**CANDIDATE, "avgLogprobs": -1.0, "logprobsResult": result}
    ]


def test_log_probabilities_that_nobody_wanted_are_left_out():
    assert render(attrs.evolve(HELLO, logprobs=TOKENS))["candidates"] == [CANDIDATE]


def test_log_probabilities_that_the_upstream_lacks_are_left_out():
    assert render(HELLO, logprobs=1)["candidates"] == [CANDIDATE]


def test_text_goes_out_as_utf_8():
    answer = Answer(REQUEST, answer_id="answer-1", created=0)
    response = ChatResponse("tiny", (Choice("é👋\u2028\ud83d", FinishReason.STOP),))
    assert '"text":"é👋\u2028\ufffd"'.encode() in render_response(response, answer)
