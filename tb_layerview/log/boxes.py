"""Shards as boxes within a tensor: whether they fill it, and what of a selection lies in each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

Shape = tuple[int, ...]
Selection = Sequence[int | range]


class Box(NamedTuple):
    """A part of a tensor: the index of its first element, and the lengths of its axes."""

    offset: Shape
    shape: Shape

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


class Overlap(NamedTuple):
    """What of a selection lies in a box.

    ``within`` is a normalised index of the box; ``into`` where its elements stand in the result.
    """

    within: tuple[int | range, ...]
    into: tuple[slice, ...]


def fill(boxes: Iterable[Box], shape: Shape) -> bool:
    """Whether ``boxes`` within ``shape`` leave nothing of it out, and none of them overlap.

    Where they did, an answer made of them would have elements that nobody wrote.
    """
    some = sorted(box for box in set(boxes) if box.size)
    return sum(box.size for box in some) == math.prod(shape) and not _any_overlap(some)


def _any_overlap(boxes: Sequence[Box]) -> bool:
    """Whether two of ``boxes``, sorted by offset and none of them empty, have an element both."""
    # Along the first axis, a box is compared with those that have begun and not ended before it.
    reaching: list[Box] = []
    for box in boxes:
        if box.offset:
            begin = box.offset[0]
            reaching = [each for each in reaching if each.offset[0] + each.shape[0] > begin]
        if any(_overlap(box, each) for each in reaching):
            return True
        reaching.append(box)
    return False


def _overlap(one: Box, other: Box) -> bool:
    return all(
        max(first, second) < min(first + length, second + width)
        for first, length, second, width in zip(*one, *other, strict=True)
    )


def overlap(selection: Selection, box: Box) -> Overlap | None:
    """What of a normalised index lies in ``box``; None where nothing does."""
    within: list[int | range] = []
    into: list[slice] = []
    for positions, first, length in zip(selection, box.offset, box.shape, strict=True):
        if isinstance(positions, int):
            if not first <= positions < first + length:
                return None
            within.append(positions - first)
            continue
        places = _places(positions, first, first + length)
        if places.start >= places.stop:
            return None
        inside = positions[places.start : places.stop]
        within.append(range(inside.start - first, inside.stop - first, inside.step))
        into.append(places)
    return Overlap(tuple(within), tuple(into))


def _places(positions: range, begin: int, end: int) -> slice:
    """Which of ``positions`` lie from ``begin`` up to ``end``."""
    if positions.step > 0:
        first = -((positions.start - begin) // positions.step)
        stop = -((positions.start - end) // positions.step)
    else:
        first = -((end - 1 - positions.start) // -positions.step)
        stop = -((begin - 1 - positions.start) // -positions.step)
    return slice(max(first, 0), max(min(stop, len(positions)), 0))
