"""Statistics and pyramid of a tensor where it is in host memory: twin of ``device_measure``."""

from __future__ import annotations

import torch

from tb_layerview.capture.counts import count_codes
from tb_layerview.capture.device_measure import flat_parts
from tb_layerview.capture.tensors import ELEMENT_TYPES, stored_type
from tb_layerview.log.dtypes import Array
from tb_layerview.log.levels import PLANES
from tb_layerview.measure.pyramid import pyramid
from tb_layerview.measure.summary import Summary, summarize_parts


def summary_here(source: torch.Tensor) -> Summary:
    """What `summarize` says of `source` (any shape and strides), of which no copy is made whole."""
    dtype = ELEMENT_TYPES[stored_type(source.dtype)]
    parts = (_stored_bits(part) for part in flat_parts(source))
    return summarize_parts(parts, dtype, count_codes)


def levels_here(source: torch.Tensor) -> list[tuple[torch.Tensor, ...]]:
    """The planes mean, min, max and flags of each level that `pyramid` makes of `source`."""
    dtype = ELEMENT_TYPES[stored_type(source.dtype)]
    elements = _stored_bits(source.reshape(-1)).reshape(tuple(source.shape))
    return [
        tuple(torch.from_numpy(getattr(level, name)) for name in PLANES)
        for level in pyramid(elements, dtype)
    ]


def _stored_bits(part: torch.Tensor) -> Array:
    """The elements of `part` (1-D), as NumPy reads those of a log; a copy if need be."""
    stored = stored_type(part.dtype)
    part = part.to(stored).resolve_conj().resolve_neg().contiguous()
    elements: Array = part.view(torch.uint8).numpy().view(ELEMENT_TYPES[stored].storage)
    return elements
