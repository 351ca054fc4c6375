import json

from hypothesis import given, settings
from hypothesis import strategies as st

from localaik.chat.parts import find_documents, replace_documents
from localaik.chat.request import ChatRequest, TextPart
from localaik.completions.request import encode_request
from localaik.errors import BadRequest, LocalaikError, Unimplemented
from localaik.faces.gemini.request import parse_request

PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ_pLvAAAAAElFTkSuQmCC"
)
REQUESTS = [
    {"contents": [{"parts": [{"text": "Hi"}], "role": "user"}], "generationConfig": {}},
    {
        "contents": [
            {"role": "user", "parts": [{"text": "What?"}]},
            {"role": "model", "parts": [{"text": "Hm", "thought": True}, {"text": "A"}]},
            {
                "role": "user",
                "parts": [
                    {"inlineData": {"data": PICTURE, "mime_type": "image/png"}},
                    {"text": "x"},
                ],
            },
        ],
        "systemInstruction": {"parts": [{"text": "Be brief."}], "role": "user"},
        "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
        "tools": [{"googleSearch": {}, "functionDeclarations": []}],
        "toolConfig": {"functionCallingConfig": {"mode": "AUTO"}},
        "labels": {"a_b": "c"},
    },
    {
        "contents": {"parts": {"text": "Hi"}},
        "system_instruction": {"text": "Be brief."},
        "generation_config": {
            "temperature": 0.5,
            "top_p": "0.9",
            "topK": 40.0,
            "candidate_count": 2,
            "max_output_tokens": 5,
            "stop_sequences": ["END"],
            "responseLogprobs": True,
            "logprobs": 2,
            "presence_penalty": 1,
            "frequencyPenalty": -1,
            "seed": 7,
            "response_mime_type": "application/json",
            "response_modalities": ["TEXT"],
            "thinkingConfig": {
                "include_thoughts": True,
                "thinking_budget": 128,
                "thinkingLevel": "LOW",
            },
            "minP": 0.1,
            "samplers": ["top_k"],
        },
    },
]


def parse(body):
    """Give what parsing gives or raises; what is no error of ours comes through."""
    try:
        return parse_request(body, "tiny")
    except LocalaikError as error:
        return error


def test_only_told_errors_come_out_of_any_request(mutations):
    outcomes = set()

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(mutations(REQUESTS))
    def check(value):
        outcome = parse(json.dumps(value).encode())
        outcomes.add(type(outcome))
        match outcome:
            case ChatRequest():
                documents = find_documents(outcome)
                expanded = replace_documents(outcome, [(TextPart("a"),)] * len(documents))
                for single in expanded.singles():
                    assert json.loads(encode_request(single, stream=True))["messages"]
            case BadRequest():
                assert outcome.field
                assert outcome.message.startswith(f"{outcome.field}: ")
            case Unimplemented():
                assert outcome.message.endswith("not served yet")

    check()
    assert outcomes >= {ChatRequest, BadRequest}


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.binary(max_size=60), st.integers(0, 200))
def test_only_told_errors_come_out_of_broken_json(junk, at):
    body = json.dumps(REQUESTS[1]).encode()
    outcome = parse(body[:at] + junk + body[at + len(junk) :])
    assert isinstance(outcome, ChatRequest | BadRequest | Unimplemented)
