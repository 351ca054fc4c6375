"""What is going on: the open connections, so that a stop can wait for them."""

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.web.http import HTTPChannel


class Traffic:
    """The open connections of one site."""

    def __init__(self) -> None:
        self._channels: set[HTTPChannel] = set()
        self._empty: list[Deferred[None]] = []

    def open(self, channel: HTTPChannel) -> None:
        """Note an open connection."""
        self._channels.add(channel)

    def close(self, channel: HTTPChannel) -> None:
        """Forget a closed connection."""
        self._channels.discard(channel)
        if not self._channels:
            _fire(self._empty)

    async def drain(self, seconds: float, clock: IReactorTime) -> None:
        """Close connections as their answers end, and after some time all that are left.

        Returns when the last connection is closed.
        """
        for channel in list(self._channels):
            if channel.requests:
                # Then it closes itself, when the answer is written and sent.
                channel.persistent = False
            else:
                channel.loseConnection()
        if self._channels and seconds:
            await _waiter(self._empty).addTimeout(seconds, clock, lambda *_: None)
        for channel in list(self._channels):
            channel.transport.abortConnection()  # type: ignore[union-attr]  # it is connected
        if self._channels:
            await _waiter(self._empty)


def _waiter(waiting: list[Deferred[None]]) -> Deferred[None]:
    waiter: Deferred[None] = Deferred(waiting.remove)
    waiting.append(waiter)
    return waiter


def _fire(waiting: list[Deferred[None]]) -> None:
    fired = waiting[:]
    waiting.clear()
    for waiter in fired:
        waiter.callback(None)
