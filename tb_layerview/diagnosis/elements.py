"""Single elements: which are not finite, what they are called, and those of many steps."""

from __future__ import annotations

from math import prod
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.log.chosen_steps import spread

_MAX_PLACES: Final = 16
_LOOKS: Final = 256
"""Steps of which the elements of a small tensor are read, where rules need many."""
_MOST_READ: Final = 1 << 22
"""Elements of all those steps together."""
_FROM_ONE: Final = ("Filter", "Channel", "Head")
"""Axes that are counted as the page counts them: the first is Filter 1."""


def first_places(evidence: Evidence, row: int, step: int) -> list[tuple[int, ...]]:
    """The indices of the first kept elements of a tensor that are not finite, in C order."""
    elements = evidence.elements(evidence.specs[row].key, step)
    if elements is None or elements.dtype.kind not in "fc":
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
        elif axis in _FROM_ONE:
            words.append(f"{axis} {position + 1}")
        elif axis.startswith("Axis "):
            words.append(f"index {position} on {axis.lower()}")
        else:
            words.append(f"{axis.lower()} {position}")
    return ", ".join(words)


def different(evidence: Evidence, key: str) -> list[npt.NDArray[Any]]:
    """What was kept of a tensor at many steps; what comes again in another step is there once."""
    found: dict[bytes, npt.NDArray[Any]] = {}
    size = prod(evidence.specs[evidence.rows[key]].shape)
    looks = max(1, min(_LOOKS, _MOST_READ // max(1, size)))
    for step in spread(evidence.log.whole_steps, looks):
        elements = evidence.elements(key, step)
        if elements is not None:
            found[elements.tobytes()] = elements
    return [*found.values()]
