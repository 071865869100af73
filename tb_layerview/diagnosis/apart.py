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
_MOST_COMPARED: Final = 16
"""Samples of which the usual distance is the median: 120 pairs tell it well enough."""

Numbers = npt.NDArray[np.float64]


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

    Tensors without an axis of samples are left out, and those whose elements were not kept. Of one
    that is too large to be read whole, the two samples are.

    Raises:
        NotFoundError: one of the samples was not kept.
    """
    places = place_of(evidence, first), place_of(evidence, second)
    found = []
    for turn, row in enumerate(Execution(evidence).forward):
        spec = evidence.specs[row]
        if spec.kind not in _OF_LAYERS or _SAMPLE not in spec.axes or spec.stored != "exact":
            continue
        axis = spec.axes.index(_SAMPLE)
        if evidence.has_elements(row):
            elements = evidence.elements(spec.key, step)
            samples = None if elements is None else _rows(elements, axis, len(spec.axes))
            if samples is None or max(places) >= len(samples):
                continue
            pair, usual = samples[list(places)], _usual(samples)
        else:
            two = [evidence.sample(spec.key, step, axis, place) for place in places]
            if two[0] is None or two[1] is None:
                continue
            pair, usual = np.stack([_flat(each) for each in two if each is not None]), None
        distance, skipped = _distance(pair[0], pair[1])
        found.append(Parting(spec.key, distance, usual, skipped, turn))
    return sorted(found, key=lambda parting: (-parting.distance, parting.turn))


def _rows(elements: npt.NDArray[Any], axis: int, rank: int) -> Numbers | None:
    """``[samples, elements]``; None of what is no tensor of real numbers with these axes."""
    if elements.ndim != rank or elements.dtype.kind not in "fiub":
        return None
    moved = np.moveaxis(elements, axis, 0)
    rows: Numbers = moved.astype(np.float64).reshape(len(moved), -1)
    return rows


def _flat(elements: npt.NDArray[Any]) -> Numbers:
    flat: Numbers = elements.astype(np.float64).reshape(-1)
    return flat


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


def _usual(samples: Numbers) -> float | None:
    """The median distance of all pairs of at most `_MOST_COMPARED` samples, spread evenly."""
    count = len(samples)
    if count <= 2:  # noqa: PLR2004  # one pair is no comparison
        return None
    if count > _MOST_COMPARED:
        samples = samples[np.linspace(0, count - 1, _MOST_COMPARED).round().astype(int)]
        count = _MOST_COMPARED
    ones, others = np.triu_indices(count, 1)
    if not np.isfinite(samples).all():
        pairs = zip(ones.tolist(), others.tolist(), strict=True)
        return float(np.median([_distance(samples[a], samples[b])[0] for a, b in pairs]))
    # ||a - b||^2 = ||a||^2 + ||b||^2 - 2 a.b: one product in place of a pass for each pair.
    largest = np.abs(samples).max(initial=0.0)
    scaled = samples / largest if largest else samples
    products = scaled @ scaled.T
    squares = np.diag(products)
    sums = squares[ones] + squares[others]
    with np.errstate(invalid="ignore", divide="ignore"):
        squared = 1 - 2 * products[ones, others] / sums
    return float(np.median(np.sqrt(np.clip(np.where(sums > 0, squared, 0.0), 0.0, None))))
