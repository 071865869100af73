"""The pyramid of a tensor: what the elements of ever larger blocks are, at any zoom.

Nothing that matters hides in a block: extremes are exact, and flags tell of every NaN and infinity.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import ArgumentError
from tb_layerview.log.dtypes import Array, DType
from tb_layerview.log.levels import (
    BLOCK_SIDE,
    HAS_NAN,
    HAS_NEG_INF,
    HAS_POS_INF,
    PyramidLevel,
    block_side,
    level_count,
    level_shape,
)
from tb_layerview.measure.folding import fold, laid_out
from tb_layerview.measure.numbers import BLOCK, as_numbers

Doubles = npt.NDArray[np.float64]
Place = tuple[slice, slice, slice]
"""A part of ``[matrices, rows, columns]``."""

SUM_EXPONENT: Final = 64
"""Divided by 2**64, as many float64 as any memory holds add up without overflow."""


@dataclass(slots=True)
class _Blocks:
    """What is known of the blocks of a level: ``[matrices, rows, columns]`` each.

    ``sums`` are those of the finite elements. ``non_finite`` counts the others; it is None where
    there are none in any block.
    """

    sums: Doubles
    min: npt.NDArray[np.floating]
    max: npt.NDArray[np.floating]
    flags: npt.NDArray[np.uint8]
    non_finite: npt.NDArray[np.int64] | None = None


def pyramid(elements: Array, dtype: DType) -> tuple[PyramidLevel, ...]:
    """All levels of ``elements`` (any shape, of ``dtype.storage``, C-contiguous), from level 1 on.

    As many as `level_count` says: none of a single number. ``min`` and ``max`` are exact; ``mean``
    is added up in float64, coarse levels from sums and not from means. 64-bit integers are rounded
    to float64 first; of complex elements the magnitude is measured, as in `summarize`. No warning
    is raised for any value.

    Raises:
        ArgumentError: ``elements`` are not of ``dtype.storage``.
    """
    with np.errstate(all="ignore"):
        return tuple(_levels(elements, dtype, level_count(elements.shape)))


def single_level(elements: Array, dtype: DType, level: int) -> PyramidLevel:
    """The level ``level`` (at least 1) alone, also where `pyramid` would not go as far.

    Raises:
        ArgumentError: ``elements`` are not of ``dtype.storage``, or have no axis.
    """
    if elements.ndim == 0:
        raise ArgumentError("elements", "at least one axis", elements.shape)
    with np.errstate(all="ignore"):
        *_, last = _levels(elements, dtype, level)
    return last


def _levels(elements: Array, dtype: DType, levels: int) -> Iterator[PyramidLevel]:
    if elements.dtype != dtype.storage:
        raise ArgumentError("elements", f"an array of {dtype.storage}", elements.dtype)
    scaled: list[_Blocks] = []
    for level, blocks in enumerate(_aggregate(elements, dtype, levels), 1):
        mean = _means(blocks, elements.shape, level)
        overflown = np.isfinite(blocks.max) & ~np.isfinite(mean)
        if overflown.any():
            scaled = scaled or list(_aggregate(elements, dtype, levels, SUM_EXPONENT))
            in_range = _means(scaled[level - 1], elements.shape, level)
            mean[overflown] = np.ldexp(in_range[overflown], SUM_EXPONENT)
        # Rounding may take a mean past the extremes that bound it.
        np.clip(mean, blocks.min, blocks.max, out=mean)
        shape = level_shape(elements.shape, level)
        yield PyramidLevel(
            mean=mean.astype(dtype.measured, copy=False).reshape(shape),
            min=blocks.min.reshape(shape),
            max=blocks.max.reshape(shape),
            flags=blocks.flags.reshape(shape),
        )


def _means(blocks: _Blocks, shape: tuple[int, ...], level: int) -> Doubles:
    """float64 ``[matrices, rows, columns]``; NaN where no element of a block is finite."""
    matrix = _matrix_shape(shape)
    rows = _extents(matrix[1], block_side(level) if len(shape) > 1 else 1)
    columns = _extents(matrix[2], block_side(level))
    counts = rows[:, None] * columns
    if blocks.non_finite is None:
        return blocks.sums / counts
    # 0 / 0 is NaN, as it should be.
    return blocks.sums / (counts - blocks.non_finite)


def _extents(length: int, side: int) -> npt.NDArray[np.int64]:
    """How many elements of an axis each block has: ``side``, but for a smaller last one."""
    starts = np.arange(0, length, side)
    return np.minimum(side, length - starts)


def _matrix_shape(shape: tuple[int, ...]) -> tuple[int, int, int]:
    """``[matrices, rows, columns]`` of a tensor of at least one axis; of a 1-D one a single row."""
    rows = shape[-2] if len(shape) > 1 else 1
    return math.prod(shape[:-2]), rows, shape[-1]


def _aggregate(elements: Array, dtype: DType, levels: int, exponent: int = 0) -> Iterator[_Blocks]:
    """The blocks of each level, their sums divided by 2**exponent."""
    if levels == 0:
        return
    matrices = elements.reshape(_matrix_shape(elements.shape))
    side = BLOCK_SIDE if elements.ndim > 1 else 1
    blocks = _first_level(matrices, dtype, side, exponent)
    yield blocks
    for _ in range(levels - 1):
        blocks = _next_level(blocks, side)
        yield blocks


def _next_level(blocks: _Blocks, side: int) -> _Blocks:
    missing = blocks.non_finite
    return _Blocks(
        sums=fold(np.add, blocks.sums, rows=side),
        # Blocks without a finite element are NaN, which these two pass over.
        min=fold(np.fmin, blocks.min, rows=side),
        max=fold(np.fmax, blocks.max, rows=side),
        flags=fold(np.bitwise_or, blocks.flags, rows=side),
        non_finite=None if missing is None else fold(np.add, missing, rows=side),
    )


def _first_level(matrices: Array, dtype: DType, side: int, exponent: int) -> _Blocks:
    count, rows, columns = matrices.shape
    shape = (count, -(-rows // side), -(-columns // BLOCK_SIDE))
    blocks = _Blocks(
        sums=np.empty(shape),
        min=np.empty(shape, dtype.measured),
        max=np.empty(shape, dtype.measured),
        flags=np.zeros(shape, np.uint8),
    )
    for part, place in _parts(matrices.shape, side):
        numbers = laid_out(as_numbers(matrices[part], dtype))
        sums = _sums(numbers, side, exponent)
        if np.isfinite(sums).all():
            blocks.sums[place] = sums
            blocks.min[place] = fold(np.minimum, numbers, rows=side)
            blocks.max[place] = fold(np.maximum, numbers, rows=side)
        else:
            _take_with_non_finite(blocks, place, numbers, side, exponent)
    return blocks


def _take_with_non_finite(
    blocks: _Blocks,
    place: Place,
    numbers: npt.NDArray[np.floating],
    side: int,
    exponent: int,
) -> None:
    """Fill in the blocks at ``place``, where elements may not be finite."""
    finite = np.isfinite(numbers)
    some = fold(np.logical_or, finite, rows=side)
    minimum = fold(np.minimum, np.where(finite, numbers, np.inf), rows=side)
    maximum = fold(np.maximum, np.where(finite, numbers, -np.inf), rows=side)
    blocks.min[place] = np.where(some, minimum, np.nan)
    blocks.max[place] = np.where(some, maximum, np.nan)
    blocks.sums[place] = _sums(np.where(finite, numbers, 0), side, exponent)
    for bit, found in (
        (HAS_NAN, np.isnan(numbers)),
        (HAS_POS_INF, np.isposinf(numbers)),
        (HAS_NEG_INF, np.isneginf(numbers)),
    ):
        blocks.flags[place] |= fold(np.logical_or, found, rows=side) * np.uint8(bit)
    if blocks.non_finite is None:
        blocks.non_finite = np.zeros(blocks.flags.shape, np.int64)
    blocks.non_finite[place] = fold(np.add, ~finite, rows=side, dtype=np.int64)


def _sums(numbers: npt.NDArray[np.floating], side: int, exponent: int) -> Doubles:
    if exponent:
        numbers = np.ldexp(numbers, -exponent)
    return fold(np.add, numbers, rows=side, dtype=np.float64)


def _parts(shape: tuple[int, int, int], side: int) -> Iterator[tuple[Place, Place]]:
    """Parts of at most `BLOCK` elements that cut no block, and where their blocks belong."""
    matrices, rows, columns = shape
    least_rows = min(rows, side)
    column_step = _step(columns, BLOCK_SIDE, BLOCK // max(1, least_rows))
    row_step = _step(rows, side, BLOCK // max(1, column_step))
    matrix_step = max(1, BLOCK // max(1, rows * columns))
    for first, row, column in product(
        range(0, matrices, matrix_step),
        range(0, rows, row_step),
        range(0, columns, column_step),
    ):
        some = slice(first, first + matrix_step)
        yield (
            (some, slice(row, row + row_step), slice(column, column + column_step)),
            (
                some,
                slice(row // side, (row + row_step) // side),
                slice(column // BLOCK_SIDE, (column + column_step) // BLOCK_SIDE),
            ),
        )


def _step(length: int, side: int, most: int) -> int:
    """A multiple of ``side``, about ``most``, that cuts ``length`` into parts of about a size."""
    whole = max(1, most // side)
    blocks = max(1, -(-length // side))
    parts = -(-blocks // whole)
    return -(-blocks // parts) * side
