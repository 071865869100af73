"""One tensor at one step: its elements, and the levels of detail that were stored of it."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import ArgumentError, NotFoundError
from tb_layerview.log import slices
from tb_layerview.log.boxes import overlap
from tb_layerview.log.dtypes import dtype_of
from tb_layerview.log.levels import (
    ELEMENTS,
    PLANES,
    level_shape,
    plane_dtype,
    plane_number,
)
from tb_layerview.log.part import StoredPart
from tb_layerview.log.schema import TensorSpec


class StoredArray:
    """The elements of a tensor at one step, or a plane of a level of it.

    Indexing reads from the files, as much as the index selects. ``spec`` is that of the tensor;
    ``level`` and ``plane`` are the numbers in the file, both 0 for the elements.
    """

    def __init__(
        self, spec: TensorSpec, parts: Sequence[StoredPart], level: int, plane: int
    ) -> None:
        """Of the tensor ``spec``, which ``parts`` make: one, or the shards of all ranks."""
        self.spec = spec
        self._parts = parts
        self._stands_for = (level, plane)
        dtype = dtype_of(spec.dtype)
        self._kind = dtype if plane == ELEMENTS else plane_dtype(dtype, PLANES[plane - 1])
        self._shape = spec.shape if level == 0 else level_shape(spec.shape, level)

    def __repr__(self) -> str:
        """As ``<conv2.0/output at step 5: float32 (4, 64, 12, 12), read by indexing>``."""
        level, plane = self._stands_for
        what = f"{PLANES[plane - 1]} of blocks, level {level}, of " if level else ""
        where = f"{what}{self.spec.key} at step {self._parts[0].step}"
        return f"<{where}: {self.dtype} {self.shape}, read by indexing>"

    def __array__(
        self, dtype: npt.DTypeLike | None = None, copy: bool | None = None
    ) -> npt.NDArray[Any]:
        """All elements, for ``numpy.asarray``. Raises as indexing does."""
        if copy is False:
            raise ArgumentError("copy", "True or None, as the elements are read", copy)
        return np.asarray(self[...], dtype)

    def __len__(self) -> int:
        if not self._shape:
            raise TypeError("len() of a tensor without axes")
        return self._shape[0]

    def __iter__(self) -> Iterator[npt.NDArray[Any]]:
        """What is at each index of the first axis, read one after the other."""
        return (self[index] for index in range(len(self)))

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self._shape)

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

    def bytes_read(self, selection: tuple[int | range, ...]) -> int:
        """About how many bytes of the files `read` would take in."""
        return slices.bytes_read(self._shape, self._kind.itemsize, selection)

    def read(self, selection: tuple[int | range, ...]) -> npt.NDArray[Any]:
        """The elements that a normalised index selects (`slices.normalise`)."""
        if len(self._parts) == 1:
            return self._read(self._parts[0], selection)
        out = np.empty(slices.selected_shape(selection), self._kind.values)
        for part in self._parts:
            box = part.box(self._stands_for[0])
            if box is None:
                raise self._not_kept(self._stands_for[0])
            common = overlap(selection, box)
            if common is not None:
                out[common.into] = self._read(part, common.within)
        return out

    def _read(self, part: StoredPart, within: tuple[int | range, ...]) -> npt.NDArray[Any]:
        elements = part.read(*self._stands_for, self._kind, within)
        if elements is None:
            raise self._not_kept(self._stands_for[0])
        return elements

    def _levels(self) -> set[tuple[int, int]]:
        """The pairs of a level and a plane that every part has, and that join."""
        return functools.reduce(
            set.intersection,
            (
                {(place.level, place.plane) for place in part.places() if part.box(place.level)}
                for part in self._parts
            ),
        )

    def _not_kept(self, level: int) -> NotFoundError:
        levels = sorted({kept for kept, _ in self._levels()})
        blocks = ", ".join(str(kept) for kept in levels if kept > 0)
        kept = ["0 (the elements, by indexing)"] * (0 in levels)
        kept += [f"{blocks} (blocks of them, by .level())"] * bool(blocks)
        expected = " or ".join(kept) or "none, as only the statistics were kept"
        what = f"level of {self.spec.key} at step {self._parts[0].step}"
        return NotFoundError(what, expected, level)


class TensorSlice(StoredArray):
    """One tensor at one step: its elements by indexing, its blocks by `level`."""

    def __init__(self, spec: TensorSpec, parts: Sequence[StoredPart]) -> None:
        """The tensor ``spec``, which ``parts`` make: one, or the shards of all ranks."""
        super().__init__(spec, parts, 0, ELEMENTS)

    def stored_at(self) -> tuple[tuple[str, int], ...]:
        """The files it lies in, and where in the frame: the same of keys that are one tensor."""
        return tuple(
            (str(part.path), place.data_offset) for part in self._parts for place in part.places()
        )

    def levels(self) -> list[int]:
        """The levels that were stored, ascending; 0 is the elements.

        Raises:
            DamagedLogError: the table that tells is not what was written.
        """
        return sorted({level for level, _ in self._levels()})

    def level(self, level: int, plane: str = "mean") -> StoredArray:
        """A plane (``mean``, ``min``, ``max``, ``flags``) of a stored level, to be indexed.

        An element of level k >= 1 stands for a block of 8**k x 8**k elements of the last two axes
        (of 8**k elements where there is one axis). The extremes and the mean are those of its
        finite elements, NaN where there are none; ``flags`` (uint8) adds up 1 where the block has
        a NaN, 2 where it has +Inf and 4 where it has -Inf.

        Raises:
            ArgumentError: there is no such plane.
            NotFoundError: the level was not stored, or shards cut its blocks; the message says
                which there are.
            DamagedLogError: the table that tells is not what was written.
        """
        if plane not in PLANES:
            raise ArgumentError("plane", "one of " + ", ".join(PLANES), plane)
        number = plane_number(plane)
        if (level, number) not in self._levels():
            raise self._not_kept(level)
        return StoredArray(self.spec, self._parts, level, number)
