import json
import re

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
from localaik.errors import BadRequest, Unimplemented
from localaik.faces.gemini.request import parse_request
from localaik.wire.datauri import DataURI

HI = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}
QUESTION = Message(Role.USER, (TextPart("Hi"),))
PLAIN = ChatRequest("tiny", (QUESTION,))


def parse(value):
    return parse_request(json.dumps(value).encode(), "tiny")


def message(role, text):
    return Message(role, (TextPart(text),))


def test_a_question_is_all_that_is_needed():
    assert parse(HI) == PLAIN


def test_the_model_is_the_paths():
    assert (
        parse_request(json.dumps({**HI, "model": "models/other"}).encode(), "a/b:c").model
        == "a/b:c"
    )


def test_everything_that_is_served_is_parsed(png):
    request = {
        "contents": [
            {"role": "user", "parts": [{"text": "What is this?"}]},
            {"role": "model", "parts": [{"text": "Hm.", "thought": True}, {"text": "A cat."}]},
            {
                "role": "user",
                "parts": [
                    {"text": "And this?"},
                    {"inlineData": {"mimeType": "image/png", "data": png, "displayName": "x"}},
                    {},
                ],
            },
        ],
        "systemInstruction": {
            "role": "user",
            "parts": [{"text": "Be brief."}, {"text": "Be kind."}],
        },
        "generationConfig": {
            "temperature": 0.5,
            "topP": 0.9,
            "topK": 40.0,
            "candidateCount": 2,
            "maxOutputTokens": 5,
            "stopSequences": ["END", "", "\n"],
            "responseLogprobs": True,
            "logprobs": 3,
            "presencePenalty": 1,
            "frequencyPenalty": -1.5,
            "seed": 7,
            "responseMimeType": "application/json",
            "responseModalities": ["TEXT"],
            "mediaResolution": "MEDIA_RESOLUTION_LOW",
            "speechConfig": {"voice_config": {}},
            "thinkingConfig": {
                "includeThoughts": True,
                "thinkingBudget": 128,
                "thinkingLevel": "LOW",
            },
            "imageConfig": {"aspectRatio": "1:1"},
            "enableEnhancedCivicAnswers": True,
            "audioTranscriptionConfig": {},
            "continuationToken": "AAAA",
            "minP": 0.1,
        },
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
        "toolConfig": {"functionCallingConfig": {"mode": "AUTO"}},
        "tools": [],
        "labels": {"team_name": "red"},
        "serviceTier": "flex",
        "store": False,
        "model": "models/tiny",
    }
    assert parse(request) == ChatRequest(
        model="tiny",
        messages=(
            message(Role.SYSTEM, "Be brief.\nBe kind."),
            message(Role.USER, "What is this?"),
            message(Role.ASSISTANT, "A cat."),
            Message(Role.USER, (TextPart("And this?"), ImagePart(DataURI("image/png", png)))),
        ),
        sampling=Sampling(
            temperature=0.5,
            top_p=0.9,
            top_k=40,
            max_tokens=5,
            stop=("END", "\n"),
            seed=7,
            presence_penalty=1.0,
            frequency_penalty=-1.5,
        ),
        candidates=2,
        logprobs=3,
        reasoning=Reasoning(enabled=True, budget=128, effort="low", shown=True),
        response_format=ResponseFormat(),
        extra={"min_p": 0.1},
        ignored=(),
    )


def test_snake_case_and_single_objects_are_the_same_request(png):
    camel = {
        **HI,
        "contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": png}}]}],
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "generationConfig": {
            "maxOutputTokens": 5,
            "thinkingConfig": {"includeThoughts": True, "thinkingBudget": 0},
            "repeatPenalty": 1.1,
        },
        "safetySettings": [{"category": "X", "threshold": "Y"}],
    }
    snake = {
        "contents": {"parts": {"inline_data": {"mime_type": "image/png", "data": png}}},
        "system_instruction": {"parts": {"text": "Be brief."}},
        "generation_config": {
            "max_output_tokens": "5",
            "thinking_config": {"include_thoughts": True, "thinkingBudget": "0"},
            "repeat_penalty": 1.1,
        },
        "safety_settings": {"category": "X", "threshold": "Y"},
    }
    assert parse(snake) == parse(camel)
    assert parse(snake).ignored == ()


def test_null_is_absent_everywhere():
    config = dict.fromkeys(["temperature", "topK", "stopSequences", "thinkingConfig", "minP"])
    nulls = {
        "generationConfig": {**config, "responseSchema": None, "logprobs": None},
        **dict.fromkeys(["systemInstruction", "tools", "toolConfig", "safetySettings", "labels"]),
        "cachedContent": None,
    }
    part = {"text": "Hi", "inlineData": None, "functionCall": None, "thought": None}
    assert parse({"contents": [{"role": None, "parts": [part]}], **nulls}) == PLAIN


@pytest.mark.parametrize("config", [{}, None])
def test_an_empty_config_asks_for_nothing(config):
    assert parse({**HI, "generationConfig": config, "tools": [], "toolConfig": {}}) == PLAIN


@pytest.mark.parametrize(
    "instruction",
    [
        "Be brief.",
        {"text": "Be brief."},
        {"parts": [{"text": "Be brief."}]},
        {"parts": {"text": "Be brief."}},
        {"role": "user", "parts": [{"text": "Be brief."}, {"text": ""}]},
        {"role": "model", "parts": [{"text": "Be brief."}]},
    ],
)
def test_a_system_instruction_has_many_forms(instruction):
    expected = ChatRequest("tiny", (message(Role.SYSTEM, "Be brief."), QUESTION))
    assert parse({**HI, "systemInstruction": instruction}) == expected


