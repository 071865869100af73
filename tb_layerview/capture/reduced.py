"""What came of a tensor that was reduced on its device: a summary and levels, in host memory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tb_layerview.measure.bins import SINGLE
from tb_layerview.measure.moments import Moments
from tb_layerview.measure.summary import Summary, statistics_of
from tb_layerview.measure.tally import Tally


def host_summary(
    count: int,
    moments: npt.NDArray[np.float64],
    special: npt.NDArray[np.int64],
    codes: npt.NDArray[np.int64],
) -> Summary:
    """The summary of a tensor of `count` elements, from the arrays of a `DeviceSummary`."""
    whole = Moments()
    for finite, lowest, highest, mean, squared_deviations in moments.tolist():
        if finite:
            whole.merge(Moments(int(finite), lowest, highest, mean, squared_deviations))
    nan, pos_inf, neg_inf, zero = special.tolist()
    histogram = SINGLE.histogram(codes)
    tally = Tally(nan, pos_inf, neg_inf, zero, whole, histogram)
    return Summary(statistics_of(count, tally), histogram)
