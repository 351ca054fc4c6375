"""The data's way from a parsed request to the upstream and back, once for all faces.

Nothing here knows a protocol: a face renders, a sink writes.  A failure before the first
byte of an answer is raised, so that it can still become an HTTP error; after it, it is
rendered into the stream.
"""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn, Protocol, TypeVar

import attrs
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IPushProducer, IReactorTime
from twisted.logger import Logger
from twisted.web.http_headers import Headers
from zope.interface import implementer

from localaik.chat.events import Counted, Event, Started
from localaik.chat.parts import find_documents, has_pictures, replace_documents
from localaik.chat.request import ChatRequest, DocumentPart, Part
from localaik.chat.response import ChatResponse, Usage
from localaik.completions.errors import decode_error
from localaik.completions.relay import RelayedStream
from localaik.completions.request import encode_part, encode_request
from localaik.completions.response import decode_response
from localaik.completions.stream import ChunkDecoder
from localaik.deferreds import all_of
from localaik.documents.pipeline import Documents
from localaik.errors import InternalError, LocalaikError, UpstreamFailed, UpstreamTimeout
from localaik.faces.face import Answer, Face, StreamRenderer
from localaik.upstream.client import Upstream, UpstreamResponse
from localaik.upstream.headers import end_to_end
from localaik.wire.sse import SSEDecoder
from localaik.wire.stages import pipe

CHAT_PATH = "/v1/chat/completions"
_EVENT_STREAM = "text/event-stream"
_log = Logger(namespace="localaik.exchange")
T = TypeVar("T")


class Sink(Protocol):
    """Where an answer is written to: a client's HTTP response."""

    @property
    def begun(self) -> bool:
        """Whether the head of the answer is written."""

    def send(self, content_type: str, content: bytes, headers: Headers) -> None:
        """Write a whole answer."""

    def begin(self, content_type: str, headers: Headers | None = None) -> None:
        """Write the head of an answer that grows."""

    def write(self, data: bytes) -> None:
        """Write a piece of the body."""

    def draw_from(self, producer: IPushProducer) -> None:
        """Pause and resume this producer at the client's pace, until `end`."""

    def end(self) -> None:
        """End the answer."""


class PlacedDocument(Protocol):
    """A document that knows where it stood."""

    @property
    def part(self) -> DocumentPart:
        """The document."""


class RelayedBody(Protocol):
    """A request in a protocol that is passed on, but for its documents."""

    @property
    def documents(self) -> Sequence[PlacedDocument]:
        """The documents in their order."""

    def rewritten(
        self, expanded: Sequence[tuple[Part, ...]], encode: Callable[[Part], Mapping[str, Any]], /
    ) -> bytes:
        """Write the request with the parts that each document became."""


@attrs.frozen
class Exchange:
    """Asks the upstream for answers; `within` is always the client's own limit in seconds.

    `new_id` makes the ids of answers.  Without `documents`, requests that hold some are
    refused.
    """

    _upstream: Upstream
    _clock: IReactorTime
    _new_id: Callable[[], str]
    _documents: Documents | None = None

    def answer_to(self, request: ChatRequest) -> Answer:
        """Begin an answer."""
        return Answer(request, answer_id=self._new_id(), created=int(self._clock.seconds()))

    async def whole(self, face: Face, answer: Answer, within: float | None = None) -> bytes:
        """Get all answers to a request and render them as one body."""

        async def answers() -> ChatResponse:
            request = await self._expanded(answer.request)
            first, *others = await _together([self._ask(one) for one in request.singles()])
            for response in others:
                first = first.beside(response)
            return first

        return face.render_response(await self._bounded(answers(), within), answer)

    async def stream(
        self, face: Face, answer: Answer, sink: Sink, within: float | None = None
    ) -> None:
        """Get all answers to a request and render them as they grow."""
        renderer = face.stream_renderer(answer)
        merged = _MergedAnswers(renderer, face.stream_type, sink)
        sink.draw_from(merged)

        async def answers() -> None:
            request = await self._expanded(answer.request)
            singles = enumerate(request.singles())
            await _together([self._follow(i, single, merged) for i, single in singles])
            merged.finish()

        await self._told(self._bounded(answers(), within), sink, renderer.fail)

    async def relay(
        self, body: bytes, sink: Sink, fail: Callable[[LocalaikError], Sequence[bytes]]
    ) -> None:
        """Pass a request on as it came and its answer back as it comes.

        `fail` renders an error that comes in the middle of a stream.
        """
        response = await self._upstream.post(CHAT_PATH, body)
        await _expect_success(response)
        if response.content_type == _EVENT_STREAM:
            await self._told(_relay_stream(response, sink), sink, fail)
            return
        content = await response.collect()
        if response.content_type != "application/json":
            raise UpstreamFailed("the model server sent an answer that is no JSON")
        sink.send("application/json", content, end_to_end(response.headers))

    async def rewritten(self, body: RelayedBody) -> bytes:
        """Write the body of a request with what its documents became."""
        expanded = await self._expand([one.part for one in body.documents])
        if self._documents is None:
            return body.rewritten(expanded, encode_part)
        written: bytes = await self._documents.in_thread(body.rewritten, expanded, encode_part)
        return written

    async def _expand(self, documents: Sequence[DocumentPart]) -> Sequence[tuple[Part, ...]]:
        if self._documents is None:
            return [(document,) for document in documents]
        return await self._documents.expand(documents)

    async def _expanded(self, request: ChatRequest) -> ChatRequest:
        documents = find_documents(request)
        if not documents:
            return request
        return replace_documents(request, await self._expand(documents))

    async def _encode(self, single: ChatRequest, *, stream: bool) -> bytes:
        # A hundred pages take a tenth of a second, for which other streams would stand still.
        if self._documents is None or not has_pictures(single):
            return encode_request(single, stream=stream)
        encode = partial(encode_request, single, stream=stream)
        encoded: bytes = await self._documents.in_thread(encode)
        return encoded

    async def _ask(self, single: ChatRequest) -> ChatResponse:
        response = await self._upstream.post(CHAT_PATH, await self._encode(single, stream=False))
        await _expect_success(response)
        return decode_response(await response.collect())

    async def _follow(self, choice: int, single: ChatRequest, merged: "_MergedAnswers") -> None:
        response = await self._upstream.post(CHAT_PATH, await self._encode(single, stream=True))
        await _expect_success(response)
        if response.content_type != _EVENT_STREAM:
            await response.collect()
            raise UpstreamFailed("the model server did not stream its answer")
        stage = pipe(SSEDecoder(), ChunkDecoder(choice))
        reader = response.deliver(lambda data: merged.take(stage.feed(data)))
        merged.add(reader)
        await reader.done
        merged.take(stage.finish())

    async def _bounded(self, work: Coroutine[Any, Any, T], within: float | None) -> T:
        if within is None:
            return await work

        def too_late(*_: object) -> NoReturn:
            raise UpstreamTimeout(f"the client's own limit of {within:g} seconds has passed")

        return await Deferred.fromCoroutine(work).addTimeout(within, self._clock, too_late)

    async def _told(
        self,
        work: Coroutine[Any, Any, None],
        sink: Sink,
        fail: Callable[[LocalaikError], Sequence[bytes]],
    ) -> None:
        """Do the work of streaming; write an error into the stream if it has begun."""
        try:
            await work
        except CancelledError:
            raise
        except Exception as error:
            if not sink.begun:
                raise
            sink.write(b"".join(fail(_tellable(error))))
        finally:
            sink.end()


