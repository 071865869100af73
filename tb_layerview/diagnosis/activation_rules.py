"""Layers whose outputs say nothing any more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece
from tb_layerview.diagnosis.execution import Execution
from tb_layerview.diagnosis.finding import Severity, shown

_FLAT: Final = {"Sigmoid": 0.02, "Tanh": 0.08, "Softmax": 0.08}
"""Mean slopes below which the activation is flat: 8 % of its steepest slope (1/4 and 1).

Of a softmax the slope y (1 - y) is taken beside the mean of y: its steepest is not reached by all
classes at once.
"""

STEEPEST: Final = {"Sigmoid": 0.25, "Tanh": 1.0, "Softmax": 1.0}
"""The steepest slope of an activation."""
_NORM_TOLERANCE = 0.5


def mean_slopes(classes: Sequence[str], piece: Piece) -> Numbers:
    """``[keys, steps]``: the mean slope of activations of these classes, from their outputs y.

    sigmoid' = y (1 - y), tanh' = 1 - y^2; of a softmax y (1 - y) beside the mean of y.
    """
    names = np.array(classes, str)[:, np.newaxis]
    linear = np.where(names == "Tanh", 1.0, piece["mean"])
    slope = linear - np.square(piece["rms"])
    return np.where(names == "Softmax", slope / piece["mean"], slope)


class DeadLayer(Condition):
    """Outputs that are zero, all of them."""

    name = "dead_layer"
    states = (
        "All elements of a layer's output are zero, in three recorded steps on end. Not of an "
        "embedding, whose padding is."
    )
    at_least = 3

    def concerns(self) -> Flags:
        """Outputs of layers; a container only repeats the last of what is in it."""
        leaves = [
            self.evidence.is_leaf(spec.module)
            and "Embedding" not in self.evidence.class_of(spec.module)
            for spec in self.evidence.specs
        ]
        met: Flags = np.logical_and(self.evidence.kinds("output"), leaves)
        return met

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
            f"{self.called(row)} is zero for every sample, all {int(seen.strongest):,} elements of "
            f"it, {seen.often}: nothing is learnt through it"
        )


class Saturated(Condition):
    """Sigmoids and tanhs whose slope is next to nothing."""

    name = "saturated"
    states = (
        "The mean slope of a sigmoid, mean(y) - mean(y^2), is below 0.02, or that of a tanh, "
        "1 - mean(y^2), below 0.08 (8 % of the steepest), or that of a softmax below 0.08 of "
        "mean(y), in three recorded steps on end. Of the layer that runs last it is for "
        "information: outputs that are sure of themselves look like this."
    )
    at_least = 3

    def __init__(self, evidence: Evidence) -> None:
        self._classes = [evidence.class_of(spec.module) for spec in evidence.specs]
        outputs = [
            row for row in Execution(evidence).forward if evidence.names[row].kind == "output"
        ]
        leaves = [row for row in outputs if evidence.is_leaf(evidence.specs[row].module)]
        self._last = leaves[-1] if leaves else None
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
        """The smaller the mean slope, the worse."""
        return -mean_slopes(self._classes, piece)

    def severity_of(self, seen: Seen) -> Severity:
        """As `Condition.severity_of`."""
        return "info" if seen.row == self._last else self.severity

    def says(self, row: int, seen: Seen) -> str:
        """How flat."""
        name = self._classes[row]
        if row == self._last:
            return (
                f"{self.called(row)} is sure of itself {seen.often}: nearly all that the {name} of "
                "the last layer answers lies at its ends"
            )
        steepest = STEEPEST[name]
        slope = max(-seen.strongest, 0.0)
        return (
            f"{self.called(row)} is saturated {seen.often}: the mean slope of the {name} falls to "
            f"{shown(slope / steepest * 100)} % of its steepest at step {seen.strongest_step}, so "
            "that next to no gradient passes it"
        )


_BATCH_NORMS: Final = {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm"}
"""PyTorch's own: others may do more, as one that ends with an activation."""


class NormalisedByOthers(Condition):
    """Batch norm that does not make its batch normal."""

    name = "batch_norm_statistics"
    states = (
        "In training, the mean square of the output of one of PyTorch's batch norms differs from "
        "mean(weight^2) + mean(bias^2) by more than half of that, in three recorded steps on end."
    )
    at_least = 3

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
            spec.kind == "output" and evidence.class_of(spec.module) in _BATCH_NORMS
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
            f"{self.called(row)} is not normal over its batch {seen.often}: its mean square is "
            f"off by {shown(seen.strongest * 100)} % at step {seen.strongest_step}. The layer is "
            "in eval mode and uses running statistics that are far from the batch's"
        )
