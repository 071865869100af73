"""Takes single tensors into a captured step, and says which could not be taken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import torch

from tb_layerview.capture.batches import counted_axis
from tb_layerview.capture.captured import Captured, CapturedStep, Spot
from tb_layerview.capture.copies import Copies
from tb_layerview.capture.groups import Block, Group
from tb_layerview.capture.notices import Notices, cause_of, describe
from tb_layerview.capture.shards import Shard, shard_of
from tb_layerview.capture.staged import Staged
from tb_layerview.capture.structure import Place
from tb_layerview.capture.tensors import PLAIN, UnrecordableError


class Placed(NamedTuple):
    """Where copies of a group will be: of each, or None; and the block, if all are in one."""

    places: list[Staged | None]
    block: Block | None


class Intake:
    """Tensors are first placed, then copied together by `run`; who calls holds `lock`."""

    def __init__(self, captured: CapturedStep, notices: Notices) -> None:
        self.captured: Final = captured
        # Replicas of a module run in threads of their own, and so does backward. A tensor whose
        # class has code of its own may come back here while it is copied.
        self.lock: Final = threading.RLock()
        self.batch: int | None = None
        """How many samples the batch has, as far as known."""
        self.settle: Callable[[], None] = _nothing
        """Called before anything is placed: what was copied before that comes first."""
        self._notices = notices
        self._copies = Copies(captured.lease, captured.reducer)
        self._pending: list[Captured] = []
        self.copy_now: Final = self._copies.copy_now
        """`kept` tells later where the tensor stands."""

    def kept(self, places: Sequence[Place], call: int, staged: Staged) -> None:
        """Take in what `copy_now` copied: what a call of the module in `places` returned."""
        for place in places:
            self.captured.tensors.append(Captured(place, "output", "", call, staged, self.batch))

    def place(self, spots: Sequence[Spot], tensor: torch.Tensor, kind: str) -> Staged | None:
        """Find room for `tensor`, which stands in all of `spots`.

        Returns:
            Where the copy will be; None when there is none.
        """
        self.settle()
        try:
            shard = None if type(tensor) in PLAIN else shard_of(tensor)
            staged = self._copies.place(tensor, partial(self._sample_axis, spots[0], kind, shard))
        except (UnrecordableError, RuntimeError, TypeError, ValueError) as error:
            self.refuse(spots[0].place, kind, spots[0].name, _reason(error))
            return None
        if staged is not None:
            self._keep(spots, staged, kind, shard)
        return staged

    def is_plain(self, tensor: torch.Tensor) -> bool:
        """As `Copies.is_plain`."""
        return self._copies.is_plain(tensor)

    def place_group(self, group: Group, tensors: list[torch.Tensor], *, shared: bool) -> Placed:
        """As `place` of each; if not ``shared``, as `place_again` of what was not placed before."""
        self.settle()
        block = self._copies.place_together(group, tensors, shared=shared)
        if block is not None:
            self._pending += block.captured(group.stands, self.batch)
            return Placed([*block.places], block)
        found = self._copies.place_each(tensors, shared=shared)
        places: list[Staged | None] = []
        for position, (stand, tensor) in enumerate(zip(group.stands, tensors, strict=True)):
            spots, kind = stand.spots, stand.kind
            if position in found:
                staged = found[position]
                if staged is not None:
                    self._keep(spots, staged, kind, None)
            elif shared:
                staged = self.place(spots, tensor, kind)
            else:
                staged = self.place_again(None, spots, tensor, kind)
            places.append(staged)
        return Placed(places, None)

    def place_again(
        self, before: Staged | None, spots: Sequence[Spot], tensor: torch.Tensor, kind: str
    ) -> Staged | None:
        """As `place`, for what takes the place of the copy `before` that this step has of it."""
        self.settle()
        staged = None
        try:
            axis_of = partial(self._sample_axis, spots[0], kind, shard_of(tensor))
            staged = self._copies.place_again(tensor, before, axis_of)
        except (UnrecordableError, RuntimeError, TypeError, ValueError) as error:
            self.refuse(spots[0].place, kind, spots[0].name, _reason(error))
        # What could not be copied now is absent: the value of before is not its last one.
        if before is not None and staged is not before:
            self._forget(before)
        if staged is not None and staged is not before:
            self._keep(spots, staged, kind, shard_of(tensor))
        return staged

    def run(self) -> None:
        """Copy what was placed since the last time: only what has its elements is captured."""
        items, self._pending = self._pending, []
        failed = self._copies.run()
        self.captured.tensors += items
        if failed:
            self._take_back(failed)

    def forget(self) -> None:
        """Let go of the tensors that were copied."""
        self._copies.forget()

    def refuse(self, place: Place, kind: str, name: str, reason: str) -> None:
        """Say why a tensor is not recorded; once for each reason."""
        what = ".".join(part for part in (kind, name) if part)
        if kind == "sample":
            # As the arguments of `step` and `predictions` are called.
            where = name
        else:
            where = f"{place.path}/{what}" if place.path else f"The model's {what}"
        self.say(f"{where} is not recorded: {reason}", subject=cause_of(reason))

    def say(self, sentence: str, *, subject: str) -> None:
        """Put a sentence into the frame, and warn of it if it is the first of its subject."""
        self.captured.problems.append(self._notices.say(sentence, subject))

    def _keep(self, spots: Sequence[Spot], staged: Staged, kind: str, shard: Shard | None) -> None:
        for place, name, call in spots:
            self._pending.append(Captured(place, kind, name, call, staged, self.batch, shard))

    def _sample_axis(
        self, spot: Spot, kind: str, shard: Shard | None, shape: tuple[int, ...]
    ) -> int | None:
        """The axis of a tensor that counts the samples of the batch; None where none does."""
        # Samples that other processes have cannot be counted here: a shard is kept whole.
        if shard is not None:
            return None
        return counted_axis(spot.place, kind, spot.name, shape, self.batch)

    def _take_back(self, failed: dict[int, str]) -> None:
        tensors = self.captured.tensors
        for item in tensors:
            if id(item.staged) in failed:
                self.refuse(item.place, item.kind, item.name, failed[id(item.staged)])
        tensors[:] = [item for item in tensors if id(item.staged) not in failed]

    def _forget(self, staged: Staged) -> None:
        tensors = self.captured.tensors
        tensors[:] = [item for item in tensors if item.staged is not staged]


def _nothing() -> None:
    """Nothing is to be done."""


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, UnrecordableError) else describe(error)
