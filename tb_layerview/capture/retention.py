"""What is kept of each tensor of a frame: all elements, a pyramid of them, or statistics alone.

Chosen from shapes and types, never from values: so the choice is the same at every step, and a
NaN, an infinity or an extreme shows in any case, in the exact statistics and in the pyramid.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tb_layerview.log.columns import BINS, STATISTICS
from tb_layerview.log.dtypes import DType
from tb_layerview.log.levels import PLANES, is_large, level_count, level_shape
from tb_layerview.log.schema import STORED
from tb_layerview.log.text import writable

EXACT, PYRAMID, STATISTICS_ALONE = STORED

_ROW_BYTES: Final = 8 * len(STATISTICS) + 4 * BINS
"""Of one tensor's statistics and histogram in a frame. Histograms are mostly cropped to less."""

_RECORD_BYTES: Final = 288
"""Of a record around its elements and its row in the table of places, without its key; more than
any takes whose tensor has up to eight axes."""

_CHECKED_BYTES: Final = 16_384
"""A byte of checksums is written for this many of elements: four for each 65,536."""

_HEADER_BYTES: Final = 4096
"""Of a frame's header and the framing of its columns, with some sentences about problems."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One copy of a tensor, that a frame stores once.

    ``keys`` are the names that it has in the frame, ``shape`` that of the elements that would be
    kept. ``has_elements`` is false of one that was reduced where it is: there is nothing more
    of it than a pyramid, or, if ``has_planes`` is false, too, than statistics.
    """

    keys: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: DType
    has_elements: bool = True
    has_planes: bool = True

    @property
    def element_bytes(self) -> int:
        """Bytes of the elements."""
        return _element_bytes(self.shape, self.dtype)

    def bytes_as(self, stored: str) -> int:
        """Bytes that a frame takes for it at most, stored in one of the ways of `STORED`."""
        sizes: list[int] = []
        if stored == EXACT:
            sizes.append(self.element_bytes)
        if stored == PYRAMID or (stored == EXACT and is_large(self.shape)):
            sizes += _plane_bytes(self.shape, self.dtype)
        around = _RECORD_BYTES + len(writable(self.keys[0]).encode())
        # The rows of the table of places are repeated for every further key.
        return sum(size + size // _CHECKED_BYTES + around * len(self.keys) for size in sizes)

    def can_be(self, stored: str) -> bool:
        """Whether it can be stored so; a pyramid that is larger than the elements is none."""
        if stored == EXACT:
            return self.has_elements
        if stored == PYRAMID:
            if not self.has_elements:
                return self.has_planes
            return bool(self.shape) and self.bytes_as(PYRAMID) < self.element_bytes
        return True


def has_smaller_pyramid(shape: tuple[int, ...], dtype: DType) -> bool:
    """Whether a tensor has a pyramid, and one that takes fewer bytes than its elements."""
    return bool(shape) and pyramid_bytes(shape, dtype) < _element_bytes(shape, dtype)


def pyramid_bytes(shape: tuple[int, ...], dtype: DType) -> int:
    """Bytes of all planes of the pyramid of a tensor."""
    return sum(_plane_bytes(shape, dtype))


def _element_bytes(shape: tuple[int, ...], dtype: DType) -> int:
    return math.prod(shape) * dtype.itemsize


def _plane_bytes(shape: tuple[int, ...], dtype: DType) -> list[int]:
    """Of each plane of each level."""
    of_a_block = [dtype.measured.itemsize] * (len(PLANES) - 1) + [1]
    return [
        math.prod(level_shape(shape, level)) * size
        for level in range(1, level_count(shape) + 1)
        for size in of_a_block
    ]


class Retention:
    """Keeps to `max_elements` of a tensor and, if that is given, `max_bytes` of a frame.

    What was reduced to fit a frame stays so: a branch that is taken now and then does not make
    others flicker between their elements and a pyramid.
    """

    def __init__(self, max_elements: int | None, max_bytes: int | None) -> None:
        self._max_elements = max_elements
        self._max_bytes = max_bytes
        self._reduced: dict[str, str] = {}

    def forget(self) -> None:
        """Choose anew: the model is another one."""
        self._reduced.clear()

    def choose(self, candidates: Sequence[Candidate]) -> tuple[list[str], int]:
        """How to store each of the tensors of a frame.

        While the frame is larger than allowed, tensors are reduced, the largest first, of equal
        ones the first: as many as needed to pyramids; if that is not enough, those that are then
        the largest to statistics.

        Returns:
            For each candidate one of `STORED`; and by how many bytes the frame is still too large.
        """
        chosen = [self._least(candidate) for candidate in candidates]
        if self._max_bytes is None:
            return chosen, 0
        rows = sum(_ROW_BYTES * len(candidate.keys) for candidate in candidates)
        sizes = [
            candidate.bytes_as(stored) for candidate, stored in zip(candidates, chosen, strict=True)
        ]
        excess = _HEADER_BYTES + rows + sum(sizes) - self._max_bytes
        for target in (PYRAMID, STATISTICS_ALONE):
            for index in sorted(range(len(sizes)), key=lambda index: (-sizes[index], index)):
                if excess <= 0:
                    break
                candidate = candidates[index]
                if STORED.index(chosen[index]) < STORED.index(target) and candidate.can_be(target):
                    chosen[index] = target
                    excess -= sizes[index] - candidate.bytes_as(target)
                    sizes[index] = candidate.bytes_as(target)
                    self._reduced.update(dict.fromkeys(candidate.keys, target))
        return chosen, max(0, excess)

    def _least(self, candidate: Candidate) -> str:
        """The most that may be stored of a tensor, whatever else is in the frame."""
        limit = self._max_elements
        too_large = limit is not None and math.prod(candidate.shape) > limit
        wanted = PYRAMID if too_large or not candidate.has_elements else EXACT
        before = [self._reduced[key] for key in candidate.keys if key in self._reduced]
        wanted = max([wanted, *before], key=STORED.index)
        return wanted if candidate.can_be(wanted) else STATISTICS_ALONE
