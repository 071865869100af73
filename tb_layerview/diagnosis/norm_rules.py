"""Batch norm that counts no batches, or whose running statistics are those of other data."""

from __future__ import annotations

from typing import Final

import numpy as np

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece
from tb_layerview.diagnosis.execution import Execution
from tb_layerview.diagnosis.finding import shown

_COUNT: Final = "/buffer.num_batches_tracked"
_VARIANCE: Final = "/buffer.running_var"
_FACTOR: Final = 4.0
_WARM_UP: Final = 20.0
"""Batches after which running statistics should have come near: 88 % at a momentum of 0.1."""


class CountsNoBatch(Condition):
    """Batch norm in evaluation mode while its model is trained."""

    name = "batch_norm_mode"
    states = (
        "The num_batches_tracked of a batch norm is the same before two recorded steps, the first "
        "of which changed parameters, in three recorded steps on end."
    )
    at_least = 3

    def __init__(self, evidence: Evidence) -> None:
        self._before: tuple[int, Numbers, bool] | None = None
        super().__init__(evidence)

    def concerns(self) -> Flags:
        """The counts."""
        return np.array([spec.key.endswith(_COUNT) for spec in self.evidence.specs], bool)

    def look(self, piece: Piece) -> None:
        """What a step counted shows in the recorded step after it: so each waits for the next."""
        changes: Flags = np.any(np.nan_to_num(piece["update_rms"]) > 0, axis=0)
        counts = piece["mean"]
        steps = np.asarray(piece.steps)
        if self._before is not None:
            step, count, changed = self._before
            steps = np.insert(steps, 0, step)
            counts = np.concatenate([count[:, np.newaxis], counts], axis=1)
            changes = np.insert(changes, 0, changed)
        self._before = int(steps[-1]), counts[:, -1], bool(changes[-1])
        after, before = counts[:, 1:], counts[:, :-1]
        counted = ~(np.isnan(after) | np.isnan(before))
        known: Flags = self.applies[:, np.newaxis] & counted & changes[:-1]
        met: Flags = known & (after == before)
        self.add(steps[:-1], known, met, before)

    def holds(self, piece: Piece) -> Flags:
        """Not asked: `look` compares steps with each other."""
        raise NotImplementedError

    def measure(self, piece: Piece) -> Numbers:
        """Not asked, as `holds`."""
        raise NotImplementedError

    def says(self, row: int, seen: Seen) -> str:
        """Since when."""
        return (
            f"{self.evidence.specs[row].module} counts no batch {seen.often}, from step "
            f"{seen.first} on, though the model is trained: it is in evaluation mode"
        )


class FarFromBatch(Condition):
    """Running statistics that are not those of what the layer is given."""

    name = "running_statistics"
    states = (
        "The root mean square of a batch norm's input is above 4 times, or below a quarter of, the "
        "one that its running_mean and running_var tell of, after 20 batches, in three recorded "
        "steps on end."
    )
    at_least = 3

    def __init__(self, evidence: Evidence) -> None:
        execution = Execution(evidence)
        rows = evidence.rows
        beside = [spec.key.removesuffix(_VARIANCE) for spec in evidence.specs]
        self._means = np.array([rows.get(f"{path}/buffer.running_mean", -1) for path in beside])
        self._counts = np.array([rows.get(f"{path}{_COUNT}", -1) for path in beside])
        inputs = [execution.inputs(spec.module) for spec in evidence.specs]
        self._inputs = np.array([given[0] if given else -1 for given in inputs])
        super().__init__(evidence)

    def concerns(self) -> Flags:
        """Variances of batch norms whose inputs are known."""
        is_variance = [
            spec.key.endswith(_VARIANCE) and "BatchNorm" in self.evidence.class_of(spec.module)
            for spec in self.evidence.specs
        ]
        known = (self._means >= 0) & (self._counts >= 0) & (self._inputs >= 0)
        met: Flags = np.logical_and(is_variance, known)
        return met

    def holds(self, piece: Piece) -> Flags:
        """Far off, when it had the time to come near."""
        met: Flags = (self.measure(piece) > _FACTOR) & (piece["mean"][self._counts] >= _WARM_UP)
        return met

    def measure(self, piece: Piece) -> Numbers:
        """The factor; each channel has as many elements, so E[x^2] is the mean of var + mean^2."""
        told = np.sqrt(piece["mean"] + np.square(piece["rms"][self._means]))
        given = piece["rms"][self._inputs]
        factor: Numbers = np.fmax(given / told, told / given)
        return factor

    def says(self, row: int, seen: Seen) -> str:
        """How far off."""
        return (
            f"The running statistics of {self.evidence.specs[row].module} are "
            f"{shown(seen.strongest)} times off what it is given at step {seen.strongest_step}: in "
            "evaluation it will normalise wrongly. Look at its momentum, and at the learning rate"
        )
