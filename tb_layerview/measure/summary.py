"""The exact statistics and the histogram of a tensor."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import ArgumentError
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.dtypes import Array, DType
from tb_layerview.measure.blocks import tally_blocks
from tb_layerview.measure.counting import CountCodes, count_codes, tally_codes
from tb_layerview.measure.tally import Tally

COUNTED_FROM: Final = {1: 0, 2: 1 << 17}
"""Bytes of an element: elements of a tensor from which its codes are counted. Below, looking at
each of 65,536 codes costs more than looking at each element."""


_OF_UPDATES: Final = ("update_rms", "update_ratio")
"""What a tensor alone does not tell: NaN here."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a frame says about one tensor.

    ``statistics`` is float64 ``[len(STATISTICS)]`` and ``histogram`` int64 ``[BINS]``, both in the
    order of `tb_layerview.log.columns`.
    """

    statistics: npt.NDArray[np.float64]
    histogram: npt.NDArray[np.int64]


def summarize(elements: Array, dtype: DType, count: CountCodes = count_codes) -> Summary:
    """Statistics and histogram over all of ``elements`` (any shape, of ``dtype.storage``).

    Computed in float64. ``count``, ``nan``, ``pos_inf``, ``neg_inf`` and ``zero`` count elements;
    ``min``, ``max``, ``mean``, ``std`` (divided by the count), ``rms`` and ``max_abs`` are those
    of the finite elements, NaN where there are none. Booleans count as 0 and 1. Integers of 64
    bits are rounded to float64 first, so their extremes may be off by one part in 2**53. Of a
    complex element the magnitude is measured: NaN if either part is NaN, infinite if it is larger
    than float64 can say. ``update_rms`` and ``update_ratio`` are NaN: a tensor alone does not tell
    what a step changed. No warning is raised for any value. ``count`` counts codes: where a faster
    way than NumPy's is at hand.

    Raises:
        ArgumentError: ``elements`` are not of ``dtype.storage``.
    """
    if elements.dtype != dtype.storage:
        raise ArgumentError("elements", f"an array of {dtype.storage}", elements.dtype)
    return summarize_parts([elements.reshape(-1)], dtype, count)


def summarize_parts(
    parts: Iterable[Array], dtype: DType, count: CountCodes = count_codes
) -> Summary:
    """As `summarize`, of a tensor whose elements come in 1-D ``parts``."""
    size, whole = 0, Tally()
    with np.errstate(all="ignore"):
        for part in parts:
            is_counted = part.size >= COUNTED_FROM.get(dtype.itemsize, math.inf)
            tally = (tally_codes if is_counted else tally_blocks)(part, dtype, count)
            if size == 0:
                whole = tally
            else:
                whole.merge(tally)
            size += part.size
    return Summary(statistics=statistics_of(size, whole), histogram=whole.histogram)


def statistics_of(count: int, tally: Tally) -> npt.NDArray[np.float64]:
    """float64 ``[len(STATISTICS)]`` of a tensor of ``count`` elements that were tallied."""
    columns = {
        "count": count,
        "nan": tally.nan,
        "pos_inf": tally.pos_inf,
        "neg_inf": tally.neg_inf,
        "zero": tally.zero,
        **tally.moments.statistics(),
        **dict.fromkeys(_OF_UPDATES, math.nan),
    }
    return np.array([columns[name] for name in STATISTICS], np.float64)


def with_update(statistics: npt.NDArray[np.float64], rms: float) -> npt.NDArray[np.float64]:
    """`statistics` of a parameter whose change in the step has the root mean square `rms`.

    Its ratio is to the parameter's own; 0 where nothing changed, else NaN where that is 0.
    """
    own = float(statistics[STATISTICS.index("rms")])
    ratio = rms / own if own > 0 else math.nan
    whole = statistics.copy()
    whole[STATISTICS.index("update_rms")] = rms
    whole[STATISTICS.index("update_ratio")] = 0.0 if rms == 0 else ratio
    return whole
