"""Gradients over the depth of a model and over the time of a training."""

from __future__ import annotations

import numpy as np

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece, medians
from tb_layerview.diagnosis.finding import Finding, shown

_VANISHED = 1e-5
_HUGE = 1e6
_GROWN = 100.0
_WORTH_MENTIONING = 10.0
_FIRST = 5
"""Recorded steps that later ones are compared with."""


class Vanishing(Condition):
    """Gradients that are lost on their way back through the layers."""

    name = "vanishing_gradient"
    states = (
        "The root mean square of a weight's gradient is below 1e-5 of the largest one of the same "
        "step, and not zero, at half of the recorded steps or more."
    )
    share = 0.5

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
            f"{self.key(row)} is smaller than the largest gradient of a weight by a factor of "
            f"{shown(seen.strongest)} at step {seen.strongest_step} (more than 1e5 {seen.often}): "
            "the layer learns next to nothing"
        )


class Exploding(Condition):
    """Gradients that are huge."""

    name = "exploding_gradient"
    severity = "error"
    states = "The norm of a parameter's gradient is above 1e6 and finite."

    def concerns(self) -> Flags:
        """Gradients of parameters."""
        return self.evidence.kinds("grad")

    def holds(self, piece: Piece) -> Flags:
        """Above the limit."""
        met: Flags = np.logical_and(self.measure(piece) > _HUGE, piece.non_finite == 0)
        return met

    def measure(self, piece: Piece) -> Numbers:
        """The norm."""
        norm: Numbers = piece["rms"] * np.sqrt(piece["count"])
        return norm

    def says(self, row: int, seen: Seen) -> str:
        """How large."""
        return (
            f"The norm of {self.key(row)} reaches {shown(seen.strongest)} at step "
            f"{seen.strongest_step} (above 1e6 {seen.often})"
        )


class Growing(Condition):
    """Gradients that grow far beyond what they were."""

    name = "growing_gradient"
    states = (
        "The norm of a parameter's gradient is above 10, and above 100 times the median of its "
        "first five recorded steps."
    )

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence)
        self._beginning: Numbers = np.empty((len(evidence.specs), 0))

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
        """Far above the beginning."""
        return (self.measure(piece) > _GROWN) & (self._norms(piece) > _WORTH_MENTIONING)

    def measure(self, piece: Piece) -> Numbers:
        """By which factor it has grown."""
        begun = medians(self._beginning)[:, np.newaxis]
        return np.where(begun > 0, self._norms(piece) / begun, 0.0)

    def says(self, row: int, seen: Seen) -> str:
        """By how much."""
        return (
            f"The norm of {self.key(row)} grows to {shown(seen.strongest)} times what it was in "
            f"the first recorded steps, at step {seen.strongest_step}"
        )

    def _norms(self, piece: Piece) -> Numbers:
        norms: Numbers = piece["rms"] * np.sqrt(piece["count"])
        return norms


class ZeroGradient(Condition):
    """Gradients that are zero, all of them."""

    name = "zero_gradient"
    states = "All elements of a weight's gradient are zero, at half of the recorded steps or more."
    share = 0.5

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
        return f"{self.key(row)} is zero in all elements {seen.often}: the layer learns nothing"


def without_gradient(evidence: Evidence) -> list[Finding]:
    """Parameters that got no gradient in any recorded step, while others did."""
    if not evidence.kinds("grad").any():
        return []
    found = []
    for spec in evidence.specs:
        gradient = spec.key.replace("/param.", "/grad.", 1)
        if spec.kind != "param" or gradient in evidence.rows or not _is_own(evidence, spec.module):
            continue
        steps = evidence.log[spec.key].steps
        message = (
            f"{spec.key} got no gradient in any of {len(steps)} recorded steps, while others did: "
            "it does not require one, or nothing that the loss is made of comes through it"
        )
        found.append(Finding("warning", "no_gradient", spec.key, steps[0], steps[-1], message))
    return found


def _is_own(evidence: Evidence, path: str) -> bool:
    """Whether a module's parameters are those that are trained, not computed from others."""
    return "parametrizations" not in path.split(".") and path in evidence.modules


WITHOUT_GRADIENT = (
    "no_gradient",
    "A parameter has no gradient in any recorded step, while gradients of others were recorded.",
)
