"""What is added up over the elements of a tensor, before it becomes columns of a frame."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tb_layerview.log.columns import BINS
from tb_layerview.measure.moments import Moments


def _no_elements() -> npt.NDArray[np.int64]:
    return np.zeros(BINS, np.int64)


@dataclass(slots=True)
class Tally:
    """Numbers of special elements, and moments and histogram (int64 ``[BINS]``) of the finite."""

    nan: int = 0
    pos_inf: int = 0
    neg_inf: int = 0
    zero: int = 0
    moments: Moments = field(default_factory=Moments)
    histogram: npt.NDArray[np.int64] = field(default_factory=_no_elements)

    def merge(self, other: Tally) -> None:
        """Take in another part."""
        self.nan += other.nan
        self.pos_inf += other.pos_inf
        self.neg_inf += other.neg_inf
        self.zero += other.zero
        self.moments.merge(other.moments)
        self.histogram = self.histogram + other.histogram

    def take_non_finite(
        self, values: npt.NDArray[np.floating], counts: npt.NDArray[np.int64] | int = 1
    ) -> npt.NDArray[np.bool_]:
        """Count the NaN and the infinite among ``values``, each ``counts`` times.

        Returns:
            Which of the values are finite, same shape.
        """
        nan, pos_inf, neg_inf = np.isnan(values), np.isposinf(values), np.isneginf(values)
        self.nan += int(np.sum(nan * counts))
        self.pos_inf += int(np.sum(pos_inf * counts))
        self.neg_inf += int(np.sum(neg_inf * counts))
        finite: npt.NDArray[np.bool_] = ~(nan | pos_inf | neg_inf)
        return finite
