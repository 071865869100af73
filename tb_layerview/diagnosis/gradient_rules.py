"""Gradients over the depth of a model and over the time of a training."""

from __future__ import annotations

from typing import Final

import numpy as np

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece, medians
from tb_layerview.diagnosis.finding import Severity, shown
from tb_layerview.diagnosis.loss_scale import LARGEST_SCALE, has_scaled_loss

_VANISHED = 1e-5
_HUGE = 1e6
_BEYOND_WEIGHT = 100.0
_GROWN = 100.0
_WORTH_MENTIONING = 10.0
_FIRST = 5
"""Recorded steps that later ones are compared with."""


class Vanishing(Condition):
    """Gradients that are lost on their way back through the layers."""

    name = "vanishing_gradient"
    states = (
        "The root mean square of a weight's gradient is below 1e-5 of the largest one of the same "
        "step, and not zero, in three recorded steps on end."
    )
    at_least = 3

    def concerns(self) -> Flags:
        """Gradients of weights; of embeddings most rows get none, by their nature."""
        return self.evidence.matrices("grad")

    def holds(self, piece: Piece) -> Flags:
        """Far below the largest."""
        met: Flags = self.measure(piece) > 1 / _VANISHED
        return met

    def measure(self, piece: Piece) -> Numbers:
        """By which factor the largest gradient is larger."""
        sizes = np.where(self.applies[:, np.newaxis] & piece.recorded, piece["rms"], np.nan)
        largest = np.nan_to_num(sizes).max(axis=0, initial=0.0)
        return np.where(sizes > 0, largest / sizes, 0.0)

    def says(self, row: int, seen: Seen) -> str:
        """How much is lost."""
        return (
            f"{self.called(row)} is smaller than the largest gradient of a weight by a factor of "
            f"{shown(seen.strongest)} at step {seen.strongest_step} (more than 1e5 {seen.often}): "
            "the layer learns next to nothing"
        )


class Exploding(Condition):
    """Gradients that are huge, or far larger than the weight."""

    name = "exploding_gradient"
    states = (
        "The root mean square of a weight's gradient is above 100 times the weight's own; where "
        "its norm is above 1e6, it is an error. Where layers compute in float16 beside other "
        "weights, both limits are 65,536 times as high: by so much a GradScaler multiplies a loss."
    )

    def __init__(self, evidence: Evidence) -> None:
        rows = evidence.rows
        weights = [
            rows.get(spec.key.replace("/grad.", "/param.", 1), -1) for spec in evidence.specs
        ]
        self._weights = np.array(weights)
        self._scale = LARGEST_SCALE if has_scaled_loss(evidence) else 1.0
        super().__init__(evidence)

    def concerns(self) -> Flags:
        """Gradients of weights."""
        return self.evidence.matrices("grad")

    def holds(self, piece: Piece) -> Flags:
        """Above one of the limits, and finite."""
        own = np.where(self._weights[:, np.newaxis] >= 0, piece["rms"][self._weights], np.nan)
        beyond = (own > 0) & (piece["rms"] > _BEYOND_WEIGHT * self._scale * own)
        is_huge = self.measure(piece) > _HUGE * self._scale
        met: Flags = (beyond | is_huge) & (piece.non_finite == 0)
        return met

    def measure(self, piece: Piece) -> Numbers:
        """The norm."""
        norm: Numbers = piece["rms"] * np.sqrt(piece["count"])
        return norm

    def severity_of(self, seen: Seen) -> Severity:
        """An error where nothing can be learnt with it."""
        return "error" if seen.strongest > _HUGE * self._scale else self.severity

    def says(self, row: int, seen: Seen) -> str:
        """How large."""
        return (
            f"The norm of {self.called(row)} reaches {shown(seen.strongest)} at step "
            f"{seen.strongest_step}: over {_BEYOND_WEIGHT * self._scale:,.0f} times its weight "
            f"{seen.often}"
        )


