"""Copies of tensors into the memory of one step, each tensor once."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable

import torch

from tb_layerview.capture.groups import Block, Group
from tb_layerview.capture.notices import describe
from tb_layerview.capture.reduction import Reducer
from tb_layerview.capture.shards import local_part
from tb_layerview.capture.staged import Staged, StagedReduction, without_elements
from tb_layerview.capture.staging import Lease
from tb_layerview.capture.tensors import (
    ELEMENT_TYPES,
    PLAIN,
    detached,
    is_wrapper,
    look_of,
    stored_type,
    version_of,
    versions_of,
)

AxisOf = Callable[[tuple[int, ...]], int | None]
"""Tells which axis of a tensor of this shape counts the samples of the batch; None if none does."""


_Seen = tuple[weakref.ref[torch.Tensor], int | None, Staged]
"""A tensor that was copied, and its version: unchanged, it needs no second copy."""


class Copies:
    """First finds places for tensors, then copies them all.

    These are two passes because a large copy drives all else out of the processor's caches: what
    runs between two of them is slow.

    Both pass by the modes of ``__torch_dispatch__`` and the transforms of ``torch.func`` that a
    training may be in. Selective checkpointing is such a mode: it takes down what every operation
    returned, and hands that out again when the same operations run in backward.
    """

    def __init__(self, lease: Lease, reducer: Reducer | None = None) -> None:
        self._lease = lease
        self._reducer = reducer
        self._seen: dict[int, _Seen] = {}
        # Whose copy, where to, and from where.
        self._placed: list[tuple[Staged, torch.Tensor, torch.Tensor]] = []
        self._together: list[tuple[Block, list[torch.Tensor]]] = []

    def copy_now(self, tensor: torch.Tensor, room: Staged) -> Staged:
        """Copy a plain `tensor` into `room`, which is made for such a one.

        Returns:
            `room`; or the copy that there is already, if it was not written to since.

        Raises:
            RuntimeError: it cannot be copied.
        """
        version = version_of(tensor)
        seen = self._seen.get(id(tensor))
        if seen is not None and seen[1] == version and seen[0]() is tensor:
            return seen[2]
        if tensor.is_cpu:
            room.target.copy_(tensor.detach())
        else:
            self._lease.transfers.copy(room.target, tensor.detach())
        if version is not None:
            self._seen[id(tensor)] = weakref.ref(tensor), version, room
        return room

    def place(self, tensor: torch.Tensor, axis_of: AxisOf) -> Staged | None:
        """Where the copy of `tensor` will be after `run`; None when there is no memory for it.

        The same tensor, not written to since, gets the same copy.

        Raises:
            UnrecordableError: it cannot be recorded.
            RuntimeError, TypeError, ValueError: what tensors of exotic classes answer.
        """
        if type(tensor) not in PLAIN:
            tensor = local_part(tensor)
        staged = self._copy_of(tensor)
        if staged is not None:
            reduction = staged.reduction
            # What was reduced as an output is none of the parameter that it is, too.
            if reduction is None or reduction.sample_axis == axis_of(staged.elements.shape):
                return staged
        with torch._C._DisableTorchDispatch(), torch._C._DisableFuncTorch():  # noqa: SLF001 - no other name
            staged = self._placed_for(detached(tensor), axis_of)
        version = version_of(tensor)
        if staged is not None and version is not None:
            self._seen[id(tensor)] = weakref.ref(tensor), version, staged
        return staged

    def is_plain(self, tensor: torch.Tensor) -> bool:
        """Whether it is as most are: on the host or a GPU, dense, and copied whole as it is."""
        return (
            type(tensor) in PLAIN
            and (tensor.is_cpu or tensor.is_cuda)
            and tensor.dtype in ELEMENT_TYPES
            and tensor.layout is torch.strided
            and not tensor.is_nested
            and not is_wrapper(tensor)
            and (self._reducer is None or self._reducer.leaves_whole(tensor))
        )

    def place_together(
        self, group: Group, tensors: list[torch.Tensor], *, shared: bool
    ) -> Block | None:
        """As `place_each` of all `tensors` of a `group`; None if they cannot have one buffer."""
        if not group.fits(tensors, self.is_plain):
            return None
        versions = versions_of(tensors) if shared else []
        # What has a copy already, or cannot be known again, is looked at one by one.
        if None in versions or (shared and not self._seen.keys().isdisjoint(map(id, tensors))):
            return None
        buffer = self._lease.place_together(group.nbytes)
        if buffer is None:
            return None
        block = group.block_in(buffer)
        if shared:
            seen = zip(map(weakref.ref, tensors), versions, block.places, strict=True)
            self._seen.update(zip(map(id, tensors), seen, strict=True))
        self._together.append((block, tensors))
        return block

    def place_each(
        self, tensors: Iterable[torch.Tensor], *, shared: bool
    ) -> dict[int, Staged | None]:
        """As `place` of each, in a fraction of the time, but only of those that are plain.

        That ends with the first that has no room: what comes first is to have it.

        Args:
            tensors: in host memory or not, of any class.
            shared: whether the same tensor gets the same copy, now and later.

        Returns:
            By their position, the places of those.
        """
        found: dict[int, Staged | None] = {}
        with torch._C._DisableTorchDispatch():  # noqa: SLF001 - as above
            for position, tensor in enumerate(tensors):
                if not self.is_plain(tensor):
                    continue
                version = version_of(tensor) if shared else None
                known = self._copy_of(tensor) if shared else None
                if known is not None:
                    found[position] = known
                    continue
                staged = self._lease.place_at_hand(look_of(tensor))
                if staged is None and not self._lease.takes_whole(tensor.nbytes):
                    break
                found[position] = staged = staged or self._lease.place(tensor)
                if staged is None:
                    continue
                self._placed.append((staged, staged.target, tensor.detach()))
                if version is not None:
                    self._seen[id(tensor)] = weakref.ref(tensor), version, staged
        return found

    def place_again(
        self, tensor: torch.Tensor, before: Staged | None, axis_of: AxisOf
    ) -> Staged | None:
        """As `place`, for what is recorded as it is last: over the copy `before`, if that fits.

        Such a copy is that of no other tensor, as it may change. Raises as `place`.
        """
        with torch._C._DisableTorchDispatch(), torch._C._DisableFuncTorch():  # noqa: SLF001 - as above
            source = detached(local_part(tensor))
            if (
                before is None
                or before.target.shape != source.shape
                or before.target.dtype is not stored_type(source.dtype)
            ):
                return self._placed_for(source, axis_of)
            if before.reduction is not None and self._reducer is not None:
                axis = before.reduction.sample_axis
                return self._reduced(self._reducer, source, axis, before)
        self._placed.append((before, before.target, source))
        return before

    def run(self) -> dict[int, str]:
        """Copy all that was placed.

        Returns:
            By the ``id`` of its `Staged`, why a copy failed.
        """
        placed, self._placed = self._placed, []
        together, self._together = self._together, []
        failed: dict[int, str] = {}
        if not placed and not together:
            return failed
        is_done = False
        try:
            with (
                torch.no_grad(),
                torch._C.DisableTorchFunction(),  # noqa: SLF001 - no other name
                torch._C._DisableTorchDispatch(),  # noqa: SLF001 - as above
                torch._C._DisableFuncTorch(),  # noqa: SLF001 - as above
            ):
                transfers = self._lease.transfers
                for block, sources in together:
                    if not transfers.copy_at_once(block.targets, sources):
                        placed += zip(block.places, block.targets, sources, strict=True)
                if len(placed) > 1:
                    _, targets, sources = map(list, zip(*placed, strict=True))
                    if transfers.copy_at_once(targets, sources):
                        placed = []
                for staged, target, source in placed:
                    try:
                        transfers.copy(target, source)
                    except RuntimeError as error:
                        failed[id(staged)] = describe(error)
            is_done = not failed
        finally:
            # Also after an interruption: what was not copied must not be taken for a copy later.
            if not is_done:
                self._seen.clear()
        return failed

    def forget(self) -> None:
        """Know no tensor again that was copied."""
        self._seen.clear()

    def _copy_of(self, tensor: torch.Tensor) -> Staged | None:
        """The copy that there is of `tensor` as it is now."""
        seen = self._seen.get(id(tensor))
        if seen is None:
            return None
        reference, version, staged = seen
        # PyTorch does not count what is written through `tensor.data`: such a change is not seen
        # here, as it is not seen by autograd.
        return staged if reference() is tensor and version == version_of(tensor) else None

    def _placed_for(self, source: torch.Tensor, axis_of: AxisOf) -> Staged | None:
        if self._reducer is not None:
            if self._reducer.can_reduce(source):
                axis = axis_of(tuple(source.shape))
                if self._reducer.is_too_large(source, axis):
                    return self._reduced(self._reducer, source, axis)
            nbytes = source.numel() * stored_type(source.dtype).itemsize
            if not self._lease.takes_whole(nbytes) and self._reducer.can_measure(source):
                axis = axis_of(tuple(source.shape))
                # Measuring it spares nothing if all of it is kept.
                if not (
                    self._reducer.keeps_all(source, axis)
                    and self._lease.has_room(nbytes, for_blocks=False)
                ):
                    return self._measured(self._reducer, source, axis, nbytes)
        staged = self._place(source)
        if staged is not None:
            self._placed.append((staged, staged.target, source))
        return staged

    def _measured(
        self, reducer: Reducer, source: torch.Tensor, axis: int | None, nbytes: int
    ) -> Staged | None:
        """Reduce a `source` of `nbytes` for which there is no room."""
        before = self._lease.needed
        staged = self._reduced(reducer, source, axis)
        self._lease.spared += nbytes - (self._lease.needed - before)
        return staged

    def _place(self, source: torch.Tensor) -> Staged | None:
        if source.dtype not in ELEMENT_TYPES:
            stored = stored_type(source.dtype)
            source = torch.empty(source.shape, dtype=stored, device="meta")
        return self._lease.place(source)

    def _reduced(
        self, reducer: Reducer, source: torch.Tensor, axis: int | None, before: Staged | None = None
    ) -> Staged | None:
        """Reduce `source` where it is now; the results go over those of `before`, if they fit."""
        places = [] if before is None or before.reduction is None else [*before.reduction.copies]
        own_bytes = sum(place.target.nbytes for place in places)

        def has_room(nbytes: int, *, for_blocks: bool) -> bool:
            return nbytes <= own_bytes or self._lease.has_room(nbytes, for_blocks=for_blocks)

        reduced = reducer.reduce(source, axis, has_room)
        results = reduced.results
        if [place.target.shape for place in places] != [result.shape for result in results]:
            before = None
            places = [place for place in map(self._place, results) if place is not None]
            if len(places) < len(results):
                return None
        if before is None or reduced.summary is not None:
            layout = torch.empty(source.shape, dtype=stored_type(source.dtype), device="meta")
            reduction = StagedReduction(tuple(places), axis, reduced.summary, reduced.has_elements)
            before = without_elements(layout, reduction)
        self._placed += [
            (before, place.target, result) for place, result in zip(places, results, strict=True)
        ]
        return before
