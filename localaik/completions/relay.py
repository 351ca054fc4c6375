"""Passes a stream on as it came, and watches it on the way."""

from collections.abc import Sequence
from typing import Any

import msgspec

from localaik.completions.chunks import Reported, decode_event
from localaik.errors import UpstreamFailed
from localaik.wire.sse import ServerSentEvent, SSEDecoder

_BLANK_LINES = (b"\n\n", b"\n\r\n", b"\r\r")


class _Choice(msgspec.Struct):
    finish_reason: Any = None


class _Chunk(Reported):
    choices: list[_Choice] | None = None


_DECODER = msgspec.json.Decoder(_Chunk)


class RelayedStream:
    """A stage from bytes to the same bytes, given on in whole events only.

    So a stream that is cut, or reports an error, can still be given an error of its own
    that starts on a line of its own.

    Raises: the upstream's error when it reports one; UpstreamFailed when an event cannot
    be read, or the stream ends before its last chunk.
    """

    def __init__(self) -> None:
        self._decoder = SSEDecoder()
        self._held = b""
        self._complete = False

    def feed(self, chunk: bytes) -> Sequence[bytes]:
        """Take bytes; return those of the events that are complete."""
        for event in self._decoder.feed(chunk):
            self._watch(event)
        text = self._held + chunk
        end = max(text.rfind(blank) + len(blank) if blank in text else 0 for blank in _BLANK_LINES)
        self._held = text[end:]
        return [text[:end]] if end else []

    def finish(self) -> Sequence[bytes]:
        """End the stream; return the last event if only its blank line was missing."""
        for event in self._decoder.finish():
            self._watch(event)
        if not self._complete:
            raise UpstreamFailed("the upstream ended its answer in the middle")
        return [self._held] if self._held else []

    def _watch(self, event: ServerSentEvent) -> None:
        chunk = decode_event(_DECODER, event)
        if chunk is None or any(one.finish_reason is not None for one in chunk.choices or ()):
            self._complete = True
