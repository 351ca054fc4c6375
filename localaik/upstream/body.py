"""Bodies on the way to the upstream and back."""

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import (
    IConsumer,
    IDelayedCall,
    IPushProducer,
    IReactorTime,
)
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web.client import ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.iweb import IBodyProducer
from zope.interface import implementer

from localaik.errors import UpstreamTimeout
from localaik.upstream.failures import translate

_SLICE = 256 * 1024  # bytes that are given to the connection at a time


@implementer(IBodyProducer)
class BytesProducer:
    """A request body that is already in memory; it may be sent again.

    It is written at once, a large one at the pace of the connection: the transport would
    copy all that it is given, and meanwhile other requests would stand still.  Twisted's
    FileBodyProducer would hand it over by way of a real Cooperator, which neither in-memory
    tests nor short bodies want.
    """

    def __init__(self, body: bytes) -> None:
        self._body = memoryview(body)
        self._position = 0
        self._paused = False
        self._consumer: IConsumer | None = None
        self._done: Deferred[None] = Deferred()
        self.length = len(body)

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:  # noqa: N802
        """Write the body; fires when all of it is handed over."""
        self._position, self._paused, self._consumer = 0, False, consumer
        # Cancelling it has no meaning of its own: Twisted calls `stopProducing`.
        self._done = Deferred()
        self._write()
        return self._done

    def pauseProducing(self) -> None:  # noqa: N802
        """Wait."""
        self._paused = True

    def resumeProducing(self) -> None:  # noqa: N802
        """Write on."""
        self._paused = False
        self._write()

    def stopProducing(self) -> None:  # noqa: N802
        """Write no more."""
        self._consumer = None

    def _write(self) -> None:
        while self._consumer is not None and not self._paused:
            slice_ = self._body[self._position : self._position + _SLICE]
            self._position += len(slice_)
            consumer = self._consumer
            if self._position == self.length:
                self._consumer = None
            consumer.write(bytes(slice_))
            if self._consumer is None:
                self._done.callback(None)


@implementer(IPushProducer)
class BodyReader(Protocol):
    """Hands a response body on, piece by piece, and tells its end.

    It is a push producer, so that a slow client can pause the upstream; silence counts
    only while nobody has paused.  `done` fires with None after the last piece, and fails
    with a LocalaikError when the body breaks off, with what `receive` raised, or when
    `silence` seconds pass without a byte.  Cancelling `done` closes the connection at once,
    which is how llama.cpp learns that its slot is free.
    """

    def __init__(
        self, receive: Callable[[bytes], None], clock: IReactorTime, silence: float
    ) -> None:
        self.done: Deferred[None] = Deferred(lambda _: self._close())
        self._receive = receive
        self._clock = clock
        self._silence = silence
        self._timer: IDelayedCall | None = None
        self._ended = False

    def connectionMade(self) -> None:  # noqa: N802
        """Begin to wait for the first byte."""
        self._listen()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        """Hand on a piece."""
        if self._ended:
            return
        if self._timer is not None:
            self._timer.reset(self._silence)
        try:
            self._receive(data)
        except Exception:  # noqa: BLE001, RUF100 -- whatever it is, it ends the body and is told
            self._fail(Failure())

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802
        """Tell the end."""
        if self._ended:
            return
        self._end()
        # A body without a length ends with its connection; whether it was whole is for
        # the reader of its content to know.
        if reason.check(ResponseDone, PotentialDataLoss):
            self.done.callback(None)
        else:
            self.done.errback(Failure(translate(reason)))

    def pauseProducing(self) -> None:  # noqa: N802
        """Stop reading from the upstream."""
        self._quiet()
        if self.transport is not None:
            self.transport.pauseProducing()  # type: ignore[attr-defined]  # a body's transport

    def resumeProducing(self) -> None:  # noqa: N802
        """Read on."""
        if not self._ended:
            self._listen()
        if self.transport is not None:
            self.transport.resumeProducing()  # type: ignore[attr-defined]  # a body's transport

    def stopProducing(self) -> None:  # noqa: N802
        """Do nothing: who is told that its consumer is gone has `done` cancelled as well.

        Ending here would let the failure overtake the news that the client has left.
        """

    def _listen(self) -> None:
        if self._timer is None:
            self._timer = self._clock.callLater(self._silence, self._fall_silent)

    def _quiet(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fall_silent(self) -> None:
        self._timer = None
        error = UpstreamTimeout(f"the model server was silent for {self._silence:g} seconds")
        self._fail(Failure(error))

    def _fail(self, failure: Failure) -> None:
        self._close()
        self.done.errback(failure)

    def _close(self) -> None:
        self._end()
        if self.transport is not None:
            self.transport.loseConnection()

    def _end(self) -> None:
        self._ended = True
        self._quiet()
