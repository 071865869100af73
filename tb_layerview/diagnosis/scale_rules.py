"""Numbers of another size than they should have: initial weights, and samples."""

from __future__ import annotations

from math import prod
from typing import Final

import numpy as np

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece, medians
from tb_layerview.diagnosis.finding import Finding, shown
from tb_layerview.log.schema import TensorSpec

_LARGE_GAIN: Final = 10.0
_SMALL_GAIN: Final = 0.01
_LAYERS: Final = ("Linear", "Conv1d", "Conv2d", "Conv3d")
_OUTLIER: Final = 1000.0


def initial_scale(evidence: Evidence) -> list[Finding]:
    """Weights that begin far too large or too small for the number of their inputs.

    With a root mean square of r and n inputs, a layer multiplies the size of independent inputs by
    r sqrt(n): 1 to 1.4 in the usual initialisations (Glorot and Bengio 2010; He et al. 2015), 0.58
    in PyTorch's.
    """
    if not evidence.steps:
        return []
    first = evidence.steps[0]
    sizes = evidence.piece_of(first)["rms"][:, 0]
    found = []
    for row, spec in enumerate(evidence.specs):
        if not (spec.kind == "param" and spec.shape[1:] and _is_layer(evidence, spec)):
            continue
        gain = float(sizes[row]) * prod(spec.shape[1:]) ** 0.5
        if not (gain > _LARGE_GAIN or 0 < gain < _SMALL_GAIN):
            continue
        size = "large" if gain > 1 else "small"
        message = (
            f"{evidence.called(spec.key)} is {size} at step {first}: with {prod(spec.shape[1:])} "
            "inputs and a root "
            f"mean square of {shown(float(sizes[row]))}, the layer multiplies what it is given by "
            f"about {shown(gain)}; usual are 0.5 to 1.5"
        )
        found.append(Finding("warning", "initial_scale", spec.key, first, first, message))
    return found


def _is_layer(evidence: Evidence, spec: TensorSpec) -> bool:
    return evidence.class_of(spec.module) in _LAYERS


INITIAL_SCALE = (
    "initial_scale",
    (
        "At the first recorded step, rms(weight) sqrt(inputs) of a linear or convolutional layer "
        "is above 10 or below 0.01."
    ),
)


class OutlyingInputs(Condition):
    """Batches with numbers far from those of all others."""

    name = "outlying_inputs"
    states = (
        "The largest magnitude of what a step was given is above 1,000 times the median of the "
        "recorded steps."
    )

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence)
        self._rows = np.flatnonzero(self.applies)
        self._steps: list[int] = []
        self._largest: list[Numbers] = []
        self._usual: Numbers = np.full(len(self.applies), np.nan)

    def concerns(self) -> Flags:
        """The inputs, as they were given."""
        return np.array([spec.key.startswith("/sample.inputs") for spec in self.evidence.specs])

    def look(self, piece: Piece) -> None:
        """Keep the largest magnitudes: what is usual is known in the end only."""
        self._steps += piece.steps
        self._largest += list(piece["max_abs"][self._rows].T)

    def findings(self) -> list[Finding]:
        """What was found, when all steps were taken in."""
        self.forget()
        if not self._steps or not self._rows.size:
            return []
        largest = np.full((len(self.applies), len(self._steps)), np.nan)
        largest[self._rows] = np.stack(self._largest, axis=1)
        self._usual = medians(largest)
        met = (largest > _OUTLIER * self._usual[:, np.newaxis]) & (self._usual > 0)[:, np.newaxis]
        self.add(np.asarray(self._steps), ~np.isnan(largest), met, largest)
        return super().findings()

    def holds(self, piece: Piece) -> Flags:
        """Not asked: `findings` compares all steps with each other."""
        raise NotImplementedError

    def measure(self, piece: Piece) -> Numbers:
        """Not asked, as `holds`."""
        raise NotImplementedError

    def says(self, row: int, seen: Seen) -> str:
        """How far."""
        return (
            f"{self.called(row)} reaches {shown(seen.strongest)} at step {seen.strongest_step}, "
            "where "
            f"the median of the steps is {shown(float(self._usual[row]))}: a sample of this batch "
            "is not like the others"
        )
