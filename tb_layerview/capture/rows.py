"""The tensors of a frame: of those that share a copy, each is measured and stored once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tb_layerview.capture.captured import Captured
from tb_layerview.capture.counts import count_codes
from tb_layerview.capture.reduced import host_elements, host_levels, host_summary
from tb_layerview.capture.retention import EXACT, PYRAMID, STATISTICS_ALONE, Candidate
from tb_layerview.capture.staged import Staged
from tb_layerview.log.dtypes import Array
from tb_layerview.log.frame import TensorData
from tb_layerview.log.levels import is_large
from tb_layerview.measure.pyramid import pyramid
from tb_layerview.measure.summary import Summary, summarize, with_update


class Named(NamedTuple):
    """A captured tensor and its key."""

    key: str
    item: Captured


@dataclass(frozen=True, slots=True)
class Reduction:
    """A tensor of which not all elements were stored that were to be.

    ``stored`` is what there is in their place; ``element_bytes`` would have been theirs, and
    ``kept_bytes`` are those of the pyramid.
    """

    key: str
    stored: str
    element_bytes: int
    kept_bytes: int


class TensorTable:
    """The captured tensors of one step, in the order of the schema."""

    def __init__(
        self, keep: slice, tensors: Sequence[Named], update_rms: Mapping[int, float]
    ) -> None:
        """`keep` are the samples of the batch whose elements are kept.

        `update_rms` is as in `CapturedStep`.
        """
        self._update_rms = update_rms
        self._keep = keep
        self._tensors = tensors
        # The same tensor may be cut as an output and kept whole as a parameter.
        self._copies: dict[tuple[int, int | None], list[int]] = {}
        for index, (_, item) in enumerate(tensors):
            self._copies.setdefault((id(item.staged), item.sample_axis), []).append(index)

    def candidates(self) -> list[Candidate]:
        """What there is to store, each copy once."""
        return [self._candidate(indices) for indices in self._copies.values()]

    def spread(self, stored: Sequence[str]) -> list[str]:
        """What `stored` says of each of the candidates, for each of the tensors."""
        every = [EXACT] * len(self._tensors)
        for indices, of_copy in zip(self._copies.values(), stored, strict=True):
            for index in indices:
                every[index] = of_copy
        return every

    def shape(self, item: Captured) -> tuple[int, ...]:
        """That of the kept elements."""
        shape = item.staged.elements.shape
        axis = item.sample_axis
        if axis is None:
            return shape
        return (*shape[:axis], len(range(shape[axis])[self._keep]), *shape[axis + 1 :])

    def rows(self, stored: Sequence[str]) -> list[TensorData]:
        """Measure every tensor whole, and store of each what `stored` says."""
        summaries: dict[int, Summary] = {}
        rows: list[TensorData] = []
        for index, ((_, item), kept) in enumerate(zip(self._tensors, stored, strict=True)):
            staged = item.staged
            owner = self._copies[id(staged), item.sample_axis][0]
            if owner < index:
                first = summaries[id(staged)]
                rows.append(TensorData(None, self._statistics(item, first), first.histogram, owner))
                continue
            summary = summaries.get(id(staged))
            if summary is None:
                summary = summaries[id(staged)] = _summary(staged)
            rows.append(self._row(item, kept, summary))
        return rows

    def reductions(self, rows: Sequence[TensorData], stored: Sequence[str]) -> list[Reduction]:
        """What of the tensors was not stored whole, the largest first."""
        found = [
            Reduction(
                key=self._tensors[indices[0]].key,
                stored=stored[indices[0]],
                element_bytes=self._candidate(indices).element_bytes,
                kept_bytes=rows[indices[0]].stored_bytes,
            )
            for indices in self._copies.values()
            if stored[indices[0]] != EXACT
        ]
        return sorted(found, key=lambda reduction: -reduction.element_bytes)

    def _candidate(self, indices: Sequence[int]) -> Candidate:
        item = self._tensors[indices[0]].item
        keys = tuple(self._tensors[index].key for index in indices)
        reduction = item.staged.reduction
        has_elements = reduction is None or reduction.has_elements
        has_planes = has_elements or bool(reduction and host_levels(reduction))
        return Candidate(keys, self.shape(item), item.staged.dtype, has_elements, has_planes)

    def _row(self, item: Captured, stored: str, summary: Summary) -> TensorData:
        statistics = self._statistics(item, summary)
        if stored == STATISTICS_ALONE:
            return TensorData(None, statistics, summary.histogram)
        reduction = item.staged.reduction
        if reduction is not None and not reduction.has_elements:
            levels = host_levels(reduction)
            return TensorData(None, statistics, summary.histogram, None, levels)
        elements = self._kept(item)
        has_levels = stored == PYRAMID or is_large(elements.shape)
        levels = pyramid(elements, item.staged.dtype) if has_levels else ()
        kept = elements if stored == EXACT else None
        return TensorData(kept, statistics, summary.histogram, None, levels)

    def _statistics(self, item: Captured, summary: Summary) -> npt.NDArray[np.float64]:
        """Those of the tensor; of a parameter with what the step changed."""
        update_rms = self._update_rms.get(id(item.staged))
        if item.kind != "param" or update_rms is None:
            return summary.statistics
        return with_update(summary.statistics, update_rms)

    def _kept(self, item: Captured) -> Array:
        """The elements of the kept samples, or all; C-contiguous."""
        staged = item.staged
        kept = None if staged.reduction is None else host_elements(staged.reduction)
        if kept is not None:
            return kept
        if item.sample_axis is None:
            return staged.elements
        of_samples = (*[slice(None)] * item.sample_axis, self._keep)
        return np.ascontiguousarray(staged.elements[of_samples])


def _summary(staged: Staged) -> Summary:
    if staged.reduction is not None:
        return host_summary(staged.elements.size, staged.reduction)
    return summarize(staged.elements, staged.dtype, count_codes)
