import re

import pytest

from localaik.chat.request import Reasoning, ResponseFormat, Sampling
from localaik.errors import BadRequest, Unimplemented
from localaik.faces.gemini.config import GenerationConfig, read_generation_config
from localaik.faces.gemini.names import SAMPLING_EXTENSIONS, THINKING_LEVELS, WITHOUT_EFFECT
from localaik.wire.reader import Reader, Spelling


def read(**fields):
    reader = Reader(fields, Spelling.PROTO)
    config = read_generation_config(reader.object())
    assert reader.unread() == ()
    return config


def test_no_config_asks_for_nothing():
    assert read_generation_config(None) == GenerationConfig()
    assert read() == GenerationConfig()


@pytest.mark.parametrize(
    ("field", "value", "sampling"),
    [
        ("temperature", 0, Sampling(temperature=0.0)),
        ("temperature", "1.5", Sampling(temperature=1.5)),
        ("temperature", 2, Sampling(temperature=2.0)),
        ("topP", 0.95, Sampling(top_p=0.95)),
        ("top_p", 1, Sampling(top_p=1.0)),
        ("topK", 40.0, Sampling(top_k=40)),
        ("top_k", "40", Sampling(top_k=40)),
        ("maxOutputTokens", 1, Sampling(max_tokens=1)),
        ("max_output_tokens", "8192", Sampling(max_tokens=8192)),
        ("stopSequences", ["a", "", "b"], Sampling(stop=("a", "b"))),
        ("stop_sequences", [], Sampling()),
        ("stopSequences", list("abcdefgh"), Sampling(stop=tuple("abcdefgh"))),
        ("seed", 0, Sampling(seed=0)),
        ("seed", -1, Sampling(seed=2**32 - 2)),
        ("seed", -(2**31), Sampling(seed=2**31 - 1)),
        ("seed", 2**32 - 2, Sampling(seed=2**32 - 2)),
        ("seed", 2**32 - 1, Sampling(seed=0)),
        ("presencePenalty", -2, Sampling(presence_penalty=-2.0)),
        ("frequency_penalty", 2, Sampling(frequency_penalty=2.0)),
    ],
)
def test_sampling_is_read(field, value, sampling):
    assert read(**{field: value}) == GenerationConfig(sampling=sampling)


@pytest.mark.parametrize(("value", "count"), [(1, 1), (8, 8), ("3", 3)])
def test_several_candidates_may_be_asked_for(value, count):
    assert read(candidateCount=value) == GenerationConfig(candidates=count)


@pytest.mark.parametrize(
    ("fields", "alternatives"),
    [
        ({"responseLogprobs": True}, 0),
        ({"responseLogprobs": True, "logprobs": 0}, 0),
        ({"response_logprobs": True, "logprobs": "20"}, 20),
        ({"responseLogprobs": False}, None),
        ({"responseLogprobs": False, "logprobs": 0}, None),
        ({"logprobs": 0}, None),
    ],
)
def test_log_probabilities_may_be_asked_for(fields, alternatives):
    assert read(**fields) == GenerationConfig(logprobs=alternatives)


@pytest.mark.parametrize(
    ("thinking", "reasoning"),
    [
        ({}, Reasoning()),
        ({"includeThoughts": True}, Reasoning(shown=True)),
        ({"include_thoughts": False}, Reasoning()),
        ({"thinkingBudget": 0}, Reasoning(enabled=False)),
        ({"thinking_budget": "0", "include_thoughts": True}, Reasoning(enabled=False, shown=True)),
        ({"thinkingBudget": -1}, Reasoning(enabled=True)),
        ({"thinkingBudget": 128}, Reasoning(enabled=True, budget=128)),
        ({"thinkingLevel": "LOW"}, Reasoning(enabled=True, effort="low")),
        ({"thinking_level": "xhigh"}, Reasoning(enabled=True, effort="xhigh")),
        ({"thinkingLevel": "Minimal"}, Reasoning(enabled=True, effort="minimal")),
        ({"thinkingLevel": "THINKING_LEVEL_UNSPECIFIED"}, Reasoning()),
        ({"thinkingLevel": "HIGH", "thinkingBudget": 0}, Reasoning(enabled=False, effort="high")),
    ],
)
def test_thinking_is_read(thinking, reasoning):
    assert read(thinkingConfig=thinking) == GenerationConfig(reasoning=reasoning)


@pytest.mark.parametrize(
    ("mime_type", "response_format"),
    [("", None), ("text/plain", None), ("application/json", ResponseFormat())],
)
def test_the_answers_type_is_read(mime_type, response_format):
    assert read(responseMimeType=mime_type) == GenerationConfig(response_format=response_format)


@pytest.mark.parametrize("modalities", [[], ["TEXT"], ["text"], ["IMAGE", "Text"]])
def test_text_may_be_asked_for(modalities):
    assert read(responseModalities=modalities) == GenerationConfig()