class Growing(Condition):
    """Gradients that grow far beyond what they were."""

    name = "growing_gradient"
    states = (
        "The norm of a parameter's gradient is above 10, and above 100 times the median of its "
        "first five recorded steps and the least of those before it. Where layers compute in "
        "float16 beside other weights, above 655,360: their loss is scaled."
    )

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence)
        self._beginning: Numbers = np.empty((len(evidence.specs), 0))
        self._least: Numbers = np.full((len(evidence.specs), 1), np.inf)
        scale = LARGEST_SCALE if has_scaled_loss(evidence) else 1.0
        self._worth_mentioning = _WORTH_MENTIONING * scale

    def concerns(self) -> Flags:
        """Gradients of parameters."""
        return self.evidence.kinds("grad")

    def look(self, piece: Piece) -> None:
        """Keep the beginning."""
        if self._beginning.shape[1] < _FIRST:
            norms = np.concatenate([self._beginning, self._norms(piece)], axis=1)
            self._beginning = norms[:, :_FIRST]
        super().look(piece)

    def holds(self, piece: Piece) -> Flags:
        """Far above the beginning: what is large at first and small later has not grown."""
        norms = self._norms(piece)
        before = np.fmin.accumulate(np.concatenate([self._least, norms], axis=1), axis=1)
        self._least = before[:, -1:]
        has_grown = (self.measure(piece) > _GROWN) & (norms > _GROWN * before[:, :-1])
        met: Flags = has_grown & (norms > self._worth_mentioning)
        return met

    def measure(self, piece: Piece) -> Numbers:
        """By which factor it has grown."""
        begun = medians(self._beginning)[:, np.newaxis]
        return np.where(begun > 0, self._norms(piece) / begun, 0.0)

    def says(self, row: int, seen: Seen) -> str:
        """By how much."""
        return (
            f"The norm of {self.called(row)} grows to {shown(seen.strongest)} times what it was in "
            f"the first recorded steps, at step {seen.strongest_step}"
        )

    def _norms(self, piece: Piece) -> Numbers:
        norms: Numbers = piece["rms"] * np.sqrt(piece["count"])
        return norms


class ZeroGradient(Condition):
    """Gradients that are zero, all of them."""

    name = "zero_gradient"
    states = "All elements of a weight's gradient are zero, in three recorded steps on end."
    at_least = 3

    def concerns(self) -> Flags:
        """Gradients of weights."""
        return self.evidence.matrices("grad")

    def holds(self, piece: Piece) -> Flags:
        """All zero."""
        met: Flags = np.logical_and(piece["zero"] == piece["count"], piece["count"] > 1)
        return met

    def measure(self, piece: Piece) -> Numbers:
        """How many elements."""
        return piece["count"]

    def says(self, row: int, seen: Seen) -> str:
        """Since when."""
        return f"{self.called(row)} is zero in all elements {seen.often}: the layer learns nothing"


class NoGradient(Condition):
    """Parameters to which no gradient comes, while others get one."""

    name = "no_gradient"
    states = (
        "A parameter gets no gradient in three recorded steps on end in which others do, and the "
        "layer is not one of those whose weights are computed from others."
    )
    at_least = 3

    def __init__(self, evidence: Evidence) -> None:
        gradients = [spec.key.replace("/param.", "/grad.", 1) for spec in evidence.specs]
        self._gradients = np.array([evidence.rows.get(key, -1) for key in gradients])
        self._is_gradient = evidence.kinds("grad")
        super().__init__(evidence)

    def concerns(self) -> Flags:
        """Parameters, but for those that a forward computes from others (``weight_orig``)."""
        names = {(name.module, name.name) for name in self.evidence.names if name.kind == "param"}
        own = [
            name.kind == "param"
            and "parametrizations" not in name.module.split(".")
            and not any((name.module, name.name + end) in names for end in _SOURCES)
            and f"{name.module}.parametrizations.{name.name}" not in self.evidence.modules
            for name in self.evidence.names
        ]
        return np.array(own, bool)

    def holds(self, piece: Piece) -> Flags:
        """None came."""
        came = piece.recorded[self._gradients] & (self._gradients >= 0)[:, np.newaxis]
        others = (piece.recorded & self._is_gradient[:, np.newaxis]).any(axis=0)
        met: Flags = ~came & others
        return met

    def measure(self, piece: Piece) -> Numbers:
        """How many elements."""
        return piece["count"]

    def says(self, row: int, seen: Seen) -> str:
        """Since when."""
        return (
            f"{self.called(row)} got no gradient {seen.often}, from step {seen.first} on, while "
            "others did: it does not require one, or nothing that the loss is made of comes "
            "through it"
        )


_SOURCES: Final = ("_orig", "_g", "_v")
"""What pruning and weight norm append to the names of the parameters that a weight is made of."""
