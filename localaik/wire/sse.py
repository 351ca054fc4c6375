r"""Server-sent events: writing them, and reading them from bytes in any chunking.

Lines end with ``\n``, ``\r\n`` or ``\r`` and nothing else: text may hold U+2028, which
`str.splitlines` would take for a line end.  (https://html.spec.whatwg.org/multipage/
server-sent-events.html#parsing-an-event-stream)
"""

import re
from collections.abc import Sequence

import attrs

from localaik.errors import UpstreamFailed

MAX_EVENT = 16 * 1024**2  # bytes; llama.cpp's largest events, with logprobs, stay under 1 MiB
_LINE_END = re.compile(rb"\r\n|\r|\n")
_BOM = b"\xef\xbb\xbf"


@attrs.frozen
class ServerSentEvent:
    """One event; `data` is its data lines joined by line feeds, `event` its type, if given."""

    data: bytes
    event: bytes | None = None


def encode_data(data: bytes, line_end: bytes = b"\n") -> bytes:
    """Write an event that has data of one line and nothing else."""
    return b"data: " + data + line_end + line_end


class SSEDecoder:
    """A stage from bytes to events.

    A last event without its blank line is given by `finish`, as most readers of streams
    do: whether it is whole is for the reader of its data to find out.  Old llama.cpp
    servers wrote errors as a field of their own, ``error: {...}``; such a line is read as
    an event of type ``error``.  Comments, ``id`` and ``retry`` are dropped.

    Raises: UpstreamFailed when an event outgrows `MAX_EVENT`.
    """

    def __init__(self) -> None:
        self._tail: list[bytes] = []
        self._tail_size = 0
        self._data: list[bytes] = []
        self._event: bytes | None = None
        self._size = 0
        self._first = True

    def feed(self, chunk: bytes) -> Sequence[ServerSentEvent]:
        """Take bytes; return the events that they complete."""
        lines = self._lines(chunk)
        return [event for line in lines if (event := self._line(line)) is not None]

    def finish(self) -> Sequence[ServerSentEvent]:
        """End the stream; return the event that lacks only its end, if there is one."""
        rest = self._keep(b"").removesuffix(b"\r")
        if rest:
            self._line(rest)
        last = self._dispatch()
        return [] if last is None else [last]

    def _lines(self, chunk: bytes) -> Sequence[bytes]:
        if not chunk:
            return []
        if self._continues(chunk):
            # A long line comes in many chunks: joining them each time would be quadratic.
            self._tail.append(chunk)
            self._grow(len(chunk))
            return []
        text = self._keep(b"") + chunk
        if self._first:
            if len(text) < len(_BOM) and _BOM.startswith(text):
                self._keep(text)
                return []
            text = text.removeprefix(_BOM)
            self._first = False
        # A final CR may be half of a CRLF, so it waits for the next chunk.
        held = b"\r" if text.endswith(b"\r") else b""
        *lines, rest = _LINE_END.split(text[: len(text) - len(held)])
        self._keep(rest + held)
        return lines

    def _continues(self, chunk: bytes) -> bool:
        if not self._tail or self._first or self._tail[-1].endswith(b"\r"):
            return False
        return _LINE_END.search(chunk) is None

    def _keep(self, tail: bytes) -> bytes:
        """Hold back the start of a line; return what was held before."""
        before = b"".join(self._tail)
        self._tail = [tail] if tail else []
        self._tail_size = 0
        self._grow(len(tail))
        return before

    def _grow(self, count: int) -> None:
        self._tail_size += count
        if self._size + self._tail_size > MAX_EVENT:
            raise UpstreamFailed("the upstream sent an event that is too large")

    def _line(self, line: bytes) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._add(value)
        elif field == b"event":
            self._event = value
        elif field == b"error":
            self._event = field
            self._add(value)
        return None

    def _add(self, value: bytes) -> None:
        self._data.append(value)
        self._size += len(value)

    def _dispatch(self) -> ServerSentEvent | None:
        event = ServerSentEvent(b"\n".join(self._data), self._event) if self._data else None
        self._data, self._event, self._size = [], None, 0
        return event
