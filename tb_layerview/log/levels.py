"""Levels of detail: what a pyramid of a tensor is made of.

A *level* k >= 1 stands for blocks of 8**k x 8**k elements of the last two axes (8**k elements of a
1-D tensor), ragged at the ends; its *planes* say of each block what its elements are. Level 0 is
the elements themselves. Part of the file format (``docs/format.md``), so that it stands below the
code that computes levels (``measure``) and the code that serves them (``plugin``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tb_layerview.log.dtypes import DType, dtype_of

BLOCK_SIDE: Final = 8
"""Blocks of a level, along an axis, that make one of the next."""

LARGE_SIDE: Final = 512
"""A tensor that is longer in one of its last two axes gets a pyramid, whose last level is not."""

PLANES: Final = ("mean", "min", "max", "flags")
"""Names of the planes of a level. Their numbers in the file begin at 1: 0 is the elements."""

ELEMENTS: Final = 0
"""The number, in the file, of what level 0 has in place of planes."""

HAS_NAN: Final = 1
HAS_POS_INF: Final = 2
HAS_NEG_INF: Final = 4
"""Bits of the plane ``flags``."""


@dataclass(frozen=True, slots=True)
class PyramidLevel:
    """The planes of one level, each C-contiguous and of `level_shape`.

    ``mean``, ``min`` and ``max`` are those of the finite elements of each block, NaN where there
    are none; they are of ``DType.measured``. ``flags`` is uint8: the sum of `HAS_NAN`,
    `HAS_POS_INF` and `HAS_NEG_INF`, each where the block has such an element.
    """

    mean: npt.NDArray[np.floating]
    min: npt.NDArray[np.floating]
    max: npt.NDArray[np.floating]
    flags: npt.NDArray[np.uint8]

    def plane(self, name: str) -> npt.NDArray[Any]:
        """The plane with one of the names `PLANES`."""
        return {"mean": self.mean, "min": self.min, "max": self.max, "flags": self.flags}[name]

    @property
    def nbytes(self) -> int:
        """Bytes of all planes."""
        return sum(self.plane(name).nbytes for name in PLANES)


def plane_number(name: str) -> int:
    """The number in the file of the plane ``name``."""
    return 1 + PLANES.index(name)


def plane_dtype(dtype: DType, name: str) -> DType:
    """The element type of the plane ``name`` of a tensor of ``dtype``."""
    return dtype_of("uint8") if name == "flags" else dtype_of(dtype.measured.name)


def block_side(level: int) -> int:
    """Elements of a block of ``level`` along one axis."""
    side: int = BLOCK_SIDE**level
    return side


def level_shape(shape: tuple[int, ...], level: int) -> tuple[int, ...]:
    """The shape of ``level`` of a tensor of ``shape``: the last two axes are in blocks."""
    side = block_side(level)
    return (*shape[:-2], *(-(-length // side) for length in shape[-2:]))


def level_count(shape: tuple[int, ...]) -> int:
    """The last level of a tensor of ``shape``: the first that fits `LARGE_SIDE`, at least 1.

    A single number has no levels: 0.
    """
    if not shape:
        return 0
    level = 1
    while is_large(level_shape(shape, level)):
        level += 1
    return level


def is_large(shape: tuple[int, ...]) -> bool:
    """Whether a tensor of ``shape``, of which all elements are stored, gets a pyramid, too."""
    return max(shape[-2:], default=0) > LARGE_SIDE
