"""How far two samples of a batch part in each layer: where a wrong answer arose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.diagnosis.execution import Execution
from tb_layerview.errors import NotFoundError

_SAMPLE: Final = "Sample"
_OF_LAYERS: Final = ("output", "tap")


@dataclass(frozen=True, slots=True)
class Parting:
    """How far two samples are apart in one tensor.

    ``distance`` is ||a - b|| / sqrt(||a||^2 + ||b||^2) over the elements that are finite in both: 0
    where they are the same, 1 where they are at right angles, sqrt(2) where they are opposite.
    ``usual`` is the median of that over all pairs of kept samples; None where there are only two.
    ``skipped`` counts the elements that are not finite in one of them; ``turn`` is the place in the
    order of execution, from 0.
    """

    key: str
    distance: float
    usual: float | None
    skipped: int
    turn: int


def place_of(evidence: Evidence, sample: int) -> int:
    """The place among the kept samples of the one at position ``sample`` of the batch.

    Raises:
        NotFoundError: it was not kept.
    """
    if sample not in evidence.samples:
        kept = ", ".join(map(str, evidence.samples)) or "none"
        raise NotFoundError("sample", f"one of the kept positions in the batch ({kept})", sample)
    return evidence.samples.index(sample)


def partings(evidence: Evidence, step: int, first: int, second: int) -> list[Parting]:
    """How far two samples part, of each output and tap of the step; the farthest first.

    Tensors without an axis of samples are left out, and those whose elements were not kept.

    Raises:
        NotFoundError: one of the samples was not kept.
    """
    places = place_of(evidence, first), place_of(evidence, second)
    found = []
    for turn, row in enumerate(Execution(evidence).forward):
        spec = evidence.specs[row]
        if spec.kind not in _OF_LAYERS or _SAMPLE not in spec.axes:
            continue
        elements = evidence.elements(spec.key, step)
        if elements is None or elements.ndim != len(spec.axes) or elements.dtype.kind not in "fiub":
            continue
        samples = np.moveaxis(elements.astype(np.float64), spec.axes.index(_SAMPLE), 0)
        samples = samples.reshape(len(samples), -1)
        if max(places) < len(samples):
            distance, skipped = _distance(samples[places[0]], samples[places[1]])
            found.append(Parting(spec.key, distance, _usual(samples), skipped, turn))
    return sorted(found, key=lambda parting: (-parting.distance, parting.turn))


def _distance(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> tuple[float, int]:
    finite = np.isfinite(first) & np.isfinite(second)
    a, b = first[finite], second[finite]
    # Scaled, so that no square overflows.
    largest = max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0))
    skipped = int(finite.size - np.count_nonzero(finite))
    if largest == 0:
        return 0.0, skipped
    a, b = a / largest, b / largest
    size = np.sqrt(np.square(a).sum() + np.square(b).sum())
    return float(np.linalg.norm(a - b) / size), skipped


def _usual(samples: npt.NDArray[Any]) -> float | None:
    """The median distance of all pairs."""
    count = len(samples)
    if count <= 2:  # noqa: PLR2004  # one pair is no comparison
        return None
    pairs = [(one, other) for one in range(count) for other in range(one)]
    return float(np.median([_distance(samples[a], samples[b])[0] for a, b in pairs]))
