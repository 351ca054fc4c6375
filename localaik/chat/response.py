"""The canonical answer."""

import enum

import attrs


class FinishReason(enum.Enum):
    """Why an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"
    CONTENT_FILTER = "content_filter"


@attrs.frozen
class Usage:
    """Tokens of one request; `completion_tokens` includes `reasoning_tokens`.

    `cached_tokens` are those of the prompt that the server did not evaluate again.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    cached_tokens: int = 0

    def beside(self, other: "Usage") -> "Usage":
        """Add the usage of another answer to the same prompt, which is counted once."""
        return Usage(
            prompt_tokens=max(self.prompt_tokens, other.prompt_tokens),
            completion_tokens=self.completion_tokens + other.completion_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            cached_tokens=max(self.cached_tokens, other.cached_tokens),
        )


@attrs.frozen
class Alternative:
    """A token that could stand at a place, and the natural logarithm of its probability."""

    token: str
    logprob: float
    token_id: int | None = None


@attrs.frozen
class TokenLogprob:
    """A token of the answer, and what could have stood in its place, likeliest first."""

    chosen: Alternative
    top: tuple[Alternative, ...] = ()


@attrs.frozen
class Choice:
    """One answer."""

    text: str = attrs.field(repr=False)
    finish_reason: FinishReason
    reasoning: str = attrs.field(default="", repr=False)
    logprobs: tuple[TokenLogprob, ...] = attrs.field(default=(), repr=False)


@attrs.frozen
class ChatResponse:
    """All answers to one request; `model` is the name that the upstream gives."""

    model: str
    choices: tuple[Choice, ...]
    usage: Usage | None = None

    def beside(self, other: "ChatResponse") -> "ChatResponse":
        """Put the answers of another response to the same request behind these."""
        if self.usage is None or other.usage is None:
            usage = self.usage or other.usage
        else:
            usage = self.usage.beside(other.usage)
        return ChatResponse(self.model, self.choices + other.choices, usage)
