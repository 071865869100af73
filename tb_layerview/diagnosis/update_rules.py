"""What the optimizer does to parameters, and what it leaves alone."""

from __future__ import annotations

import numpy as np

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece, medians
from tb_layerview.diagnosis.finding import Severity, shown

_LARGE_RATIO = 0.1
_DESTRUCTIVE_RATIO = 1.0
_SMALL_RATIO = 1e-7
_WORTH_A_CHANGE = 1e-3


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
