"""Measuring large element types: block by block, each small enough to stay in the cache."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from tb_layerview.log.dtypes import Array, DType
from tb_layerview.measure.bins import DOUBLE, SINGLE, FloatCodes
from tb_layerview.measure.counting import CountCodes, count_codes
from tb_layerview.measure.moments import Moments
from tb_layerview.measure.numbers import BLOCK, as_numbers, scratch
from tb_layerview.measure.tally import Tally

SAFE_EXPONENT: Final = 480
"""Between 2**-480 and 2**480 the squares of 2**32 numbers add up in float64 without overflow, and
those of the largest do not vanish."""


def tally_blocks(flat: Array, dtype: DType, count: CountCodes = count_codes) -> Tally:
    """The tally of ``flat``, 1-D and of ``dtype.storage``; complex elements by their magnitude."""
    tally = _tally_blocks(flat, dtype, count, exponent=0)
    largest = tally.moments.max_abs
    if largest > 0.0 and not -SAFE_EXPONENT < math.frexp(largest)[1] < SAFE_EXPONENT:
        tally = _tally_blocks(flat, dtype, count, exponent=math.frexp(largest)[1])
    return tally


def _tally_blocks(flat: Array, dtype: DType, count: CountCodes, exponent: int) -> Tally:
    codes = SINGLE if dtype.measured == SINGLE.floating else DOUBLE
    counts = np.zeros(codes.codes, np.int64)
    tally = Tally(moments=Moments(exponent=exponent))
    for start in range(0, flat.size, BLOCK):
        block = as_numbers(flat[start : start + BLOCK], dtype)
        block_counts = count(_codes_of(block, codes), codes.codes)
        counts += block_counts
        tiny, _, non_finite = codes.split(block_counts)
        if tiny.any():
            tally.zero += _count_zeros(block)
        if non_finite.any():
            block = block[tally.take_non_finite(block)]
        if block.size:
            tally.moments.merge(_moments(block, exponent))
    tally.histogram = codes.histogram(counts)
    return tally


def _codes_of(block: npt.NDArray[np.floating], codes: FloatCodes) -> npt.NDArray[np.int16]:
    """The code of each number; valid until the thread's next call."""
    bits = block.view(codes.bits)
    out = scratch.codes[: block.size]
    # What is left of the bits are the codes: they fit.
    np.right_shift(bits, codes.shift, out=out, casting="unsafe")
    return out


def _count_zeros(block: npt.NDArray[np.floating]) -> int:
    is_zero = scratch.is_zero[: block.size]
    np.equal(block, 0, out=is_zero)
    return int(np.count_nonzero(is_zero))


def _moments(block: npt.NDArray[np.floating], exponent: int) -> Moments:
    """Moments of at least one finite number, scaled by ``exponent``."""
    minimum = float(np.minimum.reduce(block))
    maximum = float(np.maximum.reduce(block))
    numbers = scratch.deviations[: block.size]
    if exponent:
        np.ldexp(block, -exponent, out=numbers)
    else:
        np.copyto(numbers, block)
    # Rounding may take a mean past the extremes; kept within, equal numbers have a spread of 0.
    mean = float(np.add.reduce(numbers)) / block.size
    mean = min(max(mean, math.ldexp(minimum, -exponent)), math.ldexp(maximum, -exponent))
    np.subtract(numbers, mean, out=numbers)
    np.multiply(numbers, numbers, out=numbers)
    squared_deviations = float(np.add.reduce(numbers))
    return Moments(block.size, minimum, maximum, mean, squared_deviations, exponent)
