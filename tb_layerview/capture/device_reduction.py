"""Which tensors are reduced on their own device, so that only the result crosses to the host."""

from __future__ import annotations

import math
from typing import Final

import torch

from tb_layerview.capture.device_measure import is_measured_in_single, levels_of, summary_of
from tb_layerview.capture.retention import has_smaller_pyramid
from tb_layerview.capture.tensors import ELEMENT_TYPES, stored_type

REDUCING_DEVICES: Final = {"cuda", "xpu"}
"""Types of devices that count in float64, and from which a whole tensor takes long to copy."""

_MATRIX_RANK: Final = 2


class DeviceReducer:
    """Reduces what is larger than `max_elements`, as the worker would.

    Left to the worker, to which they are copied whole: tensors of one axis, and element types that
    are measured in float64.
    """

    def __init__(self, max_elements: int, keep: slice) -> None:
        """`keep` are the samples of the batch whose elements would be kept."""
        self._max_elements = max_elements
        self._keep = keep

    def can_reduce(self, source: torch.Tensor) -> bool:
        """Whether `source`, a plain strided tensor, can be reduced where it is."""
        return (
            source.device.type in REDUCING_DEVICES
            and source.dim() >= _MATRIX_RANK
            and is_measured_in_single(ELEMENT_TYPES[stored_type(source.dtype)])
            # What is computed here would become a part of the training's own graph.
            and not (source.is_cuda and torch.cuda.is_current_stream_capturing())
        )

    def is_too_large(self, source: torch.Tensor, sample_axis: int | None) -> bool:
        """Whether more elements of `source` would be kept than may be."""
        return math.prod(self._kept_shape(source, sample_axis)) > self._max_elements

    def reduce(self, source: torch.Tensor, sample_axis: int | None) -> list[torch.Tensor]:
        """The arrays of a `DeviceSummary` of the whole, then four planes of each level of the kept.

        There are no levels where they would be larger than the elements.
        """
        with torch.no_grad(), torch.autocast(source.device.type, enabled=False):
            parts = list(summary_of(source))
            shape = self._kept_shape(source, sample_axis)
            if has_smaller_pyramid(shape, ELEMENT_TYPES[stored_type(source.dtype)]):
                for planes in levels_of(self._kept(source, sample_axis)):
                    parts += planes
        return parts

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
