"""Copies from accelerators into host memory, for which the training thread never waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import torch

from tb_layerview.capture.lanes import Batch, Lane

_HOST: Final = "cpu"

_lanes: Final[dict[torch.device, Lane]] = {}


class Transfers:
    """The copies of one step: begun by the training thread, waited for by the worker."""

    def __init__(self) -> None:
        self._batches: dict[torch.device, Batch] = {}
        self._sent: list[tuple[Lane, Any]] = []

    def copy(self, target: torch.Tensor, source: torch.Tensor) -> None:
        """Write the values that `source` has now to `target`, in host memory.

        From an accelerator that is done when `sent` was called and `wait` has returned, and
        `source` may be written to at once all the same.

        Raises:
            RuntimeError: it cannot be copied.
        """
        device = source.device
        batch = None if device.type == _HOST else self._batch(device)
        if batch is None:
            target.copy_(source)
            return
        batch.add(target, source)
        if batch.is_full:
            self._send(device)

    def copy_each(self, targets: Sequence[torch.Tensor], sources: Sequence[torch.Tensor]) -> None:
        """As `copy` of each; together, those of one accelerator take a tenth of the time.

        Raises:
            RuntimeError: one of them cannot be copied.
        """
        device = sources[0].device
        batch = self._batch(device) if all(each.device == device for each in sources) else None
        if batch is not None and batch.add_each(targets, sources):
            if batch.is_full:
                self._send(device)
            return
        for target, source in zip(targets, sources, strict=True):
            self.copy(target, source)

    def copy_at_once(self, targets: list[torch.Tensor], sources: list[torch.Tensor]) -> bool:
        """Copy all in one call, where all are on one device; False if that is to be done singly."""
        try:
            if all(source.is_cpu for source in sources):
                # Between two copies Python would find nothing of its own in the processor's caches.
                torch._foreach_copy_(targets, sources)
            elif all(source.is_cuda for source in sources):
                self.copy_each(targets, sources)
            else:
                return False
        except RuntimeError:
            # One after the other tells which of them failed.
            return False
        return True

    def sent(self) -> None:
        """Mark the end of the copies so far, which `wait` then waits for.

        Raises:
            RuntimeError: an accelerator does not take them. Then `wait` raises, too.
        """
        for device in list(self._batches):
            self._send(device)

    def wait(self) -> None:
        """Return when all copies have arrived. The training thread does not call this.

        Raises:
            RuntimeError: some never will.
        """
        if self._batches:
            raise RuntimeError(f"what was to be copied from {[*self._batches]} was not sent")
        sent, self._sent = self._sent, []
        for lane, arrival in sent:
            arrival.synchronize()
            lane.forget_arrived()

    def abandon(self) -> None:
        """Forget copies that were not sent, and return when the others have arrived."""
        while self._batches:
            _, batch = self._batches.popitem()
            batch.abandon()
        self.wait()

    def _batch(self, device: torch.device) -> Batch | None:
        """That of `device`; None where copies are not ordered by streams."""
        batch = self._batches.get(device)
        if batch is None:
            lane = _lane(device)
            if lane is not None:
                batch = self._batches[device] = Batch(lane)
        return batch

    def _send(self, device: torch.device) -> None:
        batch = self._batches[device]
        self._sent.append((batch.lane, batch.send()))
        del self._batches[device]


def pins_memory() -> bool:
    """Whether host memory should be such that an accelerator writes to it by itself."""
    initialized: bool = torch.cuda.is_initialized()
    return initialized


def _lane(device: torch.device) -> Lane | None:
    """The lane of `device`; None where its copies are not ordered by streams."""
    if device.type != "cuda":
        return None
    if device not in _lanes:
        _lanes[device] = Lane(device, torch.cuda)
    return _lanes[device]
