"""Face: the record of functions that every protocol provides, so that mypy can compare them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import attrs

from localaik.chat.events import Event
from localaik.chat.request import ChatRequest
from localaik.chat.response import ChatResponse
from localaik.errors import LocalaikError


@attrs.frozen
class ErrorReply:
    """An error as a protocol writes it; `headers` are those beside the content type."""

    status: int
    body: bytes
    headers: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen
class Answer:
    """What a rendering needs to know beyond the answer itself.

    `answer_id` is unique among answers and made outside, since faces draw no random
    numbers; `created` is in seconds since 1970.
    """

    request: ChatRequest
    answer_id: str
    created: int


class StreamRenderer(Protocol):
    """A stage from chat events to the bytes of a protocol's stream.

    `fail` takes the place of `finish` when the answer breaks off after its first byte.
    """

    def feed(self, event: Event, /) -> Sequence[bytes]:
        """Render one event."""

    def finish(self) -> Sequence[bytes]:
        """Render the end of the answer."""

    def fail(self, error: LocalaikError, /) -> Sequence[bytes]:
        """Render an error in the middle, in a way that every SDK notices."""


@attrs.frozen
class Face:
    """A protocol that clients speak.

    `name` is its tag in logs.  A model may be named by the path instead of the body, so
    `parse_request` takes it beside the body.
    """

    name: str
    parse_request: Callable[[bytes, str], ChatRequest]
    render_response: Callable[[ChatResponse, Answer], bytes]
    stream_renderer: Callable[[Answer], StreamRenderer]
    render_error: Callable[[LocalaikError], ErrorReply]
    stream_type: str = "text/event-stream"
