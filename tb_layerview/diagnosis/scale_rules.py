"""Numbers of another size than they should have: initial weights, samples, and targets."""

from __future__ import annotations

from math import prod
from typing import Final

import numpy as np

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece, medians
from tb_layerview.diagnosis.finding import Finding, shown
from tb_layerview.diagnosis.verdicts import role_key
from tb_layerview.log.chosen_steps import spread
from tb_layerview.log.schema import TensorSpec

_LARGE_GAIN: Final = 10.0
_SMALL_GAIN: Final = 0.01
_LAYERS: Final = ("Linear", "Conv1d", "Conv2d", "Conv3d")
_OUTLIER: Final = 1000.0
_LEAST_TARGETS: Final = 10.0
_FAR: Final = 100.0
_STILL_FAR: Final = 10.0
_FEWEST_STEPS: Final = 10
_LOOKS: Final = 16


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


UNSCALED = (
    "unscaled_targets",
    (
        "Targets of the shape of the answers have a standard deviation of above 10 (the median of "
        "16 recorded steps), and above 100 times that of the answers at the first recorded step "
        "and 10 times at the last one, of ten or more."
    ),
)


def unscaled_targets(evidence: Evidence) -> list[Finding]:
    """Targets in a unit of their own, as money: most of the training goes into their scale."""
    keys = (role_key(evidence.log, "targets"), role_key(evidence.log, "predictions") or "/output")
    rows = [evidence.rows[key] for key in keys if key in evidence.rows]
    if len(rows) < len(keys) or len(evidence.steps) < _FEWEST_STEPS:
        return []
    of_targets, of_answers = (
        [length for length in evidence.specs[row].shape if length > 1] for row in rows
    )
    if of_targets != of_answers:
        return []
    steps = spread(evidence.steps, _LOOKS)
    targets, answers = np.stack([evidence.piece_of(step)["std"][rows, 0] for step in steps]).T
    known = targets[~np.isnan(targets)]
    wide = float(np.median(known)) if known.size else 0.0
    begun, ended = float(answers[0]), float(answers[-1])
    # Nothing is known of steps without answers: NaN exceeds nothing.
    if not (wide > _LEAST_TARGETS and wide > _FAR * begun and wide > _STILL_FAR * ended):
        return []
    key = evidence.specs[rows[0]].key
    message = (
        f"{evidence.called(key)} has a standard deviation of {shown(wide)}, the answers one of "
        f"{shown(begun)} at step {steps[0]} and {shown(ended)} at step {steps[-1]}: the last layer "
        "has to grow by as much before anything else is learned; standardize the targets"
    )
    return [Finding("warning", UNSCALED[0], key, steps[0], steps[-1], message)]


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
