"""Blocks of elements folded into one number each, axis by axis.

All arrays are ``[matrices, rows, columns]``. Eight neighbours become one; the last of an axis may
be fewer. Rows first leaves an eighth for the columns, whose elements lie apart and take longer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tb_layerview.log.dtypes import Array
from tb_layerview.log.levels import BLOCK_SIDE


def fold(
    operation: np.ufunc, array: Array, *, rows: int = BLOCK_SIDE, dtype: npt.DTypeLike | None = None
) -> Array:
    """``operation`` over each block of ``rows`` (8, or 1 to leave rows alone) times 8 elements.

    Added up, or whatever ``operation`` does, in ``dtype`` where one is given.
    """
    if rows == 1:
        return _fold_last(operation, array, dtype)
    if not 0 < array.shape[2] <= BLOCK_SIDE:
        return _fold_last(operation, _fold_rows(operation, array, dtype), dtype)
    # Narrow matrices: what is one behind the other in a column is in a long line over all of them.
    narrow = _fold_last(operation, array, dtype)
    return _fold_last(operation, narrow[..., 0], dtype)[..., None]


def _fold_rows(operation: np.ufunc, array: Array, dtype: npt.DTypeLike | None) -> Array:
    matrices, rows, columns = array.shape
    whole, rest = divmod(rows, BLOCK_SIDE)
    blocks = array[:, : whole * BLOCK_SIDE].reshape(matrices, whole, BLOCK_SIDE, columns)
    folded: Array = operation.reduce(blocks, axis=2, dtype=dtype)
    if rest:
        last = operation.reduce(array[:, whole * BLOCK_SIDE :], axis=1, dtype=dtype)
        folded = np.concatenate([folded, last[:, None]], axis=1)
    return folded


def _fold_last(operation: np.ufunc, array: Array, dtype: npt.DTypeLike | None) -> Array:
    """Groups of eight of the last axis. Each operation goes along many groups at once."""
    length = array.shape[-1]
    whole, rest = divmod(length, BLOCK_SIDE)
    kind = array.dtype if dtype is None else np.dtype(dtype)
    out = np.empty((*array.shape[:-1], whole + (rest > 0)), kind)
    if whole:
        _fold_groups(operation, array[..., : whole * BLOCK_SIDE], BLOCK_SIDE, out[..., :whole])
    if rest:
        _fold_groups(operation, array[..., whole * BLOCK_SIDE :], rest, out[..., whole:])
    return out


def _fold_groups(operation: np.ufunc, array: Array, group: int, out: npt.NDArray[Any]) -> None:
    np.copyto(out, array[..., 0::group])
    for place in range(1, group):
        operation(out, array[..., place::group], out=out)
