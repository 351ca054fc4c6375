"""Checks chat completion requests before they are passed on as they came.

Only what is wrong for every server is refused here; fields that are not known are the
model server's own and travel on.  Source: https://platform.openai.com/docs/api-reference/chat
"""

from collections.abc import Callable, Mapping

from localaik.faces.openai.documents import ChatBody, find_documents
from localaik.wire.jsontext import load_json
from localaik.wire.reader import ObjectReader, Reader

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})


def check_request(body: bytes) -> ChatBody:
    """Check the body of a chat completion request, and find its documents.

    Raises: BadRequest that names the field, Unimplemented for files by id.
    """
    value = load_json(body)
    fields = Reader(value).object()
    messages = fields.require("messages")
    turns = messages.array()
    if not turns:
        raise messages.wrong("expected at least one message")
    for turn in turns:
        _check_message(turn.object())
    for name, check in _FIELDS.items():
        if (field := fields.get(name)) is not None:
            check(field)
    return ChatBody(value, find_documents(messages))


def _check_message(message: ObjectReader) -> None:
    role = message.require("role")
    if role.string() not in _ROLES:
        raise role.wrong(f"expected one of {', '.join(sorted(_ROLES))}")
    calls = message.array("tool_calls")
    for call in calls:
        call.object()
    content = message.get("content")
    if content is None:
        # A call takes the place of the content; nothing else does.
        if role.value != "assistant" or not (calls or message.get("function_call")):
            message.require("content")
        return
    if not isinstance(content.value, str):
        for part in _parts(content):
            _check_part(part.object())


def _check_part(part: ObjectReader) -> None:
    match part.require("type").string():
        case "text":
            part.require("text").string()
        case "image_url":
            image = part.require("image_url").object()
            image.require("url").string()
        case "file":
            part.require("file").object()
        case _:
            # Whether it takes another kind is for the model server to say.
            pass


def _parts(content: Reader) -> list[Reader]:
    if not isinstance(content.value, list):
        raise content.wrong("expected a string or an array of content parts")
    return list(content.array())


def _strings(field: Reader) -> None:
    if isinstance(field.value, str):
        return
    if not isinstance(field.value, list):
        raise field.wrong("expected a string or an array of strings")
    for item in field.array():
        item.string()


def _objects(field: Reader) -> None:
    for item in field.array():
        item.object()


def _object(field: Reader) -> None:
    field.object()


def _string(field: Reader) -> None:
    field.string()


def _boolean(field: Reader) -> None:
    field.boolean()


def _number(minimum: float, maximum: float) -> Callable[[Reader], None]:
    def check(field: Reader) -> None:
        field.number(minimum, maximum)

    return check


def _integer(minimum: int | None = None, maximum: int | None = None) -> Callable[[Reader], None]:
    def check(field: Reader) -> None:
        field.integer(minimum, maximum)

    return check


_FIELDS: Mapping[str, Callable[[Reader], None]] = {
    "model": _string,
    "stream": _boolean,
    "stream_options": _object,
    "temperature": _number(0.0, 2.0),
    "top_p": _number(0.0, 1.0),
    "presence_penalty": _number(-2.0, 2.0),
    "frequency_penalty": _number(-2.0, 2.0),
    # llama.cpp takes -1 for "no limit", which OpenAI does not.
    "max_tokens": _integer(-1),
    "max_completion_tokens": _integer(-1),
    "n": _integer(1, 128),
    "seed": _integer(),
    "logprobs": _boolean,
    "top_logprobs": _integer(0, 20),
    "logit_bias": lambda field: None if isinstance(field.value, list) else _object(field),
    "stop": _strings,
    "tools": _objects,
    "functions": _objects,
    "response_format": _object,
    "parallel_tool_calls": _boolean,
    "user": _string,
}
