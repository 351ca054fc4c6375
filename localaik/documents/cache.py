"""Keeps what documents became, so that each is rendered once however often it is sent."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
from typing import Generic, TypeVar

from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

T = TypeVar("T")


class RenderCache(Generic[T]):
    """Results by key, the least recently used of which go when `most_bytes` are exceeded.

    Whoever asks for what is being made waits for it; it is given up when all of them have.
    """

    def __init__(self, most_bytes: int, weigh: Callable[[T], int]) -> None:
        self._most_bytes = most_bytes
        self._weigh = weigh
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._flights: dict[Hashable, _Flight[T]] = {}
        self.size = 0

    def get(self, key: Hashable, make: Callable[[], Deferred[T]]) -> Deferred[T]:
        """Fire with what is kept under the key, or with what `make` makes; cancellable."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return succeed(self._kept[key])
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(partial(self._forget, key))
            waiter = flight.join()
            making = make()
            flight.making = making
            making.addCallback(partial(self._keep, key))
            making.addBoth(partial(self._land, key, flight))
            return waiter
        return flight.join()

    def _keep(self, key: Hashable, made: T) -> T:
        weight = self._weigh(made)
        if weight <= self._most_bytes:
            self._kept[key] = made
            self.size += weight
        while self.size > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self.size -= self._weigh(oldest)
        return made

    def _land(self, key: Hashable, flight: "_Flight[T]", result: T | Failure) -> None:
        self._forget(key, flight)
        flight.land(result)

    def _forget(self, key: Hashable, flight: "_Flight[T]") -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


class _Flight(Generic[T]):
    """Something that is being made, and those who wait for it."""

    def __init__(self, forget: "Callable[[_Flight[T]], None]") -> None:
        self._forget = forget
        self._waiters: list[Deferred[T]] = []
        self.making: Deferred[None] | Deferred[T] | None = None

    def join(self) -> Deferred[T]:
        waiter: Deferred[T] = Deferred(self._leave)
        self._waiters.append(waiter)
        return waiter

    def land(self, result: T | Failure) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            # Failure or value: a Deferred tells them apart itself.
            if isinstance(result, Failure):
                waiter.errback(result)
            else:
                waiter.callback(result)

    def _leave(self, waiter: Deferred[T]) -> None:
        self._waiters.remove(waiter)
        if not self._waiters and self.making is not None:
            # Who asks from now on begins anew.
            self._forget(self)
            self.making.cancel()
