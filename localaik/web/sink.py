"""Writes streamed answers to a client."""

from twisted.internet.interfaces import IPushProducer
from twisted.web.http_headers import Headers

from localaik.web.request import BoundedRequest


class RequestSink:
    """A client's HTTP response as the sink of a streamed answer.

    The head goes out with the first byte of the body, so that an error before it can still
    be an HTTP error.
    """

    def __init__(self, request: BoundedRequest) -> None:
        self._request = request
        self._begun = False
        self._drawing = False

    @property
    def begun(self) -> bool:
        """Whether the head is written."""
        return self._begun

    def send(self, content_type: str, content: bytes, headers: Headers) -> None:
        """Write a whole answer."""
        self._set_head(content_type, headers)
        self._request.setHeader("content-length", str(len(content)))
        self._request.write(content)

    def begin(self, content_type: str, headers: Headers | None = None) -> None:
        """Set the head of an answer that grows."""
        self._set_head(content_type, headers or Headers())
        # Proxies in between are asked to hold nothing back; the second is nginx's own word.
        self._request.setHeader("cache-control", "no-cache")
        self._request.setHeader("x-accel-buffering", "no")

    def write(self, data: bytes) -> None:
        """Write a piece of the body."""
        self._request.write(data)

    def draw_from(self, producer: IPushProducer) -> None:
        """Let the client's pace pause and resume the producer."""
        self._drawing = True
        self._request.registerProducer(producer, streaming=True)

    def end(self) -> None:
        """Let go of the producer; the route ends the response."""
        # A client that has left took the channel with it.
        if self._drawing and self._request.channel is not None:
            self._request.unregisterProducer()
        self._drawing = False

    def _set_head(self, content_type: str, headers: Headers) -> None:
        self._begun = True
        for name, values in headers.getAllRawHeaders():
            self._request.responseHeaders.setRawHeaders(name, list(values))
        self._request.setHeader("content-type", content_type)
