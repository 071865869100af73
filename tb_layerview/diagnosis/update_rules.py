"""What the optimizer does to parameters, and what it leaves alone."""

from __future__ import annotations

from typing import Final

import numpy as np

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece, medians
from tb_layerview.diagnosis.finding import Severity, shown

_LARGE_RATIO = 0.1
_DESTRUCTIVE_RATIO = 1.0
_SMALL_RATIO = 1e-7
_WORTH_A_CHANGE = 1e-3
_PLACES: Final = ("mean", "min", "max")
_SAME: Final = 1e-6
_FEWEST_STEPS: Final = 3


class LargeUpdates(Condition):
    """Steps that change a weight by a good part of itself."""

    name = "update_too_large"
    states = (
        "A step changes a weight matrix by more than a tenth of its own size (the ratio of root "
        "mean squares), in three recorded steps on end; by more than all of it: an error."
    )
    at_least = 3

    def concerns(self) -> Flags:
        """Weights with more than one axis: biases begin at zero."""
        return self.evidence.matrices("param")

    def holds(self, piece: Piece) -> Flags:
        """Above the limit."""
        return (piece["update_ratio"] > _LARGE_RATIO) & (piece["rms"] > 0)

    def measure(self, piece: Piece) -> Numbers:
        """The ratio."""
        return piece["update_ratio"]

    def severity_of(self, seen: Seen) -> Severity:
        """An error where nothing of the weight is left."""
        return "error" if seen.lasting > _DESTRUCTIVE_RATIO else self.severity

    def says(self, row: int, seen: Seen) -> str:
        """How large."""
        return (
            f"A step changes {self.called(row)} by {shown(seen.strongest)} of its own size at step "
            f"{seen.strongest_step} (more than {_LARGE_RATIO} {seen.often}): "
            "the learning rate is too high"
        )


class SmallUpdates(Condition):
    """Steps that change nothing worth mentioning, though they do change something."""

    name = "update_too_small"
    severity = "info"
    states = (
        "A step changes a weight matrix by less than 1e-7 of its own size, but not by nothing, in "
        "ten recorded steps on end."
    )
    at_least = 10

    def concerns(self) -> Flags:
        """Weights with more than one axis."""
        return self.evidence.matrices("param")

    def holds(self, piece: Piece) -> Flags:
        """Below the limit."""
        return (piece["update_ratio"] < _SMALL_RATIO) & (piece["update_rms"] > 0)

    def measure(self, piece: Piece) -> Numbers:
        """The smaller the ratio, the worse."""
        return -piece["update_ratio"]

    def says(self, row: int, seen: Seen) -> str:
        """How small."""
        return (
            f"A step changes {self.called(row)} by no more than {shown(-seen.strongest)} of its "
            f"own size {seen.often}: the learning rate, or the gradient, is too low"
        )


class Frozen(Condition):
    """Parameters that get a gradient and never change."""

    name = "frozen"
    states = (
        "A parameter does not change in three recorded steps on end, while others do, though the "
        "largest element of its gradient is above a thousandth of the median of theirs."
    )
    at_least = 3

    def __init__(self, evidence: Evidence) -> None:
        self._gradient_rows = np.array(
            [
                evidence.rows.get(spec.key.replace("/param.", "/grad.", 1), -1)
                if spec.kind == "param"
                else -1
                for spec in evidence.specs
            ],
            np.int64,
        )
        super().__init__(evidence)

    def concerns(self) -> Flags:
        """Parameters whose gradients are recorded, too."""
        return self._gradient_rows >= 0

    def holds(self, piece: Piece) -> Flags:
        """Not changed, though it has a gradient."""
        gradients = piece["max_abs"][self._gradient_rows]
        has_moved = (piece["update_rms"] > 0) & (self._gradient_rows >= 0)[:, np.newaxis]
        usual = medians(np.where(has_moved, gradients, np.nan).T)
        # What is next to nothing is lost in the rounding of the parameter. NaN: nothing has moved.
        met: Flags = (piece["update_rms"] == 0) & (gradients > _WORTH_A_CHANGE * usual)
        return met

    def measure(self, piece: Piece) -> Numbers:
        """How large a gradient had no effect."""
        return piece["max_abs"][self._gradient_rows]

    def says(self, row: int, seen: Seen) -> str:
        """What it got."""
        return (
            f"{self.called(row)} does not change {seen.often}, though it gets a gradient (up to "
            f"{shown(seen.strongest)}): the optimizer does not have it, or its learning rate is 0"
        )


class NoUpdate(Condition):
    """Trainings that change nothing, though gradients come.

    What changes outside of the ``with`` block of a step is seen in what the next recorded one
    begins with: its mean and its extremes.
    """

    name = "no_update"
    states = (
        "No parameter that gets a gradient changes by more than 1e-7 of its own size (the ratio "
        "of root mean squares), nor its mean and extremes by 1e-6 of it since the recorded step "
        "before, in ten recorded steps on end, of three or more."
    )
    at_least = 10

    def __init__(self, evidence: Evidence) -> None:
        self._pairs = np.array(
            [
                (row, evidence.rows[gradient])
                for row, spec in enumerate(evidence.specs)
                if spec.kind == "param"
                and (gradient := spec.key.replace("/param.", "/grad.", 1)) in evidence.rows
            ],
            np.int64,
        ).reshape(-1, 2)
        self._before = np.full((len(_PLACES), len(self._pairs), 1), np.nan)
        super().__init__(evidence)

    def concerns(self) -> Flags:
        """The first parameter speaks for all."""
        met = np.zeros(len(self.evidence.specs), bool)
        if len(self.evidence.steps) >= _FEWEST_STEPS:
            met[self._pairs[:1, 0]] = True
        return met

    def holds(self, piece: Piece) -> Flags:
        """Nothing moves that gets a gradient."""
        rows, gradients = self._pairs.T
        got = (piece["max_abs"][gradients] > 0) & (piece.non_finite[gradients] == 0)
        size = piece["rms"][rows]
        places = np.stack([piece[name][rows] for name in _PLACES])
        since = np.abs(np.diff(places, axis=2, prepend=self._before)).max(axis=0)
        self._before = places[:, :, -1:]
        # NaN: there is no step before, or the parameter was not recorded in it.
        stays = (piece["update_rms"][rows] <= _SMALL_RATIO * size) & ~(since > _SAME * size)
        met: Flags = self.applies[:, np.newaxis] & got.any(axis=0) & (stays | ~got).all(axis=0)
        return met

    def measure(self, piece: Piece) -> Numbers:
        """The largest element of any gradient."""
        gradients = np.nan_to_num(piece["max_abs"][self._pairs[:, 1]])
        return np.broadcast_to(gradients.max(axis=0, initial=0.0), piece["rms"].shape)

    def says(self, row: int, seen: Seen) -> str:
        """Since when."""
        del row
        return (
            f"No parameter changes {seen.often}, though gradients come (up to "
            f"{shown(seen.strongest)}): the optimizer is not called, has the parameters of another "
            "model, or its learning rate is 0, or nearly"
        )
