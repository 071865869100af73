"""Single elements: which are not finite, and which led to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.diagnosis.execution import Execution

_MAX_PLACES: Final = 16
_MAX_LEADS: Final = 3


@dataclass(frozen=True, slots=True)
class Lead:
    """An element that led to another: where it is, and its value."""

    key: str
    index: tuple[int, ...]
    value: float


def first_places(evidence: Evidence, row: int, step: int) -> list[tuple[int, ...]]:
    """The indices of the first kept elements of a tensor that are not finite, in C order."""
    elements = evidence.elements(evidence.specs[row].key, step)
    if elements is None:
        return []
    flat = np.flatnonzero(~np.isfinite(elements.reshape(-1)))[:_MAX_PLACES]
    columns = np.unravel_index(flat, elements.shape)
    return [tuple(int(axis) for axis in place) for place in zip(*columns, strict=True)]


def named_index(evidence: Evidence, row: int, index: tuple[int, ...]) -> str:
    """``sample 3, filter 17, row 5, column 9``; samples by their position in the batch."""
    spec = evidence.specs[row]
    words = []
    for axis, position in zip(spec.axes, index, strict=True):
        if axis == "Sample" and position < len(evidence.samples):
            words.append(f"sample {evidence.samples[position]}")
        elif axis == "Filter":
            # As the page calls them: the first is Filter 1.
            words.append(f"Filter {position + 1}")
        else:
            words.append(f"{axis.lower()} {position}")
    return ", ".join(words)


def leads_of(
    evidence: Evidence, execution: Execution, row: int, step: int, index: tuple[int, ...]
) -> tuple[Lead, ...]:
    """The largest elements of what a layer was given for this sample, and of the unit's weights."""
    spec = evidence.specs[row]
    if spec.kind != "output" or "Sample" not in spec.axes:
        return ()
    at = spec.axes.index("Sample")
    leads: list[Lead] = []
    source = evidence.rows.get(f"{spec.module}/input.0")
    source = execution.before(row) if source is None else source
    if source is not None and "Sample" in evidence.specs[source].axes:
        axis = evidence.specs[source].axes.index("Sample")
        leads += _largest(evidence, source, step, axis, index[at])
    weights = evidence.rows.get(f"{spec.module}/param.weight")
    unit_axis = _unit_axis(evidence, row)
    if weights is not None and unit_axis is not None:
        leads += _largest(evidence, weights, step, 0, index[unit_axis])
    return tuple(leads)


def _unit_axis(evidence: Evidence, row: int) -> int | None:
    """The axis of an output along which the rows of its weight are."""
    spec = evidence.specs[row]
    name = evidence.class_of(spec.module)
    if name.startswith("Conv") and "Filter" in spec.axes:
        return spec.axes.index("Filter")
    return len(spec.axes) - 1 if name == "Linear" else None


def _largest(evidence: Evidence, row: int, step: int, axis: int, position: int) -> list[Lead]:
    """Of the elements at a position along an axis, the largest in magnitude."""
    key = evidence.specs[row].key
    elements = evidence.elements(key, step)
    if elements is None or position >= elements.shape[axis]:
        return []
    part: npt.NDArray[Any] = np.take(elements, position, axis=axis)
    size = np.nan_to_num(np.abs(part.astype(np.float64)), nan=-1.0, posinf=np.inf).reshape(-1)
    found = []
    for flat in np.argsort(-size, kind="stable")[:_MAX_LEADS].tolist():
        inner = [int(place) for place in np.unravel_index(flat, part.shape)]
        whole = (*inner[:axis], position, *inner[axis:])
        found.append(Lead(key, whole, float(part.reshape(-1)[flat])))
    return found
