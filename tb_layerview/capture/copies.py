"""Copies of tensors into the memory of one step, each tensor once."""

from __future__ import annotations

import weakref
from typing import NamedTuple

import torch

from tb_layerview.capture.notices import describe
from tb_layerview.capture.staging import Lease, Staged
from tb_layerview.capture.tensors import detached, version_of


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
        with torch._C._DisableTorchDispatch():  # noqa: SLF001 - no other name
            source = detached(tensor)
        # PyTorch does not count what is written through `tensor.data`: such a change is not seen
        # here, as it is not seen by autograd.
        version = version_of(tensor)
        seen = self._seen.get(id(tensor))
        if seen is not None and seen.reference() is tensor and seen.version == version:
            return seen.staged
        staged = self._lease.place(source)
        if staged is not None:
            self._placed.append((staged, source))
            if version is not None:
                self._seen[id(tensor)] = _Seen(weakref.ref(tensor), version, staged)
        return staged

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
                        staged.target.copy_(source)
                        copied += 1
                    except RuntimeError as error:
                        failed[id(staged)] = describe(error)
        finally:
            # Also after an interruption: what was not copied must not be taken for a copy later.
            if copied < len(placed):
                self._seen.clear()
        return failed
