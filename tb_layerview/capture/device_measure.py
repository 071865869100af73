"""Statistics, histogram and pyramid of a tensor on its device: the twin of ``measure`` in torch.

For element types whose every value is a float32 (`is_measured_in_single`). No operation makes the
training thread wait for the device; what is left for the host is a few numbers for each block.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
import torch
from torch.nn.functional import pad

from tb_layerview.log.dtypes import DType
from tb_layerview.log.levels import (
    BLOCK_SIDE,
    HAS_NAN,
    HAS_NEG_INF,
    HAS_POS_INF,
    level_count,
    level_shape,
)
from tb_layerview.measure.bins import SINGLE

BLOCK: Final = 1 << 22
"""Elements that are worked on at once: their float64 copies take 32 MB of the device's memory."""

_CODE_MASK: Final = SINGLE.codes - 1
"""The leading bits of a float32, once an arithmetic shift filled in copies of its sign."""

_BITS: Final = (HAS_NAN, HAS_POS_INF, HAS_NEG_INF)


class DeviceSummary(NamedTuple):
    """What the host makes a `Summary` of.

    ``moments`` is float64 ``[blocks, 5]``: of each block's finite elements how many, the smallest,
    the largest, the mean, the sum of squared deviations. ``special`` is int64 ``[4]``: how many
    elements are NaN, +Inf, -Inf and zero; ``codes`` int64 ``[SINGLE.codes]``: how often each code
    of `FloatCodes` occurs.
    """

    moments: torch.Tensor
    special: torch.Tensor
    codes: torch.Tensor


class _Blocks(NamedTuple):
    """Of each block of a level, ``[matrices, rows, columns]``: neutral where none is finite."""

    sums: torch.Tensor
    min: torch.Tensor
    max: torch.Tensor
    flags: torch.Tensor
    finite: torch.Tensor


def is_measured_in_single(dtype: DType) -> bool:
    """Whether every value of `dtype` is a float32: no sum of squares of these overflows float64."""
    return bool(dtype.measured == np.float32)


def summary_of(source: torch.Tensor) -> DeviceSummary:
    """What `summarize` counts and adds up, of all elements of `source` (any shape and strides)."""
    device = source.device
    codes = torch.zeros(SINGLE.codes, dtype=torch.int64, device=device)
    special = torch.zeros(4, dtype=torch.int64, device=device)
    one = torch.ones((), dtype=torch.int64, device=device)
    moments: list[torch.Tensor] = []
    for part in flat_parts(source):
        numbers = part.to(torch.float32)
        code = (numbers.view(torch.int32) >> SINGLE.shift) & _CODE_MASK
        # bincount would ask the device for the largest code, and wait for the answer.
        codes.scatter_add_(0, code.long(), one.expand(code.numel()))
        special += torch.stack(
            [
                numbers.isnan().sum(),
                numbers.isposinf().sum(),
                numbers.isneginf().sum(),
                (numbers == 0).sum(),
            ]
        )
        moments.append(_moments(numbers))
    empty = torch.empty(0, 5, dtype=torch.float64, device=device)
    return DeviceSummary(torch.stack(moments) if moments else empty, special, codes)


def levels_of(source: torch.Tensor) -> list[tuple[torch.Tensor, ...]]:
    """The planes mean, min, max and flags of each level that `pyramid` makes of `source`.

    `source` has at least two axes. Beside blocks of `BLOCK` elements, it takes device memory for
    25 bytes for each 64 elements.
    """
    shape = tuple(source.shape)
    blocks = _first_level(source)
    planes: list[tuple[torch.Tensor, ...]] = []
    for level in range(1, level_count(shape) + 1):
        if level > 1:
            blocks = _fold(blocks)
        planes.append(tuple(plane.view(level_shape(shape, level)) for plane in _planes(blocks)))
    return planes


