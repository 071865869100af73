"""Layers whose outputs say nothing any more."""

from __future__ import annotations

import numpy as np

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece
from tb_layerview.diagnosis.finding import shown

_FLAT = {"Sigmoid": 0.02, "Tanh": 0.08}
"""Mean slopes below which the activation is flat: 8 % of its steepest slope (1/4 and 1)."""
_NORM_TOLERANCE = 0.5


class DeadLayer(Condition):
    """Outputs that are zero, all of them."""

    name = "dead_layer"
    states = "All elements of a layer's output are zero, at half of the recorded steps or more."
    share = 0.5

    def concerns(self) -> Flags:
        """Outputs of layers that compute: what drops out or pads may well be zero."""
        return self.evidence.kinds("output")

    def holds(self, piece: Piece) -> Flags:
        """All zero."""
        met: Flags = np.logical_and(piece["zero"] == piece["count"], piece["count"] > 1)
        return met

    def measure(self, piece: Piece) -> Numbers:
        """How many elements."""
        return piece["count"]

    def says(self, row: int, seen: Seen) -> str:
        """Since when."""
        return (
            f"{self.key(row)} is zero for every sample, all {int(seen.strongest):,} elements of "
            f"it, {seen.often}: nothing is learnt through it"
        )


class Saturated(Condition):
    """Sigmoids and tanhs whose slope is next to nothing."""

    name = "saturated"
    states = (
        "The mean slope of a sigmoid, mean(y) - mean(y^2), is below 0.02, or that of a tanh, "
        "1 - mean(y^2), below 0.08 (8 % of the steepest slope), at half of the recorded steps."
    )
    share = 0.5

    def __init__(self, evidence: Evidence) -> None:
        self._classes = [evidence.class_of(spec.module) for spec in evidence.specs]
        super().__init__(evidence)

    def concerns(self) -> Flags:
        """Outputs of such modules."""
        flat = np.array([name in _FLAT for name in self._classes], bool)
        met: Flags = np.logical_and(self.evidence.kinds("output"), flat)
        return met

    def holds(self, piece: Piece) -> Flags:
        """Flat."""
        limits = np.array([_FLAT.get(name, np.nan) for name in self._classes])
        met: Flags = np.less(-self.measure(piece), limits[:, np.newaxis])
        return met

    def measure(self, piece: Piece) -> Numbers:
        """The smaller the mean slope, the worse: sigmoid' = y (1 - y), tanh' = 1 - y^2."""
        is_sigmoid = np.array([[name == "Sigmoid"] for name in self._classes])
        linear = np.where(is_sigmoid, piece["mean"], 1.0)
        slope: Numbers = linear - np.square(piece["rms"])
        return -slope

    def says(self, row: int, seen: Seen) -> str:
        """How flat."""
        name = self._classes[row]
        steepest = {"Sigmoid": 0.25, "Tanh": 1.0}[name]
        slope = max(-seen.strongest, 0.0)
        return (
            f"{self.key(row)} is saturated {seen.often}: the mean slope of the {name} falls to "
            f"{shown(slope / steepest * 100)} % of its steepest at step {seen.strongest_step}, so "
            "that next to no gradient passes it"
        )


class NormalisedByOthers(Condition):
    """Batch norm that does not make its batch normal."""

    name = "batch_norm_statistics"
    states = (
        "In training, the mean square of a batch norm's output differs from mean(weight^2) + "
        "mean(bias^2) by more than half of that, at half of the recorded steps or more."
    )
    share = 0.5

    def __init__(self, evidence: Evidence) -> None:
        rows = evidence.rows
        specs = evidence.specs
        self._weights = np.array([rows.get(f"{s.module}/param.weight", -1) for s in specs])
        self._biases = np.array([rows.get(f"{s.module}/param.bias", -1) for s in specs])
        super().__init__(evidence)

    def concerns(self) -> Flags:
        """Outputs of batch norms of a run that trains."""
        evidence = self.evidence
        is_norm = [
            spec.kind == "output" and "BatchNorm" in evidence.class_of(spec.module)
            for spec in evidence.specs
        ]
        if not evidence.kinds("grad").any():
            return np.zeros(len(is_norm), bool)
        return np.array(is_norm, bool) & (self._weights >= 0) & (self._biases >= 0)

    def holds(self, piece: Piece) -> Flags:
        """Far from what normal numbers would have."""
        return np.abs(self.measure(piece)) > _NORM_TOLERANCE

    def measure(self, piece: Piece) -> Numbers:
        """By which share the mean square differs."""
        square = np.square(piece["rms"])
        expected = square[self._weights] + square[self._biases]
        difference: Numbers = np.abs(square / expected - 1)
        return difference

    def says(self, row: int, seen: Seen) -> str:
        """What it does instead."""
        return (
            f"{self.key(row)} is not normal over its batch {seen.often}: its mean square is off by "
            f"{shown(seen.strongest * 100)} % at step {seen.strongest_step}. The layer is in eval "
            "mode and uses running statistics that are far from the batch's"
        )
