"""Something that is reached or missed, and that many may wait for, before and after."""

from typing import Generic, TypeVar

from twisted.internet.defer import Deferred, fail, succeed

T = TypeVar("T")


class Milestone(Generic[T]):
    """Lets many wait for one thing, again and again: `reset` makes it lie ahead once more."""

    def __init__(self) -> None:
        self._waiters: list[Deferred[T]] = []
        self._outcome: tuple[T] | Exception | None = None

    def wait(self) -> Deferred[T]:
        """Fire with the value when it is reached, or fail when it is missed; cancellable."""
        match self._outcome:
            case None:
                waiter: Deferred[T] = Deferred(self._waiters.remove)
                self._waiters.append(waiter)
                return waiter
            case Exception() as reason:
                return fail(reason)
            case (value,):
                return succeed(value)

    def reach(self, value: T) -> None:
        """Fire for all that wait, and for whoever asks from now on."""
        self._outcome = (value,)
        for waiter in self._take_waiters():
            waiter.callback(value)

    def miss(self, reason: Exception) -> None:
        """Fail for all that wait, and for whoever asks from now on."""
        self._outcome = reason
        for waiter in self._take_waiters():
            waiter.errback(reason)

    def reset(self) -> None:
        """Let it lie ahead again."""
        self._outcome = None

    def _take_waiters(self) -> list[Deferred[T]]:
        self._waiters, waiting = [], self._waiters
        return waiting
