"""What came of a tensor that was reduced where it is: a summary and levels, in host memory."""

from __future__ import annotations

from typing import Final

from tb_layerview.capture.device_measure import DeviceSummary
from tb_layerview.capture.staged import StagedReduction
from tb_layerview.log.dtypes import Array
from tb_layerview.log.levels import PLANES, PyramidLevel
from tb_layerview.measure.bins import SINGLE
from tb_layerview.measure.moments import Moments
from tb_layerview.measure.summary import Summary, statistics_of
from tb_layerview.measure.tally import Tally

_SUMMARY_PARTS: Final = len(DeviceSummary._fields)


def host_summary(count: int, reduction: StagedReduction) -> Summary:
    """The summary of a tensor of `count` elements."""
    if reduction.summary is not None:
        return reduction.summary
    moments, special, codes = (part.elements for part in reduction.copies[:_SUMMARY_PARTS])
    return merged_summary(count, moments, special, codes)


def merged_summary(count: int, moments: Array, special: Array, codes: Array) -> Summary:
    """The summary of a tensor of `count` elements, from the arrays of a `DeviceSummary`."""
    whole = Moments()
    for finite, lowest, highest, mean, squared_deviations in moments.tolist():
        if finite:
            whole.merge(Moments(int(finite), lowest, highest, mean, squared_deviations))
    nan, pos_inf, neg_inf, zero = special.tolist()
    histogram = SINGLE.histogram(codes)
    tally = Tally(nan, pos_inf, neg_inf, zero, whole, histogram)
    return Summary(statistics_of(count, tally), histogram)


def host_elements(reduction: StagedReduction) -> Array | None:
    """The kept elements; None where there are none."""
    return reduction.copies[-1].elements if reduction.has_elements else None


def host_levels(reduction: StagedReduction) -> tuple[PyramidLevel, ...]:
    """The levels of the kept elements; none where there are no planes."""
    if reduction.has_elements:
        return ()
    first = 0 if reduction.summary is not None else _SUMMARY_PARTS
    planes = [part.elements for part in reduction.copies[first:]]
    each = len(PLANES)
    return tuple(PyramidLevel(*planes[at : at + each]) for at in range(0, len(planes), each))
