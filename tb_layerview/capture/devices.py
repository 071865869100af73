"""Copies from accelerators into host memory, for which the training thread never waits."""

from __future__ import annotations

from collections import deque
from typing import Any, Final

import torch

DEVICE_BYTES: Final = 256 * 1024 * 1024
"""Memory of an accelerator that copies on their way to the host may take."""

_HOST: Final = "cpu"

_lanes: Final[dict[torch.device, Lane]] = {}


class Transfers:
    """The copies of one step: begun by the training thread, waited for by the worker."""

    def __init__(self) -> None:
        self._busy: dict[torch.device, Lane] = {}
        self._arrivals: list[Any] = []

    def copy(self, target: torch.Tensor, source: torch.Tensor) -> None:
        """Write the values that `source` has now to `target`, in host memory.

        From an accelerator that is done when `wait` has returned, and `source` may be written to
        at once all the same.

        Raises:
            RuntimeError: it cannot be copied.
        """
        lane = None if source.device.type == _HOST else _lane(source.device)
        if lane is None:
            target.copy_(source)
        else:
            lane.copy(target, source)
            self._busy[source.device] = lane

    def sent(self) -> None:
        """Mark the end of the copies so far, which `wait` then waits for."""
        while self._busy:
            _, lane = self._busy.popitem()
            self._arrivals.append(lane.sent())

    def wait(self) -> None:
        """Return when all that was sent has arrived. The training thread does not call this."""
        arrivals, self._arrivals = self._arrivals, []
        for arrival in arrivals:
            arrival.synchronize()


class Lane:
    """A stream of one accelerator that carries nothing but copies to the host.

    A tensor is first copied on the device, in the stream of the training: that takes a hundredth
    of the time of the way to the host, and what comes after may write to the original. Where
    `DEVICE_BYTES` of such copies are under way, the training's stream waits on the device for
    those to the host. The host waits in neither case.
    """

    def __init__(self, device: torch.device, api: Any) -> None:  # noqa: ANN401 - a module
        """Of a `device` whose streams and events are those of the module `api` (``torch.cuda``)."""
        self._device = device
        self._api = api
        self._stream = api.Stream(device=device)
        self._unsent_bytes = 0
        self._under_way: deque[tuple[Any, int]] = deque()

    def copy(self, target: torch.Tensor, source: torch.Tensor) -> None:
        """Begin to copy `source`."""
        training = self._api.current_stream(self._device)
        if self._api.is_current_stream_capturing():
            raise RuntimeError("it is computed in a CUDA graph, which cannot be looked into")
        fits = self._bytes_under_way() + source.nbytes <= DEVICE_BYTES
        if fits:
            source = source.clone()
            self._unsent_bytes += source.nbytes
        self._stream.wait_stream(training)
        with self._api.stream(self._stream):
            target.copy_(source, non_blocking=True)
        # The allocator would give the memory to the training's next tensor once nobody holds it.
        source.record_stream(self._stream)
        if not fits:
            training.wait_stream(self._stream)

    def sent(self) -> Any:  # noqa: ANN401 - the event of an accelerator's own module
        """An event that is done when all copies so far have arrived."""
        event = self._api.Event()
        event.record(self._stream)
        self._under_way.append((event, self._unsent_bytes))
        self._unsent_bytes = 0
        return event

    def _bytes_under_way(self) -> int:
        while self._under_way and self._under_way[0][0].query():
            self._under_way.popleft()
        return self._unsent_bytes + sum(nbytes for _, nbytes in self._under_way)


def pins_memory() -> bool:
    """Whether host memory should be such that an accelerator writes to it by itself."""
    return torch.cuda.is_available() and torch.cuda.is_initialized()


def _lane(device: torch.device) -> Lane | None:
    """The lane of `device`; None where its copies are not ordered by streams."""
    if device.type != "cuda":
        return None
    if device not in _lanes:
        _lanes[device] = Lane(device, torch.cuda)
    return _lanes[device]
