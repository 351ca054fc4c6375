"""Deferreds put together: all of several, and one that cannot be cancelled."""

from collections.abc import Sequence
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, FirstError, gatherResults
from twisted.python.failure import Failure

T = TypeVar("T")


def all_of(waiting: Sequence[Deferred[T]]) -> Deferred[list[T]]:
    """Fire with all results in their order; the first failure cancels the others and is told."""

    def give_up(failure: Failure) -> Failure:
        for one in waiting:
            one.cancel()
        return failure.value.subFailure if isinstance(failure.value, FirstError) else failure

    return gatherResults(waiting, consumeErrors=True).addErrback(give_up)


def shielded(inner: Deferred[Any]) -> Deferred[Any]:
    """Follow a Deferred; cancelling this one leaves it alone."""
    outer: Deferred[Any] = Deferred(lambda _: None)

    def tell(result: Any) -> None:
        # A Failure is passed on in the same way, and none is left behind.
        if not outer.called:
            outer.callback(result)

    inner.addBoth(tell)
    return outer