@pytest.mark.parametrize("instruction", ["", {"parts": []}, {}, {"parts": [{"text": ""}]}])
def test_an_empty_system_instruction_is_none(instruction):
    assert parse({**HI, "systemInstruction": instruction}) == PLAIN


def test_a_picture_in_the_system_instruction_moves_to_the_question(png):
    parts = [{"text": "Look."}, {"inlineData": {"mimeType": "image/png", "data": png}}]
    assert parse({**HI, "systemInstruction": {"parts": parts}}).messages == (
        message(Role.SYSTEM, "Look."),
        Message(Role.USER, (ImagePart(DataURI("image/png", png)), TextPart("Hi"))),
    )


def test_a_history_that_was_streamed_is_merged():
    def content(role, text):
        return {"role": role, "parts": [{"text": text}]}

    contents = [content("user", "Hi"), content("model", "Hel"), content("model", "lo")]
    more = [content("model", ""), content("user", "a"), content("user", "b")]
    assert parse({"contents": [*contents, *more]}).messages == (
        QUESTION,
        message(Role.ASSISTANT, "Hello"),
        message(Role.USER, "a\n\nb"),
    )


def test_a_history_that_begins_with_the_model_gets_a_question():
    contents = [{"role": "model", "parts": [{"text": "Hello"}]}, *HI["contents"]]
    assert parse({"contents": contents}).messages == (
        message(Role.USER, ""),
        message(Role.ASSISTANT, "Hello"),
        QUESTION,
    )


def test_fields_without_effect_are_told_in_the_clients_spelling():
    request = {
        "contents": [{"parts": [{"text": "Hi", "x_y": 1}], "z": {"deep": 1}}],
        "generation_config": {"new_field": 1, "top_k": 1},
        "unknown": None,
        "other": [],
        "tools": [{"google_search": {}}, {"codeExecution": {}, "new_tool": {}}],
    }
    assert set(parse(request).ignored) == {
        "tools[0].google_search",
        "tools[1].codeExecution",
        "tools[1].new_tool",
        "generation_config.new_field",
        "contents[0].parts[0].x_y",
        "contents[0].z",
        "other",
    }


def test_a_text_in_place_of_parts_is_not_told_as_ignored():
    assert parse({"contents": [{"role": "user", "text": "Hi"}]}) == PLAIN
    assert parse({"contents": ["Hi"]}) == PLAIN


REFUSED = {
    "body: expected an object, got an array": [],
    "body: expected an object, got a string": "x",
    "contents: required": {},
    "contents: expected an array, got a string": {"contents": "Hi"},
    "contents: expected at least one content": {"contents": []},
    "contents: expected some content, got only empty parts": {"contents": [{"parts": [{}]}, {}]},
    "contents[1]: expected an object, got a number": {"contents": [*HI["contents"], 1]},
    "contents[0].role: expected one of USER, MODEL, ASSISTANT, SYSTEM, FUNCTION": {
        "contents": [{"role": "robot", "parts": [{"text": "Hi"}]}]
    },
    "contents[0].parts: expected an array, got a string": {"contents": [{"parts": "Hi"}]},
    "generation_config: expected an object, got an array": {**HI, "generation_config": []},
    "systemInstruction: expected an object, got a number": {**HI, "systemInstruction": 1},
    "systemInstruction.parts[0].text: expected a string, got a number": {
        **HI,
        "systemInstruction": {"parts": [{"text": 1}]},
    },
    "tools: expected an array, got a string": {**HI, "tools": "x"},
    "tools[0]: expected an object, got a number": {**HI, "tools": [1]},
    "tools[0].functionDeclarations: expected an array, got a number": {
        **HI,
        "tools": [{"functionDeclarations": 1}],
    },
    "safetySettings[0]: expected an object, got a string": {**HI, "safetySettings": ["x"]},
    "safetySettings[0].threshold: expected a string, got a number": {
        **HI,
        "safetySettings": [{"threshold": 1}],
    },
}


@pytest.mark.parametrize(("told", "request_body"), REFUSED.items(), ids=REFUSED)
def test_a_malformed_request_is_refused_by_its_field(told, request_body):
    with pytest.raises(BadRequest, match=f"^{re.escape(told)}$") as caught:
        parse(request_body)
    assert caught.value.field == told.partition(": ")[0]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"contents":[}'])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(BadRequest):
        parse_request(body, "tiny")


UNSERVED = {
    "cachedContent: cached contents are not served yet": {"cachedContent": "cachedContents/1"},
    "tools[1].functionDeclarations: tools are not served yet": {
        "tools": [{"googleSearch": {}}, {"functionDeclarations": [{"name": "f"}]}]
    },
    "generationConfig.responseSchema: response schemas are not served yet": {
        "generationConfig": {"responseSchema": {"type": "STRING"}}
    },
}


@pytest.mark.parametrize(("told", "more"), UNSERVED.items(), ids=UNSERVED)
def test_what_is_not_served_is_told(told, more):
    with pytest.raises(Unimplemented, match=f"^{re.escape(told)}$"):
        parse({**HI, **more})


def test_no_functions_are_no_tools():
    assert parse({**HI, "tools": [{"functionDeclarations": []}, {}]}) == PLAIN
