"""What the optimizer does to parameters, and what it leaves alone."""

from __future__ import annotations

import numpy as np

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece
from tb_layerview.diagnosis.finding import Finding, shown

_LARGE_RATIO = 0.1
_SMALL_RATIO = 1e-7


class LargeUpdates(Condition):
    """Steps that change a weight by a good part of itself."""

    name = "update_too_large"
    states = (
        "A step changes a weight matrix by more than a tenth of its own size (the ratio of root "
        "mean squares), at half of the recorded steps or more."
    )
    share = 0.5

    def concerns(self) -> Flags:
        """Weights with more than one axis: biases begin at zero."""
        return self.evidence.matrices("param")

    def holds(self, piece: Piece) -> Flags:
        """Above the limit."""
        return (piece["update_ratio"] > _LARGE_RATIO) & (piece["rms"] > 0)

    def measure(self, piece: Piece) -> Numbers:
        """The ratio."""
        return piece["update_ratio"]

    def says(self, row: int, seen: Seen) -> str:
        """How large."""
        return (
            f"A step changes {self.key(row)} by {shown(seen.strongest)} of its own size at step "
            f"{seen.strongest_step} (more than {_LARGE_RATIO} {seen.often}): "
            "the learning rate is too high"
        )


class SmallUpdates(Condition):
    """Steps that change nothing worth mentioning, though they do change something."""

    name = "update_too_small"
    severity = "info"
    states = (
        "A step changes a weight matrix by less than 1e-7 of its own size, but not by nothing, at "
        "nine of ten recorded steps."
    )
    share = 0.9

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
            f"A step changes {self.key(row)} by no more than {shown(-seen.strongest)} of its own "
            f"size {seen.often}: the learning rate, or the gradient, is too low"
        )


class Frozen(Condition):
    """Parameters that get a gradient and never change."""

    name = "frozen"
    states = (
        "A parameter with a gradient that is not zero does not change in any recorded step (of "
        "two or more), while others do."
    )
    at_least = 2
    share = 1.0

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
        self._others_change = False
        super().__init__(evidence)

    def concerns(self) -> Flags:
        """Parameters whose gradients are recorded, too."""
        return self._gradient_rows >= 0

    def holds(self, piece: Piece) -> Flags:
        """Not changed, though it has a gradient."""
        self._others_change |= bool((np.nan_to_num(piece["update_rms"]) > 0).any())
        gradients = piece["max_abs"][self._gradient_rows]
        met: Flags = (piece["update_rms"] == 0) & (gradients > 0)
        return met

    def measure(self, piece: Piece) -> Numbers:
        """How large a gradient had no effect."""
        return piece["max_abs"][self._gradient_rows]

    def says(self, row: int, seen: Seen) -> str:
        """What it got."""
        return (
            f"{self.key(row)} never changes, though it gets a gradient (up to "
            f"{shown(seen.strongest)}): the optimizer does not have it, or its learning rate is 0"
        )

    def findings(self) -> list[Finding]:
        """None where nothing at all changes: then the optimizer runs outside of the steps."""
        return super().findings() if self._others_change else []
