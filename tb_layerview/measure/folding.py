"""Blocks of elements folded into one number each, axis by axis.

All arrays are ``[matrices, rows, columns]``. Eight neighbours become one; the last of an axis may
be fewer. NumPy is fast where it goes along many elements in a row. So rows come first, which leave
an eighth for the columns, whose elements lie apart; and of many small matrices, such as feature
maps, the elements at one place lie side by side.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tb_layerview.log.dtypes import Array
from tb_layerview.log.levels import BLOCK_SIDE

_FEW_COLUMNS: Final = 32
_MANY_MATRICES: Final = 64


def laid_out(array: Array) -> Array:
    """``array``, or a copy in the order of memory in which `fold` takes less time, copy included.

    Of maps of 12 x 12 it is a fifth of the time.
    """
    matrices, _, columns = array.shape
    is_narrow = columns < _FEW_COLUMNS and matrices >= _MANY_MATRICES
    return np.asfortranarray(array) if is_narrow else array


def fold(
    operation: np.ufunc, array: Array, *, rows: int = BLOCK_SIDE, dtype: npt.DTypeLike | None = None
) -> Array:
    """``operation`` over each block of ``rows`` (8, or 1 to leave rows alone) times 8 elements.

    Added up, or whatever ``operation`` does, in ``dtype`` where one is given.
    """
    if rows == 1:
        return _fold_last(operation, array, dtype)
    is_laid_out = array.strides[0] < array.strides[2]
    if is_laid_out or not 0 < array.shape[2] <= BLOCK_SIDE:
        return _fold_last(operation, _fold_rows(operation, array, dtype), dtype)
    # What is one behind the other in a column is in a long line over all narrow matrices.
    narrow = _fold_last(operation, array, dtype)
    return _fold_last(operation, narrow[..., 0], dtype)[..., None]


def _fold_rows(operation: np.ufunc, array: Array, dtype: npt.DTypeLike | None) -> Array:
    matrices, rows, columns = array.shape
    whole, rest = divmod(rows, BLOCK_SIDE)
    out = np.empty_like(array[:, : whole + (rest > 0)], dtype)
    if whole:
        blocks = array[:, : whole * BLOCK_SIDE].reshape(matrices, whole, BLOCK_SIDE, columns)
        operation.reduce(blocks, axis=2, dtype=dtype, out=out[:, :whole])
    if rest:
        operation.reduce(array[:, whole * BLOCK_SIDE :], axis=1, dtype=dtype, out=out[:, whole])
    return out


def _fold_last(operation: np.ufunc, array: Array, dtype: npt.DTypeLike | None) -> Array:
    """Groups of eight of the last axis. Each operation goes along many groups at once."""
    length = array.shape[-1]
    whole, rest = divmod(length, BLOCK_SIDE)
    out = np.empty_like(array[..., : whole + (rest > 0)], dtype)
    if whole:
        _fold_groups(operation, array[..., : whole * BLOCK_SIDE], BLOCK_SIDE, out[..., :whole])
    if rest:
        _fold_groups(operation, array[..., whole * BLOCK_SIDE :], rest, out[..., whole:])
    return out


def _fold_groups(operation: np.ufunc, array: Array, group: int, out: npt.NDArray[Any]) -> None:
    np.copyto(out, array[..., 0::group])
    for place in range(1, group):
        operation(out, array[..., place::group], out=out)
