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
            f"{spec.key} is {size} at step {first}: with {prod(spec.shape[1:])} inputs and a root "
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
        self._sizes = _sizes_of_inputs(evidence, self.applies)

    def concerns(self) -> Flags:
        """The inputs, as they were given."""
        return np.array([spec.key.startswith("/sample.inputs") for spec in self.evidence.specs])

    def holds(self, piece: Piece) -> Flags:
        """Far above the others."""
        return self.measure(piece) > _OUTLIER * self._sizes[:, np.newaxis]

    def measure(self, piece: Piece) -> Numbers:
        """The largest magnitude."""
        return piece["max_abs"]

    def says(self, row: int, seen: Seen) -> str:
        """How far."""
        return (
            f"{self.key(row)} reaches {shown(seen.strongest)} at step {seen.strongest_step}, where "
            f"the median of the steps is {shown(float(self._sizes[row]))}: a sample of this batch "
            "is not like the others"
        )


def _sizes_of_inputs(evidence: Evidence, inputs: Flags) -> Numbers:
    """``[keys]``: of the inputs the median of the largest magnitudes; NaN of all else."""
    sizes = np.full(len(inputs), np.nan)
    if inputs.any():
        largest = np.concatenate([piece["max_abs"][inputs] for piece in evidence.pieces()], axis=1)
        sizes[inputs] = medians(largest)
    sizes[sizes == 0] = np.nan
    return sizes
