"""Levels of detail, as they are served: read where they were stored, else made from elements."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy.typing as npt

from tb_layerview.errors import NotFoundError, TooLargeError
from tb_layerview.log.dtypes import dtype_of
from tb_layerview.log.levels import block_side, level_count, level_shape
from tb_layerview.log.schema import TensorSpec
from tb_layerview.log.tensor import StoredArray, TensorSlice
from tb_layerview.measure.pyramid import single_level

MAX_ELEMENTS_READ: Final = 16_777_216
"""Elements that are read to make blocks of them: what an answer of elements may have, too."""


MAX_BYTES_READ: Final = 4 * 1024**3
"""Bytes that are read for one answer: elements that lie far apart take a chunk each."""


def check_bytes(source: StoredArray, selection: tuple[int | range, ...], times: int = 1) -> None:
    """Whether a selection can be read in reasonable time, as often as it is wanted.

    Raises:
        TooLargeError: it takes more than `MAX_BYTES_READ`.
    """
    needed = times * source.bytes_read(selection)
    if needed > MAX_BYTES_READ:
        raise TooLargeError("bytes to be read for the slice", MAX_BYTES_READ, needed)


class ComputedLevel:
    """A plane of a level that was not stored, of a tensor whose elements were."""

    def __init__(self, tensor: TensorSlice, level: int, plane: str) -> None:
        self._tensor = tensor
        self._level = level
        self._plane = plane

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes, in blocks where the level is."""
        return level_shape(self._tensor.shape, self._level)

    def read(self, selection: tuple[int | range, ...]) -> npt.NDArray[Any]:
        """The selected blocks, from no more elements than they are made of.

        ``selection`` is a normalised index whose ranges are without gaps.

        Raises:
            TooLargeError: they are made of more than `MAX_ELEMENTS_READ`; nothing was read.
            DamagedLogError: the elements are not those that were written.
        """
        blocked = selection[-2:]
        outer = selection[: len(selection) - len(blocked)]
        extents = self._tensor.shape[len(outer) :]
        inner = [
            self._elements_of(blocks, length)
            for blocks, length in zip(blocked, extents, strict=True)
        ]
        lengths = (len(each) for each in (*outer, *inner) if isinstance(each, range))
        needed = math.prod(max(1, length) for length in lengths)
        if needed > MAX_ELEMENTS_READ:
            what = f"elements to make level {self._level} of, which was not stored"
            raise TooLargeError(what, MAX_ELEMENTS_READ, needed)
        selected = (*outer, *inner)
        check_bytes(self._tensor, selected)
        elements = self._tensor.read(selected)
        planes = single_level(elements, dtype_of(elements.dtype.name), self._level)
        dropped = (0 if isinstance(blocks, int) else slice(None) for blocks in blocked)
        return planes.plane(self._plane)[(..., *dropped)]

    def _elements_of(self, blocks: int | range, length: int) -> range:
        """The positions on an axis of ``length`` elements that ``blocks`` are made of."""
        side = block_side(self._level)
        first, stop = (
            (blocks, blocks + 1) if isinstance(blocks, int) else (blocks.start, blocks.stop)
        )
        return range(first * side, min(stop * side, length))


def highest_level(spec: TensorSpec) -> int:
    """The last level that `at_level` has of a tensor; 0 where there are only elements, or none."""
    return 0 if spec.stored == "statistics" else level_count(spec.shape)


def at_level(tensor: TensorSlice, level: int, plane: str) -> StoredArray | ComputedLevel:
    """The elements of ``tensor`` (level 0), or a plane of a level of it.

    Raises:
        NotFoundError: there is no such level; the message says which there are.
        DamagedLogError: what tells where they lie is not what was written.
    """
    spec = tensor.spec
    lowest, highest = 0 if spec.stored == "exact" else 1, highest_level(spec)
    if not lowest <= level <= highest:
        raise NotFoundError(f"level of {spec.key}", _levels_text(spec, lowest, highest), level)
    if level == 0:
        return tensor
    try:
        return tensor.level(level, plane)
    except NotFoundError:
        if spec.stored != "exact":
            raise
        return ComputedLevel(tensor, level, plane)


def _levels_text(spec: TensorSpec, lowest: int, highest: int) -> str:
    if spec.stored == "statistics":
        return "none, as only its statistics were kept"
    if lowest:
        return f"{lowest} to {highest}, as it was too large for its elements to be kept"
    return f"{lowest} to {highest}"
