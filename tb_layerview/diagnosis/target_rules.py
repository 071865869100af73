"""What the training is told to answer: rules that look at the targets of the kept samples."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.diagnosis.finding import Finding
from tb_layerview.diagnosis.verdicts import role_key
from tb_layerview.log.chosen_steps import spread
from tb_layerview.log.schema import TensorSpec

_LOOKS: Final = 256
"""Steps whose targets are looked at: small tensors, of which the rule needs many."""
_FEWEST_PER_CLASS: Final = 16
"""If classes were equally frequent, the chance that one is absent would be exp(-16)."""
_FEWEST_CLASSES: Final = 2
_MAX_NAMED: Final = 8

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
    batches = _different(evidence, key)
    targets = np.concatenate([*batches.values()]) if batches else np.empty(0, np.int64)
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


def _different(evidence: Evidence, key: str) -> dict[bytes, npt.NDArray[Any]]:
    """The targets of each step, by themselves: those of samples that come again are there once."""
    found: dict[bytes, npt.NDArray[Any]] = {}
    for step in spread(evidence.log.whole_steps, _LOOKS):
        targets = evidence.elements(key, step)
        if targets is not None:
            found[targets.tobytes()] = targets
    return found


def _named(evidence: Evidence, classes: npt.NDArray[np.intp]) -> str:
    labels = dict(enumerate(evidence.labels))
    named = [str(labels.get(number, number)) for number in classes[:_MAX_NAMED].tolist()]
    more = [f"{len(classes) - _MAX_NAMED} more"] if len(classes) > _MAX_NAMED else []
    return ", ".join([*named, *more])