@implementer(IPushProducer)
class _MergedAnswers:
    """The streams of all answers to one request, rendered into one and paced as one."""

    def __init__(self, renderer: StreamRenderer, content_type: str, sink: Sink) -> None:
        self._renderer = renderer
        self._content_type = content_type
        self._sink = sink
        self._sources: list[IPushProducer] = []
        self._paused = False
        self._started = False
        self._usage: Usage | None = None

    def take(self, events: Sequence[Event]) -> None:
        """Render what one stream gives."""
        pieces: list[bytes] = []
        for event in events:
            match event:
                case Started() if self._started:
                    continue
                case Started():
                    self._started = True
                case Counted(usage):
                    self._usage = usage if self._usage is None else self._usage.beside(usage)
                    continue
                case _:
                    pass
            pieces.extend(self._renderer.feed(event))
        self._write(pieces)

    def finish(self) -> None:
        """Render the end of all."""
        counted = [] if self._usage is None else self._renderer.feed(Counted(self._usage))
        self._write([*counted, *self._renderer.finish()])

    def add(self, source: IPushProducer) -> None:
        """Pace one more stream."""
        self._sources.append(source)
        if self._paused:
            source.pauseProducing()

    def pauseProducing(self) -> None:  # noqa: N802
        """Pause all streams."""
        self._paused = True
        for source in self._sources:
            source.pauseProducing()

    def resumeProducing(self) -> None:  # noqa: N802
        """Resume all streams."""
        self._paused = False
        for source in self._sources:
            source.resumeProducing()

    def stopProducing(self) -> None:  # noqa: N802
        """Do nothing: the streams are cancelled with the request that they answer."""

    def _write(self, pieces: Sequence[bytes]) -> None:
        if not pieces:
            return
        if not self._sink.begun:
            self._sink.begin(self._content_type)
        self._sink.write(b"".join(pieces))


async def _relay_stream(response: UpstreamResponse, sink: Sink) -> None:
    stage = RelayedStream()

    def pass_on(pieces: Sequence[bytes]) -> None:
        if pieces and not sink.begun:
            sink.begin(_EVENT_STREAM, end_to_end(response.headers))
        for piece in pieces:
            sink.write(piece)

    reader = response.deliver(lambda data: pass_on(stage.feed(data)))
    sink.draw_from(reader)
    await reader.done
    pass_on(stage.finish())


async def _expect_success(response: UpstreamResponse) -> None:
    if response.status != 200:
        raise decode_error(response.status, await response.collect())


async def _together(works: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Do the works side by side; the first failure ends the others and is raised."""
    if len(works) == 1:
        return [await works[0]]
    return await all_of([Deferred.fromCoroutine(work) for work in works])


def _tellable(error: Exception) -> LocalaikError:
    if isinstance(error, LocalaikError):
        return error
    _log.failure("a bug ended a stream")
    return InternalError("internal error")
