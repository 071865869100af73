"""Single units, filters and tokens: rules that look at elements, at some steps of the run."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.diagnosis.execution import Execution
from tb_layerview.diagnosis.finding import Finding, Severity, shown

_T = TypeVar("_T")

_MANY: Final = 0.5
_ALIKE: Final = 1 - 1e-6
_PROJECTED: Final = 16
_PROJECTED_APART: Final = 1e-4
"""Squared distance of two projected rows: fifty times that of duplicates which are least alike."""
_SAME: Final = 1e-5
_FEWEST_ELEMENTS: Final = 4
"""Shorter rows may well be alike by chance."""
_PAIR: Final = 2
_MAX_ROWS: Final = 2048
_MAX_NAMED: Final = 8
_TIMES: Final = 3
"""Recorded steps in which a unit must have been dead to be called so."""

DEAD_UNITS = (
    "dead_units",
    (
        "A unit or filter, a row of a weight, got a gradient of zero from the whole batch in the "
        "last three looks at the run or more, while others got some; a warning where it is half "
        "of them, else for information."
    ),
)
DUPLICATES = (
    "duplicate_filters",
    ("Two rows of a weight have a cosine similarity above 1 - 1e-6 at the last recorded step."),
)
CONSTANT = (
    "constant_filters",
    ("All elements of a row of a weight (of four or more) are the same at the last recorded step."),
)
UNUSED_TOKENS = (
    "unused_rows",
    (
        "A row of an embedding is the same at the first and the last recorded step, while others "
        "are not."
    ),
)
COLLAPSED = (
    "collapsed_output",
    (
        "The kept samples of an output differ by no more than 1e-5 of its root mean square at the "
        "last three looks at the run, while those of the inputs do differ."
    ),
)


def dead_units(evidence: Evidence) -> list[Finding]:
    """Rows of weights that get no gradient."""
    found = []
    looks = evidence.looks()
    for row in np.flatnonzero(evidence.matrices("grad")).tolist():
        spec = evidence.specs[row]
        name = evidence.called(spec.key)
        if "Transpose" in evidence.class_of(spec.module) or not evidence.has_elements(row):
            continue
        back = _backwards(looks, partial(_zero_rows, evidence, spec.key))
        latest = list(itertools.islice(back, _TIMES))
        if len(latest) < _TIMES or len({flags.shape for _, flags in latest}) > 1:
            continue
        dead = np.stack([flags for _, flags in latest]).all(axis=0)
        if not dead.any() or dead.all():
            continue
        since = latest[-1][0]
        for step, flags in back:
            if flags.shape != dead.shape or not flags[dead].all():
                break
            since = step
        share = float(dead.mean())
        severity: Severity = "warning" if share >= _MANY else "info"
        message = (
            f"{int(dead.sum())} of {dead.size} units of {spec.module or 'the model'} are dead: "
            f"their rows of {name} are zero since step {since} ({_named(np.flatnonzero(dead))})"
        )
        found.append(Finding(severity, "dead_units", spec.key, since, latest[0][0], message))
    return found


def alike_filters(evidence: Evidence) -> list[Finding]:
    """Rows of weights that are constant, or the same as others."""
    found = []
    for row in np.flatnonzero(evidence.matrices("param")).tolist():
        spec = evidence.specs[row]
        name = evidence.called(spec.key)
        if spec.shape[0] > _MAX_ROWS or not evidence.has_elements(row):
            continue
        _, last = evidence.ends(spec.key)
        weight = evidence.elements(spec.key, last)
        if weight is None or not np.isfinite(weight).all():
            continue
        constant = _constant(_rows(weight))
        if constant.size:
            message = (
                f"{constant.size} of {spec.shape[0]} rows of {name} hold one and the same "
                f"number ({_named(constant)})"
            )
            first = _since(evidence, spec.key, last, _constant, constant)
            found.append(Finding("warning", "constant_filters", spec.key, first, last, message))
        pairs = _duplicates(_rows(weight))
        if pairs.size and not constant.size:
            first = _since(evidence, spec.key, last, _duplicates, pairs)
            named = ", ".join(f"{a} and {b}" for a, b in pairs[:_MAX_NAMED].tolist())
            message = f"Rows of {name} are the same but for their size: {named}" + (
                f" and {len(pairs) - _MAX_NAMED} more pairs" if len(pairs) > _MAX_NAMED else ""
            )
            found.append(Finding("warning", "duplicate_filters", spec.key, first, last, message))
    return found


def unused_rows(evidence: Evidence) -> list[Finding]:
    """Tokens of embeddings that were never learnt."""
    found = []
    for row, spec in enumerate(evidence.specs):
        name = evidence.called(spec.key)
        if spec.kind != "param" or "Embedding" not in evidence.class_of(spec.module):
            continue
        if len(evidence.steps) < _TIMES or not evidence.has_elements(row):
            continue
        steps = evidence.ends(spec.key)
        first, last = (evidence.elements(spec.key, step) for step in steps)
        if first is None or last is None or first.shape != last.shape:
            continue
        same = (first == last).all(axis=1)
        if same.any() and not same.all():
            message = (
                f"{int(same.sum())} of {same.size} rows of {name} did not change from step "
                f"{steps[0]} to {steps[-1]} ({_named(np.flatnonzero(same))})"
            )
            found.append(Finding("info", "unused_rows", spec.key, steps[0], steps[-1], message))
    return found


def collapsed(evidence: Evidence) -> list[Finding]:
    """The first layer, in order of execution, that answers the same whatever it is given."""
    looks = evidence.looks()
    if len(looks) < _TIMES or not _inputs_differ(evidence, looks[-1]):
        return []
    for row in Execution(evidence).forward:
        spec = evidence.specs[row]
        name = evidence.called(spec.key)
        if spec.kind != "output" or "Sample" not in spec.axes or len(evidence.samples) < _PAIR:
            continue
        back = _backwards(looks, partial(_spread, evidence, spec.key))
        latest = list(itertools.islice(back, _TIMES))
        if len(latest) < _TIMES or any(spread > _SAME for _, spread in latest):
            continue
        since = latest[-1][0]
        for step, spread in back:
            if spread > _SAME:
                break
            since = step
        message = (
            f"{name} is the same for all {len(evidence.samples)} kept samples since step "
            f"{since}: they differ by {shown(latest[0][1])} of its root mean square"
        )
        return [Finding("warning", "collapsed_output", spec.key, since, latest[0][0], message)]
    return []


def _inputs_differ(evidence: Evidence, step: int) -> bool:
    keys = [spec.key for spec in evidence.specs if spec.key.startswith("/sample.inputs")]
    spreads = [_spread(evidence, key, step) for key in keys]
    return not keys or any(spread is None or spread > _SAME for spread in spreads)


def _spread(evidence: Evidence, key: str, step: int) -> float | None:
    """How far the samples are apart, beside the root mean square; None where nobody can say."""
    spec = evidence.specs[evidence.rows[key]]
    output = evidence.elements(key, step)
    if output is None or output.ndim == 0 or "Sample" not in spec.axes:
        return None
    samples = np.moveaxis(output, spec.axes.index("Sample"), 0)
    samples = _rows(samples)
    if len(samples) < _PAIR or not np.isfinite(samples).all():
        return None
    size = float(np.sqrt(np.square(samples).mean()))
    apart = float(np.abs(samples - samples[0]).max())
    return apart / size if size > 0 else None


def _rows(weight: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """``[rows, numbers]``; complex numbers are two each."""
    rows = weight.reshape(weight.shape[0], -1)
    if rows.dtype.kind == "c":
        rows = np.concatenate([rows.real, rows.imag], axis=1)
    return rows.astype(np.float64)


def _zero_rows(evidence: Evidence, key: str, step: int) -> npt.NDArray[np.bool_] | None:
    gradient = evidence.elements(key, step)
    return None if gradient is None else np.asarray((_rows(gradient) == 0).all(axis=1), bool)


def _backwards(looks: list[int], ask: Callable[[int], _T | None]) -> Iterator[tuple[int, _T]]:
    """The answers that there are, from the last look on; each is asked for when it is wanted."""
    for step in reversed(looks):
        answer = ask(step)
        if answer is not None:
            yield step, answer


def _constant(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    if rows.shape[1] < _FEWEST_ELEMENTS:
        return np.empty(0, np.intp)
    return np.flatnonzero((rows == rows[:, :1]).all(axis=1))


def _duplicates(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """``[pairs, 2]``, the first before the second."""
    if rows.shape[1] < _FEWEST_ELEMENTS:
        return np.empty((0, 2), np.intp)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    if rows.shape[1] <= _PROJECTED:
        return np.argwhere(np.triu(unit @ unit.T > _ALIKE, k=1))
    # Rows that are near to each other are so in any few dimensions: only such pairs are compared.
    directions = np.random.default_rng(0).standard_normal((rows.shape[1], _PROJECTED))
    short = unit @ (directions / np.sqrt(_PROJECTED))
    size = np.square(short).sum(axis=1)
    apart = size[:, np.newaxis] + size - 2 * (short @ short.T)
    pairs = np.argwhere(np.triu(apart < _PROJECTED_APART, k=1))
    cosines = np.einsum("ij,ij->i", unit[pairs[:, 0]], unit[pairs[:, 1]])
    alike: npt.NDArray[np.intp] = pairs[cosines > _ALIKE]
    return alike


def _since(
    evidence: Evidence,
    key: str,
    last: int,
    find: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.intp]],
    found: npt.NDArray[np.intp],
) -> int:
    """The first look at a weight from which on `find` finds all of what is `found` at the last."""
    wanted = set(map(str, found.tolist()))
    since = last
    for step in reversed(evidence.looks()):
        weight = evidence.elements(key, step)
        if weight is None:
            continue
        if weight.shape != evidence.specs[evidence.rows[key]].shape:
            break
        if not wanted <= set(map(str, find(_rows(weight)).tolist())):
            break
        since = step
    return since


def _named(indices: npt.NDArray[np.intp]) -> str:
    named = ", ".join(map(str, indices[:_MAX_NAMED].tolist()))
    others = indices.size - _MAX_NAMED
    return f"{named} and {others} more" if others > 0 else named
