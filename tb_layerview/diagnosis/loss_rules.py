"""What the gradient of the model's answers tells of the loss behind it."""

from __future__ import annotations

from typing import Final

import numpy as np

from tb_layerview.diagnosis.evidence import Evidence, Numbers
from tb_layerview.diagnosis.finding import Finding, shown
from tb_layerview.diagnosis.verdicts import role_key

_OUTPUT: Final = "/output"
_GRADIENT: Final = "/output_grad"
_SUM_TOLERANCE: Final = 1e-2
_FITS: Final = 1e-3
"""Of float32; a gradient in 16 bits is not near enough to be told from others."""
_APART: Final = 1e-2
_LEAST_LOOKS: Final = 3

TWICE = (
    "normalised_twice",
    (
        "The model answers shares of classes (they sum to 1, or are single ones from 0 to 1), and "
        "at three looks at the run or more their gradient is, within 0.1 %, that of a cross "
        "entropy which takes a softmax (or a sigmoid) of them again, and more than 1 % off that of "
        "a square error."
    ),
)


def normalised_twice(evidence: Evidence) -> list[Finding]:
    """A softmax before a ``CrossEntropyLoss``, a sigmoid before a ``BCEWithLogitsLoss``.

    Both losses take logits. With p the answers, t the targets and s the softmax or the sigmoid,
    the gradient of such a loss is s(p) - t, times one number for all.
    """
    targets = role_key(evidence.log, "targets")
    if targets is None or not {_OUTPUT, _GRADIENT} <= evidence.rows.keys():
        return []
    seen = []
    name, furthest = "", 0.0
    for step in evidence.looks():
        tables = [evidence.elements(key, step) for key in (_OUTPUT, _GRADIENT, targets)]
        if any(table is None or table.dtype.kind not in "fiub" for table in tables):
            continue
        answers, gradient, asked = (np.asarray(table, np.float64) for table in tables)
        found = _told(answers, gradient, asked)
        if found is not None:
            name, off = found
            seen.append(step)
            furthest = max(furthest, off)
    if len(seen) < _LEAST_LOOKS:
        return []
    message = (
        f"The gradient of {evidence.called(_OUTPUT)} is that of a cross entropy with a {name} of "
        f"its own (within {shown(100 * furthest)} %), though the answers are shares already: a "
        f"loss that takes logits flattens them again. Leave the {name} out of the model, or take "
        "a loss of shares"
    )
    return [Finding("warning", TWICE[0], _OUTPUT, seen[0], seen[-1], message)]


def _told(answers: Numbers, gradient: Numbers, targets: Numbers) -> tuple[str, float] | None:
    """The function that is taken twice, and how far the gradient is off; None where it is not."""
    if answers.shape != gradient.shape or not np.isfinite(gradient).all() or not gradient.any():
        return None
    if answers.min() < 0 or answers.max() > 1:
        return None
    shares = answers.reshape(len(answers), -1)
    asked = targets.reshape(len(targets), -1)
    if shares.shape[1] == 1:
        name, again = "sigmoid", 1 / (1 + np.exp(-shares))
        wanted = asked
    else:
        name, again = "softmax", np.exp(shares) / np.exp(shares).sum(axis=1, keepdims=True)
        if np.abs(shares.sum(axis=1) - 1).max() > _SUM_TOLERANCE or asked.shape[1] != 1:
            return None
        classes = np.arange(shares.shape[1])
        wanted = np.equal(asked, classes).astype(np.float64)
    if wanted.shape != shares.shape or not np.isin(wanted, (0, 1)).all():
        return None
    off, other = (_off(gradient.reshape(shares.shape), each - wanted) for each in (again, shares))
    return (name, off) if off < _FITS and other > _APART else None


def _off(gradient: Numbers, expected: Numbers) -> float:
    """How far a gradient is from the nearest positive multiple of the expected one, beside it."""
    size = float(np.square(expected).sum())
    factor = max(0.0, float((gradient * expected).sum()) / size) if size else 0.0
    return float(np.linalg.norm(gradient - factor * expected) / np.linalg.norm(gradient))
