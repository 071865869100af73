"""What the training is told to answer: rules that look at the targets of the kept samples."""

from __future__ import annotations

from math import prod
from typing import Final

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.elements import different
from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece
from tb_layerview.diagnosis.execution import Execution
from tb_layerview.diagnosis.finding import Finding, shown
from tb_layerview.diagnosis.verdicts import role_key
from tb_layerview.log.schema import TensorSpec

_FEWEST_PER_CLASS: Final = 16
"""If classes were equally frequent, the chance that one is absent would be exp(-16)."""
_FEWEST_CLASSES: Final = 2
_MAX_NAMED: Final = 8
_FEWEST_OF_ONE: Final = 8
"""Targets of a step of which it says something that they are all one class."""
_BEYOND: Final = 0.01
_SAME: Final = ("count", "mean", "min", "max")
_REACH: Final = {
    "Sigmoid": (0.0, 1.0),
    "Softmax": (0.0, 1.0),
    "Tanh": (-1.0, 1.0),
    "ReLU": (0.0, np.inf),
}
"""What activations can return."""

ABSENT = (
    "absent_class",
    (
        "A class that the model tells apart is the target of no kept sample, though there are 16 "
        "of them or more for each class; targets that come again in another step count once."
    ),
)


def absent_classes(evidence: Evidence) -> list[Finding]:
    """Classes that the model is never asked for: labels that are wrong, or counted from 1."""
    key = role_key(evidence.log, "targets")
    classes = _classes(evidence, key)
    if key is None or classes < _FEWEST_CLASSES:
        return []
    batches = different(evidence, key)
    targets = np.concatenate(batches) if batches else np.empty(0, np.int64)
    if len(targets) < _FEWEST_PER_CLASS * classes:
        return []
    valid = targets[(targets >= 0) & (targets < classes)]
    absent = np.flatnonzero(np.bincount(valid.astype(np.int64), minlength=classes) == 0)
    if not absent.size:
        return []
    first, last = evidence.steps[0], evidence.steps[-1]
    named = _named(evidence, absent)
    are = f"Class {named} is" if len(absent) == 1 else f"Classes {named} are"
    message = (
        f"{are} the target of none of {len(targets)} kept samples, while the model tells "
        f"{classes} classes apart: labels may be wrong"
    )
    return [Finding("info", "absent_class", key, first, last, message)]


def _classes(evidence: Evidence, targets: str | None) -> int:
    """How many the model tells apart, where targets are their numbers; else 0."""
    scores = role_key(evidence.log, "predictions") or "/output"
    rows = [evidence.rows.get(key) for key in (targets, scores) if key is not None]
    specs: list[TensorSpec] = [evidence.specs[row] for row in rows if row is not None]
    match specs:
        case [TensorSpec(shape=(count,), dtype=kind), TensorSpec(shape=(of, classes))] if (
            count == of and "int" in kind
        ):
            return classes
    return 0


def _named(evidence: Evidence, classes: npt.NDArray[np.intp]) -> str:
    labels = dict(enumerate(evidence.labels))
    named = [str(labels.get(number, number)) for number in classes[:_MAX_NAMED].tolist()]
    more = [f"{len(classes) - _MAX_NAMED} more"] if len(classes) > _MAX_NAMED else []
    return ", ".join([*named, *more])


