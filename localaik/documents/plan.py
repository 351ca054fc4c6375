"""Plans how the pages of a PDF are rendered: in which ranges, and how large."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

_POINTS = 72.0  # points an inch
# Pages; longer ranges would keep other documents waiting for a worker.
_LONGEST_RANGE = 16


@attrs.frozen
class Job:
    """A piece of work for a page worker: the name of a function in `work`, and its arguments."""

    name: str
    arguments: Mapping[str, Any]


@attrs.frozen
class PageSize:
    """The size of a page in points."""

    width: float
    height: float


@attrs.frozen
class PageRange:
    """Pages from `first` to `last`, counted from 1; `scale_to` bounds their longer side in pixels.

    None leaves the size to the resolution.
    """

    first: int
    last: int
    scale_to: int | None = None

    @property
    def count(self) -> int:
        """How many pages these are."""
        return self.last - self.first + 1


def plan_ranges(
    sizes: Sequence[PageSize], *, dpi: int, max_side: int, workers: int
) -> tuple[PageRange, ...]:
    """Split the pages into ranges of about the same length, at least one for each worker.

    Only pages that would be too large are scaled, since poppler would enlarge small ones.
    """
    length = min(math.ceil(len(sizes) / workers), _LONGEST_RANGE) if sizes else 0
    ranges: list[PageRange] = []
    for number, size in enumerate(sizes, start=1):
        pixels = max(size.width, size.height) * dpi / _POINTS
        scale_to = max_side if math.ceil(pixels) > max_side else None
        last = ranges[-1] if ranges else None
        if last is None or last.count == length or last.scale_to != scale_to:
            ranges.append(PageRange(number, number, scale_to))
        else:
            ranges[-1] = attrs.evolve(last, last=number)
    return tuple(ranges)
