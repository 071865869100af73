"""The parameters and buffers of the chosen modules, as they are when the forward begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import torch

from tb_layerview.capture.captured import Spot
from tb_layerview.capture.device_updates import (
    DEVICE_BYTES,
    DeviceUpdates,
    UpdateSums,
    can_measure,
)
from tb_layerview.capture.intake import Intake
from tb_layerview.capture.plan import Plan
from tb_layerview.capture.shards import local_part
from tb_layerview.capture.staged import Staged
from tb_layerview.capture.structure import own_buffers, own_parameters
from tb_layerview.capture.tensors import version_of
from tb_layerview.capture.updates import measured_updates

_NO_ROOM: Final = (
    "The updates of some parameters are not measured: there is no room for copies of them, in host "
    f"memory by queue_bytes, or on their device, where a step may keep {DEVICE_BYTES:,} bytes"
)


class _Copied(NamedTuple):
    """A tensor that was copied, all places where it stands, and how often it had been written.

    ``local`` is the part of it that this process has.
    """

    staged: Staged
    tensor: torch.Tensor
    local: torch.Tensor
    kind: str
    spots: list[Spot]
    version: int | None


class State:
    """Copied when the step begins, as what never runs forward is recorded, too."""

    def __init__(self, plan: Plan, intake: Intake) -> None:
        self._plan = plan
        self._intake = intake
        self._copied: dict[int, _Copied] = {}
        self._updates = DeviceUpdates()

    def place(self) -> None:
        """Find places for all of it, which `Intake.run` then copies."""
        tensors = list(self._tensors())
        places = self._intake.place_each(tensors, shared=True)
        for (spots, tensor, kind), staged in zip(tensors, places, strict=True):
            if staged is None:
                continue
            if id(staged) in self._copied:
                self._copied[id(staged)].spots.extend(spots)
                continue
            self._take(staged, tensor, kind, spots)

    def renew(self) -> None:
        """Copy anew what was written to since: the forward begins with it as it is now."""
        stale = [
            copied for copied in self._copied.values() if copied.version != version_of(copied.local)
        ]
        for before, tensor, _, kind, spots, _ in stale:
            del self._copied[id(before)]
            staged = self._intake.place_again(before, spots, tensor, kind)
            if staged is not None:
                self._take(staged, tensor, kind, spots)
        if stale:
            self._intake.run()

    def updates(self) -> dict[int, float]:
        """By how much the parameters changed since they were copied; as `measured_updates`."""
        return measured_updates(
            (copied.local, copied.staged, copied.version)
            for copied in self._copied.values()
            if copied.kind == "param"
        )

    def device_updates(self) -> list[UpdateSums]:
        """Those of parameters on accelerators, which the worker reads when they have arrived."""
        return self._updates.measure(self._intake.captured.lease)

    def _take(self, staged: Staged, tensor: torch.Tensor, kind: str, spots: list[Spot]) -> None:
        local = local_part(tensor)
        version = version_of(local)
        self._copied[id(staged)] = _Copied(staged, tensor, local, kind, spots, version)
        if kind == "param" and not self._will_tell_update(local, staged):
            self._intake.say(_NO_ROOM, subject="no room for updates")

    def _will_tell_update(self, local: torch.Tensor, staged: Staged) -> bool:
        """Whether there is, or was room for, a copy of a parameter to compare it with."""
        if can_measure(local):
            return self._updates.note(local, id(staged))
        return not local.is_cpu or staged.reduction is None

    def _tensors(self) -> Iterator[tuple[list[Spot], torch.Tensor, str]]:
        for place in self._plan.places:
            module = place.module
            if "param" in self._plan.kinds:
                for name, parameter in own_parameters(module):
                    yield [Spot(place, name)], parameter, "param"
            if "buffer" in self._plan.kinds:
                for name, buffer in own_buffers(module):
                    yield [Spot(place, name)], buffer, "buffer"