def flat_parts(source: torch.Tensor) -> Iterator[torch.Tensor]:
    """All elements in 1-D parts of at most `BLOCK`, none of which copies more than itself."""
    if source.numel() == 0:
        return
    if source.is_contiguous():
        yield from source.view(-1).split(BLOCK)
    elif source.numel() <= BLOCK:
        yield source.reshape(-1)
    elif source.dim() == 1:
        for part in source.split(BLOCK):
            yield part.contiguous()
    else:
        for part in source.split(max(1, BLOCK // (source.numel() // len(source)))):
            yield from flat_parts(part if len(part) > 1 else part[0])


def _moments(numbers: torch.Tensor) -> torch.Tensor:
    """float64 ``[5]`` of a 1-D part, as a row of ``DeviceSummary.moments``."""
    finite = numbers.isfinite()
    count = finite.sum()
    lowest = torch.where(finite, numbers, torch.inf).amin().double()
    highest = torch.where(finite, numbers, -torch.inf).amax().double()
    values = torch.where(finite, numbers, 0).double()
    # Rounding may take a mean past the extremes; kept within, equal numbers have a spread of 0.
    mean = torch.maximum(torch.minimum(values.sum() / count, highest), lowest)
    deviations = torch.where(finite, values - mean, 0)
    squared_deviations = deviations.square_().sum()
    return torch.stack([count.double(), lowest, highest, mean, squared_deviations])


def _first_level(source: torch.Tensor) -> _Blocks:
    parts = [_fold_elements(part) for part in _matrix_parts(source)]
    shape = level_shape(tuple(source.shape), 1)
    # Parts are whole matrices, or whole rows of blocks of one: behind each other they are all.
    joined = (
        torch.cat([plane.flatten(0, 1) for plane in planes]) for planes in zip(*parts, strict=True)
    )
    matrices = math.prod(shape[:-2])
    return _Blocks(*(plane.view(matrices, *shape[-2:]) for plane in joined))


def _matrix_parts(source: torch.Tensor) -> Iterator[torch.Tensor]:
    """Parts ``[matrices, rows, columns]``, in order, that cut no block."""
    *matrices, rows, columns = source.shape
    if matrices:
        step = max(1, BLOCK // max(1, source.numel() // max(1, len(source))))
        for part in source.split(step):
            if part.numel() <= BLOCK:
                yield part.reshape(math.prod(part.shape[:-2]), rows, columns)
            else:
                yield from _matrix_parts(part[0])
    else:
        step = max(1, BLOCK // max(1, columns * BLOCK_SIDE)) * BLOCK_SIDE
        for part in source.split(step):
            yield part[None]


def _fold_elements(part: torch.Tensor) -> _Blocks:
    numbers = part.to(torch.float32)
    finite = numbers.isfinite()
    flags = (
        numbers.isnan() * HAS_NAN
        + numbers.isposinf() * HAS_POS_INF
        + numbers.isneginf() * HAS_NEG_INF
    )
    return _fold(
        _Blocks(
            sums=torch.where(finite, numbers, 0).double(),
            min=torch.where(finite, numbers, torch.inf),
            max=torch.where(finite, numbers, -torch.inf),
            flags=flags.to(torch.uint8),
            finite=finite.to(torch.int32),
        )
    )


def _fold(blocks: _Blocks) -> _Blocks:
    """Eight by eight of them become one."""
    axes = (2, 4)
    flags = _eights(blocks.flags, 0)
    return _Blocks(
        sums=_eights(blocks.sums, 0).sum(axes),
        min=_eights(blocks.min, torch.inf).amin(axes),
        max=_eights(blocks.max, -torch.inf).amax(axes),
        flags=torch.stack([(flags & bit).amax(axes) for bit in _BITS]).sum(0, dtype=torch.uint8),
        finite=_eights(blocks.finite, 0).sum(axes, dtype=torch.int32),
    )


def _eights(plane: torch.Tensor, neutral: float) -> torch.Tensor:
    """``[matrices, rows / 8, 8, columns / 8, 8]``, padded with what changes nothing."""
    matrices, rows, columns = plane.shape
    shape = (matrices, -(-rows // BLOCK_SIDE), BLOCK_SIDE, -(-columns // BLOCK_SIDE), BLOCK_SIDE)
    if plane.numel() == 0:  # which PyTorch before 2.5 refuses to pad
        return plane.new_empty(shape)
    return pad(plane, (0, -columns % BLOCK_SIDE, 0, -rows % BLOCK_SIDE), value=neutral).view(shape)


def _planes(blocks: _Blocks) -> tuple[torch.Tensor, ...]:
    some = blocks.finite > 0
    mean = blocks.sums / blocks.finite
    # Rounding may take a mean past the extremes that bound it; 0 / 0 stays the NaN that it is.
    mean = torch.where(some, mean.clamp(blocks.min.double(), blocks.max.double()), torch.nan)
    return (
        mean.float(),
        torch.where(some, blocks.min, torch.nan),
        torch.where(some, blocks.max, torch.nan),
        blocks.flags,
    )
