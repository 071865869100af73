"""By how much parameters on accelerators change in a step, measured where they are.

The training thread only begins the work: what comes of it, two numbers a parameter, is on its way
to the host when the worker waits for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import torch

from tb_layerview.capture import reduction
from tb_layerview.capture.device_measure import BLOCK
from tb_layerview.capture.staged import Staged
from tb_layerview.capture.staging import Lease
from tb_layerview.capture.tensors import detached

DEVICE_BYTES: Final = 1 << 30
"""Memory of a device that copies of parameters may take, from the beginning of a recorded step to
its end. Of those that come after, the update is not known."""


class _Noted(NamedTuple):
    """A parameter and its copy, both on the device."""

    parameter: torch.Tensor
    before: torch.Tensor


class UpdateSums(NamedTuple):
    """Of the parameters of one device, whose ``keys`` are as those of `measured_updates`.

    ``sums`` is float64 ``[parameters, 2]``: the sum of squares of the finite changes, and how many
    these are.
    """

    keys: tuple[int, ...]
    sums: Staged


class DeviceUpdates:
    """The changes of one step."""

    def __init__(self) -> None:
        self._noted: dict[int, _Noted] = {}
        self._room = DEVICE_BYTES

    def note(self, parameter: torch.Tensor, key: int) -> bool:
        """Keep a copy of `parameter` as it is now; False if there is no room for it."""
        with torch._C._DisableTorchDispatch():  # noqa: SLF001 - no other name
            now = detached(parameter)
            replaced = self._noted.pop(key, None)
            if replaced is not None:
                self._room += replaced.before.nbytes
            if now.nbytes > self._room:
                return False
            try:
                self._noted[key] = _Noted(parameter, now.clone())
            except torch.cuda.OutOfMemoryError:
                # The training needs what is left more than this does.
                self._room = 0
                return False
            self._room -= now.nbytes
            return True

    def measure(self, lease: Lease) -> list[UpdateSums]:
        """Begin to measure the changes, and to copy the result to the host; forget the copies.

        It is there when ``lease.transfers.wait()`` has returned.
        """
        noted, self._noted = self._noted, {}
        by_device: dict[torch.device, list[int]] = {}
        for key, (parameter, before) in noted.items():
            if parameter.device == before.device and parameter.shape == before.shape:
                by_device.setdefault(before.device, []).append(key)
        found = []
        for device, keys in by_device.items():
            with (
                torch.no_grad(),
                torch.autocast(device.type, enabled=False),
                torch._C._DisableTorchDispatch(),  # noqa: SLF001 - no other name
            ):
                sums = _sums_of([noted[key] for key in keys])
                staged = lease.place(sums)
                if staged is not None:
                    lease.transfers.copy(staged.target, sums)
                    found.append(UpdateSums(tuple(keys), staged))
        return found


def rms_of(measured: list[UpdateSums]) -> Mapping[int, float]:
    """As `measured_updates`, once the sums have arrived in host memory."""
    return {
        key: math.sqrt(squares / count) if count else math.nan
        for keys, staged in measured
        for key, (squares, count) in zip(keys, staged.elements.tolist(), strict=True)
    }


def can_measure(tensor: torch.Tensor) -> bool:
    """Whether the changes of `tensor` can be measured where it is."""
    return (
        tensor.device.type in reduction.REDUCING_DEVICES
        # What is computed here would become a part of the training's own graph.
        and not (tensor.is_cuda and torch.cuda.is_current_stream_capturing())
    )


def _sums_of(noted: Sequence[_Noted]) -> torch.Tensor:
    """float64 ``[parameters, 2]``: the sums of squares of the finite changes, and their numbers."""
    return torch.cat(
        [
            _sums_together(group) if len(group) > 1 else _sums(*group[0])[None]
            for group in _groups(noted)
        ]
    )


def _groups(noted: Sequence[_Noted]) -> Iterator[list[_Noted]]:
    """In order, what fits into a block together and has the same type of elements."""
    group: list[_Noted] = []
    room = 0
    for each in noted:
        size, dtype = each.before.numel(), each.before.dtype
        if group and (size > room or dtype is not group[-1].before.dtype):
            yield group
            group = []
        if not group:
            room = BLOCK
        group.append(each)
        room -= size
    if group:
        yield group


def _sums_together(group: Sequence[_Noted]) -> torch.Tensor:
    """As `_sums` of each: few operations, for which the training thread has to ask."""
    now = torch.cat([detached(each.parameter).reshape(-1) for each in group])
    before = torch.cat([each.before.reshape(-1) for each in group])
    change = (_as_double(now) - _as_double(before)).reshape(-1)
    finite = change.isfinite()
    both = torch.stack([torch.where(finite, change, 0).square_(), finite.double()])
    parts = 2 if now.is_complex() else 1
    sizes = [parts * each.before.numel() for each in group]
    return torch.stack([part.sum(1) for part in both.split(sizes, 1)])


def _sums(parameter: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """float64 ``[2]`` of one parameter, in blocks."""
    result = torch.zeros(2, dtype=torch.float64, device=before.device)
    now = detached(parameter).reshape(-1)
    for part, old in zip(now.split(BLOCK), before.reshape(-1).split(BLOCK), strict=True):
        change = _as_double(part) - _as_double(old)
        finite = change.isfinite()
        squares = torch.where(finite, change, 0).square_().sum()
        result += torch.stack([squares, finite.sum()])
    return result


def _as_double(part: torch.Tensor) -> torch.Tensor:
    return torch.view_as_real(part.to(torch.complex128)) if part.is_complex() else part.double()