@pytest.mark.parametrize(("wire", "name"), SAMPLING_EXTENSIONS.items())
def test_sampling_keys_of_llama_cpp_travel_on(wire, name):
    assert read(**{wire: [1, {"a_b": 2}]}) == GenerationConfig(extra={name: [1, {"a_b": 2}]})
    assert read(**{name: 0}) == GenerationConfig(extra={name: 0})


@pytest.mark.parametrize("field", WITHOUT_EFFECT)
def test_what_cannot_vary_here_is_accepted(field):
    assert read(**{field: {"any": 1}}) == GenerationConfig()


FINITE = "expected a finite number"
WRONG = [
    ({"temperature": "hot"}, "temperature: expected a number, got a string"),
    ({"temperature": True}, "temperature: expected a number, got a boolean"),
    ({"temperature": -0.1}, "temperature: expected at least 0.0, got -0.1"),
    ({"temperature": 2.1}, "temperature: expected at most 2.0, got 2.1"),
    ({"temperature": "NaN"}, f"temperature: {FINITE}"),
    ({"topP": 1.1}, "topP: expected at most 1.0, got 1.1"),
    ({"top_p": "Infinity"}, f"top_p: {FINITE}"),
    ({"topK": 1.5}, "topK: expected an integer, got 1.5"),
    ({"topK": -1}, "topK: expected at least 0, got -1"),
    ({"topK": []}, "topK: expected a number, got an array"),
    ({"maxOutputTokens": 0}, "maxOutputTokens: expected at least 1, got 0"),
    ({"maxOutputTokens": 2**31}, "maxOutputTokens: expected at most 2147483647, got 2147483648"),
    ({"stopSequences": "END"}, "stopSequences: expected an array, got a string"),
    ({"stop_sequences": ["a", 1]}, "stop_sequences[1]: expected a string, got a number"),
    ({"seed": 2**32}, "seed: expected at most 4294967295, got 4294967296"),
    ({"seed": -(2**31) - 1}, "seed: expected at least -2147483648, got -2147483649"),
    ({"presencePenalty": 2.5}, "presencePenalty: expected at most 2.0, got 2.5"),
    ({"frequencyPenalty": -3}, "frequencyPenalty: expected at least -2.0, got -3.0"),
    ({"candidateCount": 0}, "candidateCount: expected at least 1, got 0"),
    ({"candidateCount": 9}, "candidateCount: expected at most 8, got 9"),
    ({"responseLogprobs": "true"}, "responseLogprobs: expected true or false, got a string"),
    ({"responseLogprobs": True, "logprobs": 21}, "logprobs: expected at most 20, got 21"),
    ({"responseLogprobs": True, "logprobs": -1}, "logprobs: expected at least 0, got -1"),
    ({"logprobs": 2}, "logprobs: needs responseLogprobs to be true"),
    ({"thinkingConfig": True}, "thinkingConfig: expected an object, got a boolean"),
    (
        {"thinking_config": {"thinking_budget": -2}},
        "thinking_config.thinking_budget: expected at least -1, got -2",
    ),
    (
        {"thinkingConfig": {"thinkingBudget": 2**31}},
        "thinkingConfig.thinkingBudget: expected at most 2147483647, got 2147483648",
    ),
    (
        {"thinkingConfig": {"thinkingLevel": "MUCH"}},
        f"thinkingConfig.thinkingLevel: expected one of {', '.join(THINKING_LEVELS)}",
    ),
    (
        {"thinkingConfig": {"includeThoughts": 1}},
        "thinkingConfig.includeThoughts: expected true or false, got a number",
    ),
    (
        {"responseMimeType": "text/html"},
        "responseMimeType: expected text/plain, application/json or text/x.enum",
    ),
    ({"response_mime_type": 1}, "response_mime_type: expected a string, got a number"),
    (
        {"responseModalities": ["AUDIO"]},
        "responseModalities: expected TEXT among them; localaik answers in text only",
    ),
    ({"responseModalities": [1]}, "responseModalities[0]: expected a string, got a number"),
    ({"responseModalities": "TEXT"}, "responseModalities: expected an array, got a string"),
]


@pytest.mark.parametrize(("fields", "told"), WRONG, ids=[told for _, told in WRONG])
def test_a_wrong_value_is_refused_by_its_field(fields, told):
    with pytest.raises(BadRequest, match=f"^{re.escape(told)}$") as caught:
        read(**fields)
    assert caught.value.field == told.partition(": ")[0]


@pytest.mark.parametrize(
    "name",
    [
        "responseSchema",
        "response_schema",
        "responseJsonSchema",
        "response_json_schema",
        "_responseJsonSchema",
        "_response_json_schema",
    ],
)
def test_schemas_are_not_served_under_any_name(name):
    told = f"^{name}: response schemas are not served yet$"
    with pytest.raises(Unimplemented, match=told):
        read(**{name: {"type": "STRING"}})
    with pytest.raises(Unimplemented, match=told):
        read(**{name: {}, "responseMimeType": "application/json"})


def test_enum_answers_are_not_served():
    with pytest.raises(
        Unimplemented, match=r"^responseMimeType: enum answers are not served yet$"
    ):
        read(responseMimeType="text/x.enum")
