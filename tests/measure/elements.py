"""Elements of every type for the tests, and the numbers that they stand for."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from tb_layerview.log.dtypes import DTYPES, Array, DType

ALL_DTYPES = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.name)


def numbers_of(elements: Array, dtype: DType) -> npt.NDArray[np.float64]:
    """Every element as the float64 that is measured, same shape."""
    values = dtype.decode(elements)
    if values.dtype.kind != "c":
        return values.astype(np.float64)
    magnitudes = np.hypot(values.real.astype(np.float64), values.imag.astype(np.float64))
    return np.where(np.isnan(values.real) | np.isnan(values.imag), np.nan, magnitudes)


def interesting_codes(dtype: DType) -> Array:
    """Zeros, subnormals, ones, extremes, infinities, quiet and signalling NaN, by their bits."""
    size = dtype.itemsize
    leading = [0x00, 0x80, 0x7F, 0xFF, 0x3C, 0xBC, 0x7C, 0xFC, 0x01, 0x40, 0x3F, 0xBF, 0xF0, 0x7E]
    trailing = [0x00, 0x01, 0x80, 0xFF, 0x7F, 0xF0]
    rows = [[second] * (size - 2) + [second, first] for first in leading for second in trailing]
    flat = b"".join(bytes(row[-size:]) for row in rows)
    return np.frombuffer(flat, dtype.storage)
