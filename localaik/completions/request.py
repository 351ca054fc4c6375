"""Encodes the canonical request in the OpenAI chat form, with llama.cpp's additions.

Sources: llama.cpp's ``tools/server/README.md`` and ``server-schema.cpp`` for the names.
"""

from collections.abc import Mapping
from typing import Any

from localaik.chat.request import (
    ChatRequest,
    DocumentPart,
    ImagePart,
    Message,
    Part,
    Reasoning,
    TextPart,
)
from localaik.errors import Unimplemented
from localaik.wire.jsontext import dump_json


def encode_request(request: ChatRequest, *, stream: bool) -> bytes:
    """Encode a request for one answer; its turns alternate and its documents are expanded.

    Raises: Unimplemented when it still holds a document.
    """
    sampling = request.sampling
    body: dict[str, Any] = {
        **request.extra,
        "model": request.model,
        "messages": [_message(message) for message in request.messages],
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "max_tokens": sampling.max_tokens,
        "stop": list(sampling.stop) or None,
        "seed": sampling.seed,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        **_logprobs(request.logprobs),
        **_reasoning(request.reasoning),
    }
    if request.response_format is not None:
        body["response_format"] = {"type": "json_object"}
    if stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    return dump_json({name: value for name, value in body.items() if value is not None})


def _message(message: Message) -> Mapping[str, Any]:
    if all(isinstance(part, TextPart) for part in message.parts):
        text = "".join(part.text for part in message.parts if isinstance(part, TextPart))
        return {"role": message.role.value, "content": text}
    return {"role": message.role.value, "content": [encode_part(part) for part in message.parts]}


def encode_part(part: Part) -> Mapping[str, Any]:
    """Encode a part of a message.

    Raises: Unimplemented when it is a document, which should have been expanded.
    """
    match part:
        case TextPart(text):
            return {"type": "text", "text": text}
        case ImagePart(source):
            return {"type": "image_url", "image_url": {"url": source.plain_text()}}
        case DocumentPart(field=field):
            # Only an exchange without a document pipeline lets one come here.
            raise Unimplemented(f"{field}: documents are not served here")


def _logprobs(alternatives: int | None) -> Mapping[str, Any]:
    if alternatives is None:
        return {}
    # llama.cpp gives no log probabilities at all for 0 alternatives; renderers drop the one.
    return {"logprobs": True, "top_logprobs": max(alternatives, 1)}


def _reasoning(reasoning: Reasoning) -> Mapping[str, Any]:
    fields: dict[str, Any] = {"reasoning_effort": reasoning.effort}
    if reasoning.enabled is not None:
        fields["chat_template_kwargs"] = {"enable_thinking": reasoning.enabled}
    if reasoning.budget is not None:
        fields["reasoning_budget_tokens"] = reasoning.budget
    return fields
