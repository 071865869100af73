"""Copies of tensors into the memory of one step, each tensor once."""

from __future__ import annotations

import weakref
from typing import NamedTuple

import torch

from tb_layerview.capture.notices import describe
from tb_layerview.capture.shards import local_part
from tb_layerview.capture.staging import Lease, Staged
from tb_layerview.capture.tensors import detached, stored_type, version_of


class _Seen(NamedTuple):
    """A tensor that was copied: the same one at the same version needs no second copy."""

    reference: weakref.ref[torch.Tensor]
    version: int
    staged: Staged


class Copies:
    """First finds places for tensors, then copies them all.

    These are two passes because a large copy drives all else out of the processor's caches: what
    runs between two of them is slow.

    Both pass by the modes of ``__torch_dispatch__`` that a training may be in. Selective
    checkpointing is one: it takes down what every operation returned, and hands that out again
    when the same operations run in backward.
    """

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._seen: dict[int, _Seen] = {}
        self._placed: list[tuple[Staged, torch.Tensor]] = []

    def place(self, tensor: torch.Tensor) -> Staged | None:
        """Where the copy of `tensor` will be after `run`; None when there is no memory for it.

        The same tensor, not written to since, gets the same copy.

        Raises:
            UnrecordableError: it cannot be recorded.
            RuntimeError, TypeError, ValueError: what tensors of exotic classes answer.
        """
        tensor = local_part(tensor)
        seen = self._seen.get(id(tensor))
        # PyTorch does not count what is written through `tensor.data`: such a change is not seen
        # here, as it is not seen by autograd.
        if seen is not None and seen.reference() is tensor and seen.version == version_of(tensor):
            return seen.staged
        with torch._C._DisableTorchDispatch():  # noqa: SLF001 - no other name
            staged = self._placed_for(detached(tensor))
        version = version_of(tensor)
        if staged is not None and version is not None:
            self._seen[id(tensor)] = _Seen(weakref.ref(tensor), version, staged)
        return staged

    def place_again(self, tensor: torch.Tensor, before: Staged | None) -> Staged | None:
        """As `place`, for what is recorded as it is last: over the copy `before`, if that fits.

        Such a copy is that of no other tensor, as it may change. Raises as `place`.
        """
        with torch._C._DisableTorchDispatch():  # noqa: SLF001 - as above
            source = detached(local_part(tensor))
            if before is None or before.target.shape != source.shape:
                return self._placed_for(source)
            if before.target.dtype is not stored_type(source.dtype):
                return self._placed_for(source)
        self._placed.append((before, source))
        return before

    def run(self) -> dict[int, str]:
        """Copy all that was placed.

        Returns:
            By the ``id`` of its `Staged`, why a copy failed.
        """
        placed, self._placed = self._placed, []
        failed: dict[int, str] = {}
        copied = 0
        try:
            with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():  # noqa: SLF001
                for staged, source in placed:
                    try:
                        self._lease.transfers.copy(staged.target, source)
                        copied += 1
                    except RuntimeError as error:
                        failed[id(staged)] = describe(error)
        finally:
            self._lease.transfers.sent()
            # Also after an interruption: what was not copied must not be taken for a copy later.
            if copied < len(placed):
                self._seen.clear()
        return failed

    def _placed_for(self, source: torch.Tensor) -> Staged | None:
        layout = source
        if (stored := stored_type(source.dtype)) is not source.dtype:
            layout = torch.empty(source.shape, dtype=stored, device="meta")
        staged = self._lease.place(layout)
        if staged is not None:
            self._placed.append((staged, source))
        return staged
