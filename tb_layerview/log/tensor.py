"""One tensor at one step: its elements, and the levels of detail that were stored of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import ArgumentError, NotFoundError
from tb_layerview.log import slices
from tb_layerview.log.dtypes import dtype_of
from tb_layerview.log.elements import StoredBytes, read_places
from tb_layerview.log.header import RecordPlace
from tb_layerview.log.levels import (
    ELEMENTS,
    PLANES,
    level_shape,
    plane_dtype,
    plane_number,
)
from tb_layerview.log.schema import TensorSpec
from tb_layerview.log.segment import FrameEntry, SegmentFile


class StoredArray:
    """The elements of a tensor at one step, or a plane of a level of it.

    Indexing reads from the file, as much as the index selects. ``spec`` is that of the tensor;
    ``level`` and ``plane`` are the numbers in the file, both 0 for the elements.
    """

    def __init__(self, entry: FrameEntry, position: int, level: int, plane: int) -> None:
        """Of the tensor at ``position`` in the schema of the frame ``entry``."""
        self._entry = entry
        self._position = position
        self._stands_for = (level, plane)
        self.spec: TensorSpec = entry.schema.schema.tensors[position]
        dtype = dtype_of(self.spec.dtype)
        self._kind = dtype if plane == ELEMENTS else plane_dtype(dtype, PLANES[plane - 1])
        self._shape = self.spec.shape if level == 0 else level_shape(self.spec.shape, level)

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return self._shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of what indexing answers: bfloat16 and float8 are widened to float32."""
        return self._kind.values

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self._shape)

    def __getitem__(self, index: object) -> npt.NDArray[Any]:
        """The elements that a NumPy basic index selects (integers, slices, one Ellipsis).

        Always a new array.

        Raises:
            SliceError: the index is none, or does not fit the shape.
            NotFoundError: these elements were not kept; the message says what was.
            DamagedLogError: the bytes are not those that were written.
        """
        return self.read(slices.normalise(index, self._shape))

    def read(self, selection: tuple[int | range, ...]) -> npt.NDArray[Any]:
        """The elements that a normalised index selects (`slices.normalise`)."""
        with SegmentFile.open(self._entry.path) as file:
            places = read_places(file, self._entry, self._position)
            parts = [place for place in places if (place.level, place.plane) == self._stands_for]
            if not parts:
                raise self._not_kept(places, self._stands_for[0])
            source = StoredBytes(file, self._entry, parts)
            return slices.read_slice(source.read, self._shape, self._kind, selection)

    def _not_kept(self, places: list[RecordPlace], level: int) -> NotFoundError:
        levels = sorted({place.level for place in places})
        blocks = ", ".join(str(kept) for kept in levels if kept > 0)
        kept = ["0 (the elements, by indexing)"] * (0 in levels)
        kept += [f"{blocks} (blocks of them, by .level())"] * bool(blocks)
        expected = " or ".join(kept) or "none, as only the statistics were kept"
        what = f"level of {self.spec.key} at step {self._entry.header.step}"
        return NotFoundError(what, expected, level)


class TensorSlice(StoredArray):
    """One tensor at one step: its elements by indexing, its blocks by `level`."""

    def __init__(self, entry: FrameEntry, position: int) -> None:
        """The tensor at ``position`` in the schema of the frame ``entry``."""
        super().__init__(entry, position, 0, ELEMENTS)

    def levels(self) -> list[int]:
        """The levels that were stored, ascending; 0 is the elements.

        Raises:
            DamagedLogError: the table that tells is not what was written.
        """
        return sorted({place.level for place in self._places()})

    def level(self, level: int, plane: str = "mean") -> StoredArray:
        """A plane (``mean``, ``min``, ``max``, ``flags``) of a stored level, to be indexed.

        An element of level k >= 1 stands for a block of 8**k x 8**k elements of the last two axes
        (of 8**k elements where there is one axis). The extremes and the mean are those of its
        finite elements, NaN where there are none; ``flags`` (uint8) adds up 1 where the block has
        a NaN, 2 where it has +Inf and 4 where it has -Inf.

        Raises:
            ArgumentError: there is no such plane.
            NotFoundError: the level was not stored; the message says which were.
            DamagedLogError: the table that tells is not what was written.
        """
        if plane not in PLANES:
            raise ArgumentError("plane", "one of " + ", ".join(PLANES), plane)
        places = self._places()
        number = plane_number(plane)
        if not any((place.level, place.plane) == (level, number) for place in places):
            raise self._not_kept(places, level)
        return StoredArray(self._entry, self._position, level, number)

    def _places(self) -> list[RecordPlace]:
        with SegmentFile.open(self._entry.path) as file:
            return read_places(file, self._entry, self._position)
