"""Stream events: an answer as it grows.

The order is `Started`, then deltas of any choice, then one `Finished` for each choice;
`Counted` comes at most once, anywhere after `Started`.
"""

import attrs

from localaik.chat.response import FinishReason, TokenLogprob, Usage


@attrs.frozen
class Started:
    """The upstream has begun to answer; `model` is the name that it gives."""

    model: str


@attrs.frozen
class TextDelta:
    """More text of a choice."""

    text: str = attrs.field(repr=False)
    choice: int = 0
    logprobs: tuple[TokenLogprob, ...] = attrs.field(default=(), repr=False)


@attrs.frozen
class ReasoningDelta:
    """More of what the model thinks before it answers."""

    text: str = attrs.field(repr=False)
    choice: int = 0


@attrs.frozen
class Finished:
    """A choice is complete."""

    reason: FinishReason
    choice: int = 0


@attrs.frozen
class Counted:
    """The tokens of the whole request."""

    usage: Usage


Event = Started | TextDelta | ReasoningDelta | Finished | Counted
