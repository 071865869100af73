"""The parameters and buffers of the chosen modules, as they are when the forward begins."""

from __future__ import annotations

from typing import Final

import torch

from tb_layerview.capture.device_updates import (
    DEVICE_BYTES,
    DeviceUpdates,
    UpdateSums,
    can_measure,
)
from tb_layerview.capture.intake import Intake
from tb_layerview.capture.inventory import Inventory
from tb_layerview.capture.plan import Plan
from tb_layerview.capture.shards import local_part
from tb_layerview.capture.staged import Staged
from tb_layerview.capture.tensors import version_of, versions_of
from tb_layerview.capture.updates import WITNESSES, begin_alike, measured_updates

_NO_ROOM: Final = (
    "The updates of some parameters are not measured: there is no room for copies of them, in host "
    f"memory by queue_bytes, or on their device, where a step may keep {DEVICE_BYTES:,} bytes"
)


class _Own:
    """Tensors of one inventory: as they stand in it, where their copies are, and their versions.

    ``local`` is the part of each that this process has. In a ``block`` are the copies of plain
    tensors in host memory.
    """

    def __init__(self, inventory: Inventory, intake: Intake) -> None:
        self.tensors: Final = inventory.tensors()
        self.group: Final = inventory.group
        placed = intake.place_group(self.group, self.tensors, shared=True)
        self.places: Final = placed.places
        self.block = placed.block
        self.local: Final = self._local() if self.block is None else [*self.tensors]
        self.versions: Final = self.versions_now()

    def versions_now(self) -> list[int | None]:
        """How often each that was copied has been written to by now."""
        if self.block is not None:
            return versions_of(self.local)
        both = zip(self.local, self.places, strict=True)
        return [None if staged is None else version_of(local) for local, staged in both]

    def are_unchanged(self) -> bool:
        """Whether all is as it was copied into the block, as far as `measured_updates` would look.

        In a third of its time, as a step without an optimizer is often one of many.
        """
        block = self.block
        return (
            block is not None
            and self.versions_now() == self.versions
            and self.group.look_alike(self.local)
            and not can_measure(self.local[0])
            and begin_alike(self.local, block.heads(WITNESSES))
        )

    def _local(self) -> list[torch.Tensor]:
        # Those that could not be copied may not answer what they are.
        both = zip(self.tensors, self.places, strict=True)
        return [tensor if staged is None else local_part(tensor) for tensor, staged in both]


class State:
    """Copied when the step begins, as what never runs forward is recorded, too."""

    def __init__(self, plan: Plan, intake: Intake) -> None:
        self._plan = plan
        self._intake = intake
        self._owned: list[_Own] = []
        self._updates = DeviceUpdates()

    def place(self) -> None:
        """Find places for all of it, which `Intake.run` then copies."""
        kinds = self._plan.kinds
        if "param" in kinds:
            parameters = _Own(self._plan.parameters, self._intake)
            self._owned.append(parameters)
            # What holds of one tensor in host memory holds of all.
            if parameters.block is None or can_measure(parameters.local[0]):
                for local, staged in zip(parameters.local, parameters.places, strict=True):
                    self._note(local, staged)
        if "buffer" in kinds:
            self._owned.append(_Own(self._plan.buffers, self._intake))

    def renew(self) -> None:
        """Copy anew what was written to since: the forward begins with it as it is now."""
        for own in self._owned:
            now = own.versions_now()
            if now != own.versions:
                self._renew(own, now)

    def updates(self) -> dict[int, float]:
        """By how much the parameters changed since they were copied; as `measured_updates`."""
        if "param" not in self._plan.kinds or not self._owned:
            return {}
        parameters = self._owned[0]
        if parameters.are_unchanged():
            return {id(staged): 0.0 for staged in parameters.places}
        return measured_updates(parameters.local, parameters.places, parameters.versions)

    def device_updates(self) -> list[UpdateSums]:
        """Those of parameters on accelerators, which the worker reads when they have arrived."""
        return self._updates.measure(self._intake.captured.lease)

    def _renew(self, own: _Own, now: list[int | None]) -> None:
        own.block = None
        stale = [index for index, version in enumerate(now) if version != own.versions[index]]
        for index in stale:
            tensor, stand = own.tensors[index], own.group.stands[index]
            before = own.places[index]
            staged = self._intake.place_again(before, stand.spots, tensor, stand.kind)
            own.places[index] = staged
            own.local[index] = local_part(tensor)
            own.versions[index] = version_of(own.local[index])
            if stand.kind == "param":
                self._note(own.local[index], staged)
        self._intake.run()

    def _note(self, local: torch.Tensor, staged: Staged | None) -> None:
        """See to it that the update of a parameter can be told, or say that it cannot."""
        if staged is None:
            return
        if can_measure(local):
            tells = self._updates.note(local, id(staged))
        else:
            tells = not local.is_cpu or staged.reduction is None
        if not tells:
            self._intake.say(_NO_ROOM, subject="no room for updates")
