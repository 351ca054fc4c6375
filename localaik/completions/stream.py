"""Decodes the upstream's stream: server-sent events to chat events."""

from collections.abc import Sequence

import msgspec

from localaik.chat.events import Counted, Event, Finished, ReasoningDelta, Started, TextDelta
from localaik.completions.chunks import (
    Chunk,
    ChunkChoice,
    decode_event,
    finish_reason,
    token_logprobs,
)
from localaik.errors import UpstreamFailed
from localaik.wire.sse import ServerSentEvent

_DECODER = msgspec.json.Decoder(Chunk)


class ChunkDecoder:
    """A stage from the server-sent events of one answer to its chat events.

    The answers to one request are streamed by one upstream request each, so `choice` says
    which one this is, whatever index the upstream gives.  Usage is reported at the end: some
    servers send a running count with each chunk, and the last one holds.

    Raises: the upstream's own error when it reports one; UpstreamFailed when an event
    cannot be read or the stream ends without a finish reason.
    """

    def __init__(self, choice: int = 0) -> None:
        self._choice = choice
        self._started = False
        self._finished: Finished | None = None
        self._counted: Counted | None = None

    def feed(self, event: ServerSentEvent) -> Sequence[Event]:
        """Take an event of the stream."""
        chunk = decode_event(_DECODER, event)
        if chunk is None:
            return []
        events: list[Event] = []
        if not self._started:
            self._started = True
            events.append(Started(chunk.model))
        if chunk.usage is not None:
            self._counted = Counted(chunk.usage.usage())
        if chunk.choices:
            events += self._deltas(chunk.choices[0])
        return events

    def finish(self) -> Sequence[Event]:
        """End the stream."""
        if self._finished is None:
            raise UpstreamFailed("the upstream ended its answer in the middle")
        return [self._finished] if self._counted is None else [self._finished, self._counted]

    def _deltas(self, choice: ChunkChoice) -> Sequence[Event]:
        events: list[Event] = []
        if choice.delta is not None:
            if thoughts := choice.delta.thoughts():
                events.append(ReasoningDelta(thoughts, self._choice))
            logprobs = token_logprobs(choice.logprobs)
            if choice.delta.content or logprobs:
                text = choice.delta.content or ""
                events.append(TextDelta(text, self._choice, logprobs))
        if choice.finish_reason is not None:
            self._finished = Finished(finish_reason(choice.finish_reason), self._choice)
        return events