class OneClass(Condition):
    """Batches of one class each: data that are sorted, and not shuffled.

    Of a shuffled half of each class, eight are one of them at a chance of 1 in 128; that whole
    batches of either come three times on end cannot be. Where one class is rare, only the other
    has batches of its own.
    """

    name = "one_class_batches"
    states = (
        "All targets of a step (a whole number each, of eight samples or more) are the same, in "
        "three recorded steps on end, and two different ones have such steps. Not if the two take "
        "turns at every step, as those of a GAN do."
    )
    at_least = 3

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence)
        self._classes: dict[float, int] = {}
        self._last: float | None = None
        self._repeats = False

    def concerns(self) -> Flags:
        """Targets that are one number a sample."""
        targets = role_key(self.evidence.log, "targets")
        return np.array(
            [spec.key == targets and prod(spec.shape[1:]) == 1 for spec in self.evidence.specs],
            bool,
        )

    def holds(self, piece: Piece) -> Flags:
        """All the same."""
        one = (piece["min"] == piece["max"]) & (piece["min"] == np.round(piece["min"]))
        met: Flags = one & (piece["count"] >= _FEWEST_OF_ONE)
        for row in np.flatnonzero(self.applies):
            for place in np.flatnonzero(met[row]).tolist():
                target = float(piece["min"][row, place])
                self._classes.setdefault(target, piece.steps[place])
                self._repeats |= target == self._last
                self._last = target
        return met

    def measure(self, piece: Piece) -> Numbers:
        """How many targets."""
        return piece["count"]

    def findings(self) -> list[Finding]:
        """Nothing, where it is always the same class, or two take turns."""
        are_sorted = len(self._classes) > (1 if self._repeats else 2)
        return super().findings() if are_sorted else []

    def says(self, row: int, seen: Seen) -> str:
        """Which, and when."""
        del row
        (one, first), (other, second) = list(self._classes.items())[:2]
        labels = dict(enumerate(self.evidence.labels))
        names = [str(labels.get(int(number), int(number))) for number in (one, other)]
        return (
            f"All {int(seen.strongest)} targets of a step are one class {seen.often} ({names[0]} "
            f"at step {first}, {names[1]} at step {second}): the data are sorted, not shuffled, "
            "and the model learns the class that it saw last"
        )


class OutOfReach(Condition):
    """Targets that the last layer cannot answer."""

    name = "unreachable_targets"
    states = (
        "Targets of the shape of the answers lie beyond what the last layer can return, 0 to 1 of "
        "a Sigmoid or a Softmax, -1 to 1 of a Tanh, 0 and more of a ReLU, by more than 1 % of "
        "their largest magnitude, in three recorded steps on end."
    )
    at_least = 3

    def __init__(self, evidence: Evidence) -> None:
        self._targets = evidence.rows.get(role_key(evidence.log, "targets") or "", -1)
        answers = role_key(evidence.log, "predictions") or "/output"
        self._answers = evidence.rows.get(answers, -1)
        outputs = [
            row
            for row in Execution(evidence).forward
            if evidence.names[row].kind == "output" and evidence.is_leaf(evidence.specs[row].module)
        ]
        self._last = outputs[-1] if outputs else -1
        self._class = evidence.class_of(evidence.specs[self._last].module) if outputs else ""
        super().__init__(evidence)

    def concerns(self) -> Flags:
        """Targets beside answers that are alike."""
        met = np.zeros(len(self.evidence.specs), bool)
        known = min(self._targets, self._answers, self._last) >= 0 and self._class in _REACH
        if known:
            targets, answers = (
                tuple(length for length in self.evidence.specs[row].shape if length > 1)
                for row in (self._targets, self._answers)
            )
            met[self._targets] = targets == answers
        return met

    def holds(self, piece: Piece) -> Flags:
        """Beyond an end, of answers that are to all appearance what the last layer returned."""
        same = np.all(
            [piece[name][self._answers] == piece[name][self._last] for name in _SAME], axis=0
        )
        met: Flags = self.applies[:, np.newaxis] & same & (self.measure(piece) > _BEYOND)
        return met

    def measure(self, piece: Piece) -> Numbers:
        """By which share of their largest magnitude they lie beyond."""
        low, high = _REACH.get(self._class, (-np.inf, np.inf))
        beyond: Numbers = np.maximum(low - piece["min"], piece["max"] - high) / piece["max_abs"]
        return beyond

    def says(self, row: int, seen: Seen) -> str:
        """How far the targets reach, and the answers cannot."""
        at = self.evidence.piece_of(seen.strongest_step)
        least, greatest = (float(at[name][row, 0]) for name in ("min", "max"))
        low, high = _REACH[self._class]
        ends = f"{shown(low)} to {shown(high)}" if np.isfinite(high) else f"{shown(low)} and more"
        last = self.called(self._last)
        return (
            f"{self.called(row)} reaches from {shown(least)} to {shown(greatest)} at step "
            f"{seen.strongest_step}, and {last}, the answer of a {self._class}, only from {ends} "
            f"(beyond it {seen.often}): scale the targets, or leave the {self._class} out"
        )
