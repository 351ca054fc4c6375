"""Stages: stream translators with `feed` and `finish`, and how they are joined.

Two laws hold for every stage: any chunking of the input gives the same output, and
`finish` comes once, after the last `feed`.
An error is raised at once, in place of whatever else the same item would have given.
"""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

In_contra = TypeVar("In_contra", contravariant=True)
Out_co = TypeVar("Out_co", covariant=True)
In = TypeVar("In")
Middle = TypeVar("Middle")
Out = TypeVar("Out")


class Stage(Protocol[In_contra, Out_co]):
    """Turns a stream of items into another, some of it at once and the rest at the end."""

    def feed(self, item: In_contra, /) -> Sequence[Out_co]:
        """Take one item; return what can be said by now."""

    def finish(self) -> Sequence[Out_co]:
        """End the input; return what was held back."""


def pipe(first: Stage[In, Middle], second: Stage[Middle, Out]) -> Stage[In, Out]:
    """Join two stages to one."""
    return _Pipe(first, second)


class _Pipe(Generic[In, Middle, Out]):
    def __init__(self, first: Stage[In, Middle], second: Stage[Middle, Out]) -> None:
        self._first = first
        self._second = second

    def feed(self, item: In, /) -> Sequence[Out]:
        return [out for middle in self._first.feed(item) for out in self._second.feed(middle)]

    def finish(self) -> Sequence[Out]:
        held = [out for middle in self._first.finish() for out in self._second.feed(middle)]
        return [*held, *self._second.finish()]
