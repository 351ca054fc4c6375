import json

from hypothesis import given, settings

from localaik.errors import BadRequest, LocalaikError
from localaik.faces.openai.request import check_request

CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
REQUESTS = [
    {"model": "x", "messages": [{"role": "user", "content": "Hi"}]},
    {
        "model": "x",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}},
                ],
            },
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "1", "content": "1"},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
    },
    {
        "messages": [{"role": "user", "content": "Hi"}],
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 5,
        "n": 2,
        "seed": 7,
        "stop": ["END"],
        "logprobs": True,
        "top_logprobs": 2,
        "logit_bias": {"5": 1},
        "stream": True,
        "stream_options": {"include_usage": True},
        "response_format": {"type": "json_object"},
        "parallel_tool_calls": True,
        "user": "me",
        "min_p": 0.1,
    },
]


def check_body(body):
    """Give the error that the check raises, if any; what is none of ours comes through."""
    try:
        check_request(body)
    except LocalaikError as error:
        return error


def test_only_told_errors_come_out_of_any_request(mutations):
    outcomes = set()

    @settings(max_examples=300, deadline=None, derandomize=True, database=None)
    @given(mutations(REQUESTS))
    def check(value):
        outcome = check_body(json.dumps(value).encode())
        outcomes.add(type(outcome))
        if outcome is not None:
            assert outcome.field
            assert outcome.message.startswith(f"{outcome.field}: ")

    check()
    assert outcomes == {type(None), BadRequest}
