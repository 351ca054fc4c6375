"""The OpenAI chat form as data: only the fields that localaik reads, everything optional.

msgspec decodes straight into these; what a server adds is passed over, and a field of a
wrong type is an error of the server.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from localaik.chat.response import Alternative, FinishReason, TokenLogprob, Usage
from localaik.completions.errors import decode_error_event
from localaik.errors import UpstreamFailed
from localaik.wire.sse import ServerSentEvent

S = TypeVar("S", bound=msgspec.Struct)
E = TypeVar("E", bound="Reported")

# Servers report what has no meaning here (Ollama's "load", say); such an answer did end.
_FINISH_REASONS = {
    "stop": FinishReason.STOP,
    "length": FinishReason.LENGTH,
    "tool_calls": FinishReason.TOOL_CALLS,
    "function_call": FinishReason.TOOL_CALLS,
    "content_filter": FinishReason.CONTENT_FILTER,
}
# llama.cpp gives very low or null log probabilities; OpenAI documents -9999.0 for those.
_LOWEST = -9999.0


class RankedToken(msgspec.Struct):
    """A token with its log probability; `id` is llama.cpp's addition."""

    token: str = ""
    logprob: float | None = None
    id: int | None = None


class TokenEntry(RankedToken):
    """A token of the answer with its alternatives."""

    top_logprobs: list[RankedToken] | None = None


class Logprobs(msgspec.Struct):
    """Log probabilities of a choice or of a piece of one."""

    content: list[TokenEntry] | None = None


class Content(msgspec.Struct):
    """A whole message or a delta of one; vLLM and Ollama say `reasoning`."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None

    def thoughts(self) -> str:
        """Give the reasoning under whichever name it came."""
        return self.reasoning_content or self.reasoning or ""


class TokenDetails(msgspec.Struct):
    """Parts of a token count."""

    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class UsageCount(msgspec.Struct):
    """The usage object."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: TokenDetails | None = None
    completion_tokens_details: TokenDetails | None = None

    def usage(self) -> Usage:
        """Turn into the canonical form."""
        prompt, completion = self.prompt_tokens_details, self.completion_tokens_details
        return Usage(
            prompt_tokens=self.prompt_tokens or 0,
            completion_tokens=self.completion_tokens or 0,
            reasoning_tokens=(completion and completion.reasoning_tokens) or 0,
            cached_tokens=(prompt and prompt.cached_tokens) or 0,
        )


class ChunkChoice(msgspec.Struct):
    """A choice inside a stream chunk."""

    delta: Content | None = None
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class Reported(msgspec.Struct):
    """What may report an error in place of anything else."""

    error: Any = None


class Chunk(Reported):
    """A stream chunk."""

    model: str = ""
    choices: list[ChunkChoice] | None = None
    usage: UsageCount | None = None


class CompletionChoice(msgspec.Struct):
    """A choice of a whole answer."""

    message: Content | None = None
    finish_reason: str | None = None
    logprobs: Logprobs | None = None


class Completion(Reported):
    """A whole answer."""

    model: str = ""
    choices: list[CompletionChoice] | None = None
    usage: UsageCount | None = None


def decode_struct(decoder: "msgspec.json.Decoder[S]", text: bytes) -> S:
    """Decode the upstream's JSON.

    Raises: UpstreamFailed when it is no JSON or not of the form.
    """
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise UpstreamFailed("the upstream sent an answer that cannot be read") from None


def decode_event(decoder: "msgspec.json.Decoder[E]", event: ServerSentEvent) -> E | None:
    """Decode an event of a stream; None for the ``[DONE]`` after the last one.

    Raises: the upstream's own error when it reports one; UpstreamFailed when it cannot be read.
    """
    if event.data.strip() == b"[DONE]":
        return None
    chunk = decode_struct(decoder, event.data)
    if chunk.error is not None or event.event == b"error":
        raise decode_error_event(event.data)
    return chunk


def finish_reason(word: str) -> FinishReason:
    """Read a finish reason; an unknown one counts as an ordinary end."""
    return _FINISH_REASONS.get(word, FinishReason.STOP)


def token_logprobs(logprobs: Logprobs | None) -> tuple[TokenLogprob, ...]:
    """Turn log probabilities into the canonical form."""
    entries: Sequence[TokenEntry] = (logprobs and logprobs.content) or ()
    return tuple(
        TokenLogprob(_alternative(entry), tuple(map(_alternative, entry.top_logprobs or ())))
        for entry in entries
    )


def _alternative(token: RankedToken) -> Alternative:
    logprob = _LOWEST if token.logprob is None else max(token.logprob, _LOWEST)
    return Alternative(token.token, logprob, token.id)
