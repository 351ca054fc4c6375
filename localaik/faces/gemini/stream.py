r"""Renders streamed answers: as server-sent events (``alt=sse``) or as a JSON array.

The SDKs read the events with parsers of their own, so that the framing is exactly
``data: `` + one line of JSON + ``\r\n\r\n``, without comments, event names or ``[DONE]``.
Every chunk has at least one part that is not empty, and the last one also the finish reasons
and the usage: chats of the SDKs forget the whole turn otherwise (google-genai before 2 for an
empty text, all of them for a chunk without parts).  So the last character of a text waits
for what follows it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from localaik.chat.events import Counted, Event, Finished, ReasoningDelta, Started, TextDelta
from localaik.chat.response import TokenLogprob
from localaik.errors import LocalaikError
from localaik.faces.face import Answer, StreamRenderer
from localaik.faces.gemini.errors import error_body
from localaik.faces.gemini.names import FINISH_REASONS
from localaik.faces.gemini.response import average_logprob, render_logprobs, render_usage
from localaik.wire.jsontext import dump_json
from localaik.wire.sse import encode_data

_LINE_END = b"\r\n"


class ChunkRenderer:
    """Builds the JSON of each chunk; the framings below put it on the wire."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._tail: dict[str, Any] = {}
        self._name_model(answer.request.model)
        self._finished: list[Finished] = []
        self._counted: Counted | None = None
        self._held: dict[int, str] = {}
        self._held_tokens: dict[int, list[TokenLogprob]] = {}
        self._tokens: dict[int, list[TokenLogprob]] = {}

    def feed(self, event: Event) -> Sequence[bytes]:
        """Build the chunks of one event."""
        match event:
            case Started(model):
                self._name_model(model or self._answer.request.model)
            case TextDelta(text, choice, logprobs):
                return self._text(text, choice, logprobs)
            case ReasoningDelta(text, choice):
                if self._answer.request.reasoning.shown:
                    return [self._chunk([_candidate({"text": text, "thought": True}, choice)])]
            case Finished():
                self._finished.append(event)
            case Counted():
                self._counted = event
        return []

    def finish(self) -> Sequence[bytes]:
        """Build the last chunk, with every candidate's finish reason and the usage."""
        ends = [self._end(end) for end in sorted(self._finished, key=lambda end: end.choice)]
        counted = self._counted
        usage = {} if counted is None else {"usageMetadata": render_usage(counted.usage)}
        return [self._chunk(ends, usage)]

    def release(self) -> Sequence[bytes]:
        """Build the chunks of what was held back, for an answer that breaks off."""
        return [
            self._chunk([_candidate({"text": text}, choice, **self._logprobs(choice))])
            for choice, text in sorted(self._held.items())
            if text
        ]

    def _name_model(self, model: str) -> None:
        self._tail = {"modelVersion": model, "responseId": self._answer.answer_id}
        # Nearly all chunks are plain text, and they differ in nothing but that.
        self._text_tail = b"," + dump_json(self._tail)[1:]

    def _text(self, text: str, choice: int, tokens: Sequence[TokenLogprob]) -> Sequence[bytes]:
        text = self._held.get(choice, "") + text
        self._held[choice] = text[-1:]
        held_tokens = self._held_tokens.setdefault(choice, [])
        held_tokens += tokens if self._answer.request.logprobs is not None else ()
        if len(text) < 2:
            return []
        if not held_tokens:
            return [self._text_chunk(text[:-1], choice)]
        return [self._chunk([_candidate({"text": text[:-1]}, choice, **self._logprobs(choice))])]

    def _text_chunk(self, text: str, choice: int) -> bytes:
        return (
            b'{"candidates":[{"content":{"role":"model","parts":[{"text":%b}]},"index":%d}]%b'
            % (dump_json(text), choice, self._text_tail)
        )

    def _logprobs(self, choice: int) -> Mapping[str, Any]:
        """Render the log probabilities of the tokens that no chunk has told yet."""
        tokens = self._held_tokens.pop(choice, [])
        self._tokens.setdefault(choice, []).extend(tokens)
        wanted = self._answer.request.logprobs
        if not tokens or wanted is None:
            return {}
        return {"logprobsResult": render_logprobs(tokens, wanted)}

    def _end(self, end: Finished) -> Mapping[str, Any]:
        reason = FINISH_REASONS[end.reason]
        text = self._held.get(end.choice, "")
        candidate = _candidate({"text": text}, end.choice, finishReason=reason)
        candidate.update(self._logprobs(end.choice))
        if tokens := self._tokens.get(end.choice):
            candidate["avgLogprobs"] = average_logprob(tokens)
        return candidate

    def _chunk(
        self, candidates: Sequence[Mapping[str, Any]], usage: Mapping[str, Any] | None = None
    ) -> bytes:
        return dump_json({"candidates": candidates, **(usage or {}), **self._tail})


class EventStreamRenderer:
    """A stage from chat events to the bytes of ``alt=sse``."""

    def __init__(self, answer: Answer) -> None:
        self._chunks = ChunkRenderer(answer)

    def feed(self, event: Event) -> Sequence[bytes]:
        """Render one event."""
        return [encode_data(chunk, _LINE_END) for chunk in self._chunks.feed(event)]

    def finish(self) -> Sequence[bytes]:
        """Render the last chunk."""
        return [encode_data(chunk, _LINE_END) for chunk in self._chunks.finish()]

    def fail(self, error: LocalaikError) -> Sequence[bytes]:
        """Render an error twice: bare for Go, which takes a data line for an answer, and as data.

        Python raises at either, JavaScript at the second.
        """
        body = dump_json(error_body(error))
        told = [encode_data(chunk, _LINE_END) for chunk in self._chunks.release()]
        return [*told, body + _LINE_END * 2 + encode_data(body, _LINE_END)]


class ArrayRenderer:
    """A stage from chat events to a JSON array that grows, for REST clients without alt=sse."""

    def __init__(self, answer: Answer) -> None:
        self._chunks = ChunkRenderer(answer)
        self._before = b"["

    def feed(self, event: Event) -> Sequence[bytes]:
        """Render one event."""
        return [self._item(chunk) for chunk in self._chunks.feed(event)]

    def finish(self) -> Sequence[bytes]:
        """Render the last chunk and close the array."""
        return [*(self._item(chunk) for chunk in self._chunks.finish()), b"]"]

    def fail(self, error: LocalaikError) -> Sequence[bytes]:
        """Render an error as the last item."""
        told = [self._item(chunk) for chunk in self._chunks.release()]
        return [*told, self._item(dump_json(error_body(error))), b"]"]

    def _item(self, chunk: bytes) -> bytes:
        before, self._before = self._before, b",\r\n"
        return before + chunk


def event_stream(answer: Answer) -> StreamRenderer:
    """Render for ``alt=sse``."""
    return EventStreamRenderer(answer)


def array(answer: Answer) -> StreamRenderer:
    """Render for clients that did not ask for server-sent events."""
    return ArrayRenderer(answer)


def _candidate(part: Mapping[str, Any], choice: int, **more: Any) -> dict[str, Any]:
    return {"content": {"role": "model", "parts": [part]}, "index": choice, **more}
