import json
import re

import pytest

from localaik.errors import BadRequest
from localaik.faces.openai.request import check_request

HI = {"messages": [{"role": "user", "content": "Hi"}]}


def check(value):
    check_request(json.dumps(value).encode())


def said(**message):
    return {"messages": [{"role": "user", "content": "Hi"}, message]}


CALL = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
ACCEPTED = [
    HI,
    {"messages": [{"role": role, "content": "x"} for role in ("system", "developer", "user")]},
    {"messages": [{"role": role, "content": "x"} for role in ("assistant", "tool", "function")]},
    said(role="user", content=""),
    said(role="user", content=[{"type": "text", "text": "x"}, {"type": "input_video"}]),
    said(role="user", content=[]),
    said(role="assistant", content=None, tool_calls=[CALL]),
    said(role="assistant", tool_calls=[CALL]),
    said(role="assistant", function_call={"name": "f"}),
    said(role="user", content="x", name="me", unknown=[1]),
    {**HI, "temperature": 0, "top_p": 1.0, "presence_penalty": -2, "frequency_penalty": 2},
    {**HI, "max_tokens": -1, "max_completion_tokens": 0, "n": 128, "seed": -(2**60)},
    {**HI, "logprobs": True, "top_logprobs": 20, "logit_bias": {"5": 1}},
    {**HI, "logit_bias": [[5, 1.0]]},
    {**HI, "stop": "x"},
    {**HI, "stop": ["x", ""]},
    {**HI, "stream": True, "stream_options": {"include_usage": True}},
    {**HI, "tools": [{}], "functions": [{}], "tool_choice": "auto", "parallel_tool_calls": True},
    {**HI, "response_format": {"type": "json_object"}, "model": "x", "user": "me"},
    {**HI, **dict.fromkeys(["temperature", "stop", "stream", "tools", "model", "n", "user"])},
    {**HI, "min_p": "anything", "grammar": 1, "chat_template_kwargs": [], "maxTokens": "x"},
]


@pytest.mark.parametrize("request_body", ACCEPTED)
def test_a_request_that_a_server_may_take_is_let_through(request_body):
    check(request_body)


REFUSED = [
    ("body: expected an object, got an array", []),
    ("messages: required", {}),
    ("messages: required", {"messages": None}),
    ("messages: expected an array, got an object", {"messages": {}}),
    ("messages: expected at least one message", {"messages": []}),
    ("messages[1]: expected an object, got a string", {"messages": [*HI["messages"], "x"]}),
    ("messages[1].role: required", said(content="x")),
    ("messages[1].role: expected a string, got a number", said(role=1, content="x")),
    (
        "messages[1].role: expected one of assistant, developer, function, system, tool, user",
        said(role="model", content="x"),
    ),
    ("messages[1].content: required", said(role="user")),
    ("messages[1].content: required", said(role="assistant", tool_calls=[])),
    ("messages[1].content: required", said(role="user", tool_calls=[CALL])),
    (
        "messages[1].content: expected a string or an array of content parts",
        said(role="user", content={"type": "text"}),
    ),
    ("messages[1].content[0]: expected an object, got a string", said(role="user", content=["x"])),
    ("messages[1].content[0].type: required", said(role="user", content=[{}])),
    ("messages[1].content[0].text: required", said(role="user", content=[{"type": "text"}])),
    (
        "messages[1].content[0].image_url: required",
        said(role="user", content=[{"type": "image_url"}]),
    ),
    (
        "messages[1].content[0].image_url.url: expected a string, got a number",
        said(role="user", content=[{"type": "image_url", "image_url": {"url": 1}}]),
    ),
    (
        "messages[1].content[0].type: expected a string, got a number",
        said(role="user", content=[{"type": 1}]),
    ),
    (
        "messages[1].tool_calls: expected an array, got an object",
        said(role="assistant", tool_calls={}),
    ),
    (
        "messages[1].tool_calls[0]: expected an object, got a string",
        said(role="assistant", tool_calls=["f"]),
    ),
    ("model: expected a string, got a number", {**HI, "model": 1}),
    ("stream: expected true or false, got a string", {**HI, "stream": "true"}),
    ("stream_options: expected an object, got a boolean", {**HI, "stream_options": True}),
    ("temperature: expected a number, got a string", {**HI, "temperature": "1"}),
    ("temperature: expected at most 2.0, got 2.5", {**HI, "temperature": 2.5}),
    ("top_p: expected at least 0.0, got -1.0", {**HI, "top_p": -1}),
    ("presence_penalty: expected at most 2.0, got 3.0", {**HI, "presence_penalty": 3}),
    ("frequency_penalty: expected at least -2.0, got -3.0", {**HI, "frequency_penalty": -3}),
    ("max_tokens: expected at least -1, got -2", {**HI, "max_tokens": -2}),
    ("max_tokens: expected an integer, got 1.5", {**HI, "max_tokens": 1.5}),
    (
        "max_completion_tokens: expected a number, got a string",
        {**HI, "max_completion_tokens": "x"},
    ),
    ("n: expected at least 1, got 0", {**HI, "n": 0}),
    ("n: expected at most 128, got 129", {**HI, "n": 129}),
    ("seed: expected a number, got a string", {**HI, "seed": "7"}),
    ("logprobs: expected true or false, got a number", {**HI, "logprobs": 5}),
    ("top_logprobs: expected at most 20, got 21", {**HI, "top_logprobs": 21}),
    ("logit_bias: expected an object, got a string", {**HI, "logit_bias": "x"}),
    ("stop: expected a string or an array of strings", {**HI, "stop": 1}),
    ("stop[1]: expected a string, got a number", {**HI, "stop": ["x", 1]}),
    ("tools: expected an array, got an object", {**HI, "tools": {}}),
    ("tools[0]: expected an object, got a string", {**HI, "tools": ["x"]}),
    ("functions[0]: expected an object, got null", {**HI, "functions": [None]}),
    ("response_format: expected an object, got a string", {**HI, "response_format": "json"}),
    (
        "parallel_tool_calls: expected true or false, got a string",
        {**HI, "parallel_tool_calls": "x"},
    ),
    ("user: expected a string, got an object", {**HI, "user": {}}),
]


@pytest.mark.parametrize(("told", "request_body"), REFUSED, ids=[told for told, _ in REFUSED])
def test_what_is_wrong_for_every_server_is_refused_by_its_field(told, request_body):
    with pytest.raises(BadRequest, match=f"^{re.escape(told)}$") as caught:
        check(request_body)
    assert caught.value.field == told.partition(": ")[0]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"messages=x"])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(BadRequest):
        check_request(body)
