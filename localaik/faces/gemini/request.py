"""Parses generateContent requests."""

from localaik.chat.request import ChatRequest, Message, Role
from localaik.chat.turns import alternate
from localaik.errors import BadRequest, Unimplemented
from localaik.faces.gemini.config import read_generation_config
from localaik.faces.gemini.names import BUILT_IN_TOOLS
from localaik.faces.gemini.parts import read_content
from localaik.wire.jsontext import load_json
from localaik.wire.reader import ObjectReader, Reader, Spelling

# Accepted, and without an effect on a local model.
_WITHOUT_EFFECT = ("labels", "serviceTier", "store", "model", "toolConfig")


def parse_request(body: bytes, model: str) -> ChatRequest:
    """Parse the body of generateContent; the model is the path's.

    Raises: BadRequest when it is malformed, Unimplemented when it asks for what is not served.
    """
    reader = Reader(load_json(body), Spelling.PROTO)
    fields = reader.object()
    config = read_generation_config(fields.object("generationConfig"))
    ignored = _read_tools(fields)
    if (cached := fields.get("cachedContent")) is not None:
        raise Unimplemented(f"{cached.path}: cached contents are not served yet")
    _check_safety_settings(fields)
    fields.skip(*_WITHOUT_EFFECT)
    return ChatRequest(
        model=model,
        messages=alternate(_messages(fields)),
        sampling=config.sampling,
        candidates=config.candidates,
        logprobs=config.logprobs,
        reasoning=config.reasoning,
        response_format=config.response_format,
        extra=config.extra,
        ignored=(*ignored, *reader.unread()),
    )


def _messages(fields: ObjectReader) -> list[Message]:
    contents = fields.require("contents")
    messages = [read_content(content) for content in contents.array()]
    if not messages:
        raise contents.wrong("expected at least one content")
    if not any(message.parts for message in messages):
        raise BadRequest("expected some content, got only empty parts", field=contents.path)
    instruction = fields.get("systemInstruction")
    if instruction is None:
        return messages
    # SDKs give it the role "user"; whatever is said there, it is the system's.
    return [Message(Role.SYSTEM, read_content(instruction).parts), *messages]


def _read_tools(fields: ObjectReader) -> tuple[str, ...]:
    """Look at the tools: those on Google's servers are skipped and told, functions refused."""
    skipped: list[str] = []
    for tool in fields.array("tools"):
        declared = tool.object()
        if any(declared.array("functionDeclarations")):
            raise Unimplemented(f"{tool.path}.functionDeclarations: tools are not served yet")
        found = [declared.get(name) for name in BUILT_IN_TOOLS]
        skipped += [built_in.path for built_in in found if built_in is not None]
    return tuple(skipped)


def _check_safety_settings(fields: ObjectReader) -> None:
    for setting in fields.array("safetySettings"):
        chosen = setting.object()
        for name in ("category", "threshold", "method"):
            chosen.string(name)
