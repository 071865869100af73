"""By how much parameters change in a step, measured against their copies of its beginning."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from ctypes import string_at
from typing import Final

import torch

from tb_layerview.capture.device_updates import can_measure
from tb_layerview.capture.staged import Staged
from tb_layerview.capture.tensors import PLAIN, detached, version_of

BLOCK: Final = 1 << 17
"""Elements that are compared at once: their differences stay in the processor's cache."""

WITNESSES: Final = 1 << 8
"""Leading elements by which a change is noticed that PyTorch does not count: one through `data`."""

_SAFE_SQUARES: Final = (1e-25, 1e35)
"""Sums of squares within which float32 has lost nothing that matters."""


def measured_updates(
    parameters: Sequence[torch.Tensor],
    places: Sequence[Staged | None],
    versions: Sequence[int | None],
) -> dict[int, float]:
    """Root mean square of the change of each parameter in host memory, by the ``id`` of its copy.

    Without those that are measured on their devices. Over the elements whose change is finite, and
    NaN if none is. 0 if nothing was written to the parameter, as far as PyTorch counts that, and
    its first elements are what they were.

    Args:
        parameters: or this process's parts of them.
        places: their copies; None for one that is not measured.
        versions: how often each had been written to when it was copied.
    """
    # Memory that is used already: a fresh block for each difference would take twice the time.
    with torch.inference_mode(mode=False):
        scratch = torch.empty(BLOCK, dtype=torch.float32, device="cpu")
    with torch._C._DisableTorchDispatch():  # noqa: SLF001 - no other name
        return {
            id(staged): _change(parameter, staged, version, scratch)
            for parameter, staged, version in zip(parameters, places, versions, strict=True)
            if staged is not None
            and parameter.is_cpu
            and not can_measure(parameter)
            and staged.reduction is None
            and parameter.shape == staged.target.shape
        }


def begin_alike(parameters: Sequence[torch.Tensor], heads: Sequence[memoryview]) -> bool:
    """Whether each begins with the bytes of its head; False if that takes more than a look."""
    return all(parameter.is_contiguous() for parameter in parameters) and all(
        string_at(parameter.data_ptr(), len(head)) == head
        for parameter, head in zip(parameters, heads, strict=True)
    )


def _change(
    parameter: torch.Tensor, staged: Staged, version: int | None, scratch: torch.Tensor
) -> float:
    is_uncounted = version is not None and version_of(parameter) == version
    if is_uncounted and _begins_alike(parameter, staged.target):
        return 0.0
    now, before = detached(parameter), staged.target
    squares, count = 0.0, 0
    for difference in _differences(now, before, scratch):
        block_squares, finite = _sum_of_squares(difference)
        squares += block_squares
        count += finite
    return math.sqrt(squares / count) if count else math.nan


def _begins_alike(now: torch.Tensor, before: torch.Tensor) -> bool:
    """Whether the first elements of a parameter are those of its copy, which is contiguous."""
    is_dense = type(now) in PLAIN and now.layout is torch.strided and now.is_cpu
    if is_dense and now.dtype is before.dtype and now.is_contiguous():
        # A tenth of the time that tensors take, or arrays: there is a look at every parameter.
        nbytes = min(now.nbytes, WITNESSES * now.itemsize)
        return string_at(now.data_ptr(), nbytes) == string_at(before.data_ptr(), nbytes)
    head, before = _head(detached(now)), _head(before)
    return torch.equal(head.to(before.dtype), before)


def _head(tensor: torch.Tensor) -> torch.Tensor:
    """The first elements, of as few rows as have that many."""
    if not tensor.dim():
        return tensor
    rows = 1 + WITNESSES * len(tensor) // max(1, tensor.numel())
    return tensor[:rows].reshape(-1)[:WITNESSES]


def _differences(
    now: torch.Tensor, before: torch.Tensor, scratch: torch.Tensor
) -> Iterator[torch.Tensor]:
    """1-D blocks of `now` less `before`, in float32 or float64; each is gone with the next."""
    if now.is_contiguous():
        now, before = now.view(-1), before.view(-1)
    rows = max(1, BLOCK * len(now) // max(1, now.numel())) if now.dim() else 1
    is_single = now.dtype is before.dtype is torch.float32
    for part, old in zip(now.split(rows), before.split(rows), strict=True):
        if is_single and part.dim() == 1:
            yield torch.sub(part, old, out=scratch[: len(part)])
        elif is_single:
            yield torch.sub(part, old).reshape(-1)
        else:
            yield _as_double(part).sub_(_as_double(old)).reshape(-1)


def _as_double(part: torch.Tensor) -> torch.Tensor:
    if part.is_complex():
        return torch.view_as_real(part.to(torch.complex128, copy=True))
    return part.to(torch.float64, copy=True)


def _sum_of_squares(difference: torch.Tensor) -> tuple[float, int]:
    """The sum over the finite elements, and how many these are."""
    lowest, highest = _SAFE_SQUARES
    total = float(torch.dot(difference, difference))
    if lowest <= total <= highest or (total == 0 and not difference.any()):
        return total, difference.numel()
    finite = difference[difference.isfinite()].double()
    return float(torch.dot(finite, finite)), finite.numel()
