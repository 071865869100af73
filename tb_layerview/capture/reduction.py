"""Which tensors are reduced where they are, so that no whole copy of them is made."""

from __future__ import annotations

import math
from typing import Final, NamedTuple, Protocol

import torch

from tb_layerview.capture.device_measure import is_measured_in_single, levels_of, summary_of
from tb_layerview.capture.host_reduction import levels_here, summary_here
from tb_layerview.capture.retention import has_smaller_pyramid, pyramid_bytes
from tb_layerview.capture.tensors import ELEMENT_TYPES, stored_type
from tb_layerview.measure.summary import Summary

REDUCING_DEVICES: Final = {"cuda", "xpu"}
"""Types of devices that count in float64, and from which a whole tensor takes long to copy."""

_MATRIX_RANK: Final = 2


class HasRoom(Protocol):
    """Tells whether there is room for so many bytes, of elements or of blocks."""

    def __call__(self, nbytes: int, *, for_blocks: bool) -> bool:
        """As `Lease.has_room`."""
        ...


class Reduced(NamedTuple):
    """What is to be copied of a tensor.

    ``results`` are the arrays of a `DeviceSummary`, unless `summary` is there already; then, if
    `has_elements`, those that are kept, and otherwise four planes of each of their levels. If
    there are none of these, either, the statistics are all that is known.
    """

    summary: Summary | None
    results: list[torch.Tensor]
    has_elements: bool


class Reducer:
    """Reduces what is larger than `max_elements` or than there is room, as the worker would.

    On accelerators, these are left to the worker: tensors of one axis, and element types that are
    measured in float64.
    """

    def __init__(self, max_elements: int | None, keep: slice) -> None:
        """`keep` are the samples of the batch whose elements would be kept."""
        self._max_elements = math.inf if max_elements is None else max_elements
        self._keep = keep

    def can_reduce(self, source: torch.Tensor) -> bool:
        """Whether `source`, a plain strided tensor, can be reduced on the device where it is."""
        return (
            source.device.type in REDUCING_DEVICES
            and source.dim() >= _MATRIX_RANK
            and is_measured_in_single(ELEMENT_TYPES[stored_type(source.dtype)])
            # What is computed here would become a part of the training's own graph.
            and not (source.is_cuda and torch.cuda.is_current_stream_capturing())
        )

    def leaves_whole(self, source: torch.Tensor) -> bool:
        """Whether `source` is certainly small enough not to be reduced where it is."""
        return source.numel() <= self._max_elements or not self.can_reduce(source)

    def can_measure(self, source: torch.Tensor) -> bool:
        """Whether `source` can be reduced where it is: on such a device, or in host memory."""
        return source.is_cpu or self.can_reduce(source)

    def keeps_all(self, source: torch.Tensor, sample_axis: int | None) -> bool:
        """Whether all elements of `source` would be kept."""
        is_whole = self._kept_shape(source, sample_axis) == tuple(source.shape)
        return is_whole and not self.is_too_large(source, sample_axis)

    def is_too_large(self, source: torch.Tensor, sample_axis: int | None) -> bool:
        """Whether more elements of `source` would be kept than may be."""
        return math.prod(self._kept_shape(source, sample_axis)) > self._max_elements

    def reduce(self, source: torch.Tensor, sample_axis: int | None, has_room: HasRoom) -> Reduced:
        """The statistics of the whole, and of what is kept that for which there is room.

        There are no planes where they would be larger than the elements.
        """
        is_here = source.is_cpu and not self.can_reduce(source)
        with torch.no_grad(), torch.autocast(source.device.type, enabled=False):
            summary = summary_here(source) if is_here else None
            results = [] if summary is not None else [*summary_of(source)]
            kept = self._kept(source, sample_axis)
            shape, stored = tuple(kept.shape), ELEMENT_TYPES[stored_type(source.dtype)]
            fits = has_room(kept.numel() * stored.itemsize, for_blocks=False)
            if fits and not self.is_too_large(source, sample_axis):
                return Reduced(summary, [*results, kept], has_elements=True)
            if has_smaller_pyramid(shape, stored) and has_room(
                pyramid_bytes(shape, stored), for_blocks=True
            ):
                for planes in levels_here(kept) if is_here else levels_of(kept):
                    results += planes
        return Reduced(summary, results, has_elements=False)

    def _kept_shape(self, source: torch.Tensor, sample_axis: int | None) -> tuple[int, ...]:
        shape = tuple(source.shape)
        if sample_axis is None:
            return shape
        kept = len(range(shape[sample_axis])[self._keep])
        return (*shape[:sample_axis], kept, *shape[sample_axis + 1 :])

    def _kept(self, source: torch.Tensor, sample_axis: int | None) -> torch.Tensor:
        if sample_axis is None:
            return source
        return source[(*[slice(None)] * sample_axis, self._keep)]
