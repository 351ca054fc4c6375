"""Decodes a whole answer of the upstream."""

import msgspec

from localaik.chat.response import ChatResponse, Choice
from localaik.completions.chunks import (
    Completion,
    CompletionChoice,
    Content,
    decode_struct,
    finish_reason,
    token_logprobs,
)
from localaik.completions.errors import decode_reported_error
from localaik.errors import UpstreamFailed

_DECODER = msgspec.json.Decoder(Completion)


def decode_response(body: bytes) -> ChatResponse:
    """Decode the body of a 200.

    Raises: UpstreamFailed when it holds no choices; the error that it holds, if any.
    """
    completion = decode_struct(_DECODER, body)
    if completion.error is not None:
        raise decode_reported_error(completion.error)
    if not completion.choices:
        raise UpstreamFailed("the upstream sent an answer without choices")
    return ChatResponse(
        model=completion.model,
        choices=tuple(map(_choice, completion.choices)),
        usage=None if completion.usage is None else completion.usage.usage(),
    )


def _choice(choice: CompletionChoice) -> Choice:
    message = choice.message or Content()
    return Choice(
        text=message.content or "",
        finish_reason=finish_reason(choice.finish_reason or "stop"),
        reasoning=message.thoughts(),
        logprobs=token_logprobs(choice.logprobs),
    )
