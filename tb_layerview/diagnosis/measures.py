"""What follows from the statistics of a tensor, step by step: what health maps and charts show."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.activation_rules import STEEPEST, mean_slopes
from tb_layerview.diagnosis.evidence import Flags, Numbers, Piece, is_never_masked
from tb_layerview.diagnosis.range_rules import LARGEST, SMALLEST_NORMAL
from tb_layerview.log.columns import BINS, CENTRE_BIN, MAGNITUDE_EDGES
from tb_layerview.log.reader import LogReader

OCTAVES: Final = 2
"""So many octaves at either end of a type are near to it."""

_LARGEST: Final = {**LARGEST, "float64": float.fromhex("0x1.fffffffffffffp1023")}
_SMALLEST: Final = {
    **SMALLEST_NORMAL,
    "float8_e4m3fn": 2.0**-6,
    "float8_e5m2": 2.0**-14,
    "float64": 2.0**-1022,
}

NEAR_LARGEST: Final = {
    name: math.ldexp(1.0, math.frexp(largest)[1] - OCTAVES) for name, largest in _LARGEST.items()
}
"""Magnitudes from this on are near the largest number of a type: 16384 of float16."""

NEAR_SMALLEST: Final = {name: smallest * 2**OCTAVES for name, smallest in _SMALLEST.items()}
"""Magnitudes below this are near the smallest normal number of a type: 2.4e-4 of float16."""

_DISTANCE: Final = np.abs(np.arange(BINS) - CENTRE_BIN)
_LOWER: Final = np.concatenate([[0.0], MAGNITUDE_EDGES])[_DISTANCE]
_UPPER: Final = np.concatenate([MAGNITUDE_EDGES, [np.inf]])[_DISTANCE]
"""float64 ``[BINS]``: the least and the greatest magnitude of each bin of a histogram."""


class Measures:
    """Of some tensors of a log: `of` answers each of `DERIVED` at some steps."""

    def __init__(self, log: LogReader, keys: Sequence[str]) -> None:
        """``keys`` are the rows of the pieces, and of what is answered.

        Raises:
            NotFoundError: one of them is not recorded (any more).
        """
        self._log = log
        self._keys = keys
        # What a restart took away since the keys were listed raises an error that a client is told.
        known = {spec.key: spec for spec in log.schema().tensors}
        self._specs = [known[key] if key in known else log[key].spec for key in keys]

    @cached_property
    def _classes(self) -> list[str]:
        """The class of the module of each output; empty for all else."""
        classes = {module.path: module.class_name for module in self._log.schema().modules}
        return [
            classes.get(spec.module, "") if spec.kind == "output" else "" for spec in self._specs
        ]

    @cached_property
    def _dtypes(self) -> npt.NDArray[np.str_]:
        return np.array([spec.dtype for spec in self._specs], str)

    def of(self, name: str, piece: Piece) -> Numbers:
        """``[keys, steps]`` of a measure; NaN where there is none."""
        with np.errstate(all="ignore"):
            return DERIVED[name](self, piece)

    def non_finite(self, piece: Piece) -> Numbers:
        """How many elements are NaN or infinite."""
        found: Numbers = piece["nan"] + piece["pos_inf"] + piece["neg_inf"]
        return found

    def broken(self, piece: Piece) -> Numbers:
        """As `non_finite`, but without the -Inf that masks are made of."""
        strict = np.array([is_never_masked(spec) for spec in self._specs], bool)[:, np.newaxis]
        return np.where(strict, self.non_finite(piece), piece["nan"] + piece["pos_inf"])

    def zero_share(self, piece: Piece) -> Numbers:
        """Which share of all elements is zero."""
        found: Numbers = piece["zero"] / piece["count"]
        return found

    def norm(self, piece: Piece) -> Numbers:
        """The 2-norm of the finite elements: rms * sqrt(n)."""
        finite = piece["count"] - self.non_finite(piece)
        found: Numbers = piece["rms"] * np.sqrt(finite)
        return found

    def saturation(self, piece: Piece) -> Numbers:
        """1 less the mean slope beside the steepest, in [0, 1], of sigmoid, tanh and softmax."""
        steepest = np.array([[STEEPEST.get(name, np.nan)] for name in self._classes])
        found: Numbers = np.clip(1 - mean_slopes(self._classes, piece) / steepest, 0, 1)
        return found

    def near_largest(self, piece: Piece) -> Numbers:
        """The share of elements in the last two octaves of the type.

        Exact, but where these lie beyond the histogram's last edge (float32, bfloat16, float64):
        there it is at most what is told.
        """
        limits = self._limits(NEAR_LARGEST)
        reached = piece["max_abs"] >= limits
        counts = self._tails(piece, NEAR_LARGEST, reached, _from_magnitude)
        return np.where(np.isnan(limits), np.nan, np.where(reached, counts / piece["count"], 0.0))

    def near_smallest(self, piece: Piece) -> Numbers:
        """The share of elements that are not zero and below four times the smallest normal number.

        NaN where the histogram cannot tell: its bin around zero ends at 2^-40, and of float32,
        bfloat16 and float64 smaller numbers are well away from the end.
        """
        limits = self._limits(NEAR_SMALLEST)
        some = piece["count"] > piece["zero"]
        counts = self._tails(piece, NEAR_SMALLEST, some, _below_magnitude) - piece["zero"]
        found = np.where(some, counts / piece["count"], 0.0)
        is_fine = limits < MAGNITUDE_EDGES[0]
        is_all = is_fine & (piece["max_abs"] < limits)
        found = np.where(is_fine & ~is_all & (found > 0), np.nan, found)
        return np.where(np.isnan(limits), np.nan, found)

    def _limits(self, by_type: Mapping[str, float]) -> Numbers:
        """``[keys, 1]``: NaN where a type has no such limit."""
        return np.array([[by_type.get(name, np.nan)] for name in self._dtypes])

    def _tails(
        self,
        piece: Piece,
        by_type: Mapping[str, float],
        wanted: Flags,
        bins_of: Callable[[float], Flags],
    ) -> Numbers:
        """``[keys, steps]``: elements in the bins of each type; only where they are ``wanted``.

        Histograms are many times as large as statistics: a step that needs none is not read.
        """
        columns = {step: place for place, step in enumerate(piece.steps)}
        asked = [step for step, column in columns.items() if wanted[:, column].any()]
        found = np.zeros(wanted.shape)
        for step, counts in self._log.histograms(asked, self._keys):
            column = columns[step]
            if counts is None:
                found[:, column] = np.nan
                continue
            for name, limit in by_type.items():
                rows = np.flatnonzero(self._dtypes == name)
                if rows.size:
                    found[rows, column] = counts[np.ix_(rows, bins_of(limit))].sum(axis=1)
        return found


def _from_magnitude(limit: float) -> Flags:
    """Bins of magnitudes from ``limit`` on; the open ones at least."""
    found: Flags = np.greater_equal(_LOWER, min(limit, MAGNITUDE_EDGES[-1]))
    return found


def _below_magnitude(limit: float) -> Flags:
    """Bins of magnitudes below ``limit``; the one around zero at least."""
    found: Flags = np.less_equal(_UPPER, max(limit, MAGNITUDE_EDGES[0]))
    return found


DERIVED: Final[Mapping[str, Callable[[Measures, Piece], Numbers]]] = {
    "non_finite": Measures.non_finite,
    "broken": Measures.broken,
    "zero_share": Measures.zero_share,
    "norm": Measures.norm,
    "saturation": Measures.saturation,
    "near_largest": Measures.near_largest,
    "near_smallest": Measures.near_smallest,
}
"""What can be asked for beside the columns of the statistics, by name."""

_COUNTS: Final = ("count", "nan", "pos_inf", "neg_inf")
NEEDS: Final[Mapping[str, Sequence[str]]] = {
    "non_finite": _COUNTS[1:],
    "broken": _COUNTS[1:],
    "zero_share": ("zero", "count"),
    "norm": (*_COUNTS, "rms"),
    "saturation": ("mean", "rms"),
    "near_largest": ("max_abs", "count"),
    "near_smallest": ("max_abs", "count", "zero"),
}
"""The statistics that each is made of."""
