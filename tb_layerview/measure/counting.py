"""Measuring small element types: count how often each of their codes occurs."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

from tb_layerview.log.dtypes import Array, DType
from tb_layerview.measure.bins import bins_of, histogram_of
from tb_layerview.measure.moments import Moments
from tb_layerview.measure.numbers import BLOCK, scratch
from tb_layerview.measure.tally import Tally

CountCodes = Callable[[npt.NDArray[np.signedinteger], int], npt.NDArray[np.int64]]
"""How often each code below a limit occurs in an array of one axis."""


def count_codes(codes: npt.NDArray[np.signedinteger], limit: int) -> npt.NDArray[np.int64]:
    """As `CountCodes`. It keeps the interpreter's lock for a nanosecond an element."""
    return np.bincount(codes, minlength=limit)


def tally_codes(flat: Array, dtype: DType, count: CountCodes = count_codes) -> Tally:
    """The tally of ``flat`` (1-D, of ``dtype.storage``), whose type has at most 16 bits."""
    codes = 1 << (8 * dtype.itemsize)
    bits = flat.view(f"<u{dtype.itemsize}")
    counts = np.zeros(codes, np.int64)
    for start in range(0, bits.size, BLOCK):
        block = scratch.wide_codes[: min(BLOCK, bits.size - start)]
        np.copyto(block, bits[start : start + BLOCK])
        counts += count(block, codes)

    present = np.flatnonzero(counts)
    values = _value_of_code(dtype)[present]
    counts = counts[present]
    tally = Tally()
    finite = tally.take_non_finite(values, counts)
    values, counts = values[finite], counts[finite]
    tally.histogram = histogram_of(bins_of(values), counts)
    tally.zero = int(counts[values == 0].sum())
    tally.moments = _weighted_moments(values, counts)
    return tally


@cache
def _value_of_code(dtype: DType) -> npt.NDArray[np.float64]:
    """float64 ``[codes]``: the number that each code of ``dtype`` stands for."""
    codes = np.arange(1 << (8 * dtype.itemsize), dtype=f"<u{dtype.itemsize}")
    if dtype.storage == np.bool_:
        # Any byte but 0 is true.
        return np.minimum(codes, 1).astype(np.float64)
    values: npt.NDArray[np.float64] = dtype.decode(codes.view(dtype.storage)).astype(np.float64)
    return values


def _weighted_moments(values: npt.NDArray[np.float64], counts: npt.NDArray[np.int64]) -> Moments:
    """Moments of ``values`` of which each stands for ``counts`` elements."""
    if values.size == 0:
        return Moments()
    count = int(counts.sum())
    mean = float(np.sum(values * counts)) / count
    deviations = values - mean
    return Moments(
        count=count,
        minimum=float(values.min()),
        maximum=float(values.max()),
        mean=mean,
        squared_deviations=float(np.sum(deviations * deviations * counts)),
    )
