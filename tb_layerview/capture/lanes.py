"""A stream of an accelerator that carries copies to the host, and batches of these."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import torch

DEVICE_BYTES: Final = 256 * 1024 * 1024
"""Memory of an accelerator that copies on their way to the host may take."""

BATCH_BYTES: Final = 8 * 1024 * 1024
"""Copies are sent to the host when there are that many bytes of them: for the training thread, it
is dearer to begin a way from stream to stream than to copy."""


class Batch:
    """Copies that go to the host together.

    A tensor is first copied on the device, in the stream of the training: that takes a hundredth
    of the time of the way to the host, and what comes after may write to the original. Where there
    is no room for that, the training's stream waits on the device for the copy to the host. The
    host waits in neither case.
    """

    def __init__(self, lane: Lane) -> None:
        """Of the device of `lane`."""
        self.lane: Final = lane
        self._copies: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._streams: list[Any] = []
        self._nbytes = 0
        self._is_cloned = True

    @property
    def is_full(self) -> bool:
        """Whether it is to be sent before anything is added."""
        return self._nbytes >= BATCH_BYTES or not self._is_cloned

    def add(self, target: torch.Tensor, source: torch.Tensor) -> None:
        """Begin to copy `source`."""
        self._check(source)
        clones = self.lane.clones([source])
        if clones is None:
            self._is_cloned = False
        else:
            self._nbytes += source.nbytes
            (source,) = clones
        self._copies.append((target, source))
        self._note_stream()

    def add_each(self, targets: Sequence[torch.Tensor], sources: Sequence[torch.Tensor]) -> bool:
        """Begin to copy all of `sources`; False if there is no room to copy them on the device."""
        for source in sources:
            self._check(source)
        clones = self.lane.clones(sources)
        if clones is None:
            return False
        self._nbytes += sum(source.nbytes for source in sources)
        self._copies += zip(targets, clones, strict=True)
        self._note_stream()
        return True

    def _check(self, source: torch.Tensor) -> None:
        if self.lane.api.is_current_stream_capturing():
            raise RuntimeError("it is computed in a CUDA graph, which cannot be looked into")
        # A wrapper, such as torch.func's of the tensors of many samples, raises an error: it
        # would not do so before it is sent, together with others.
        source.data_ptr()

    def _note_stream(self) -> None:
        training = self.lane.api.current_stream(self.lane.device)
        if training not in self._streams:
            self._streams.append(training)

    def send(self) -> Any:  # noqa: ANN401 - the event of an accelerator's own module
        """An event that is done when all copies have arrived."""
        api, stream = self.lane.api, self.lane.stream
        for training in self._streams:
            stream.wait_stream(training)
        with api.stream(stream):
            for target, source in self._copies:
                target.copy_(source, non_blocking=True)
        event = api.Event(blocking=True)
        event.record(stream)
        if not self._is_cloned:
            # The one that is no clone came last, from the stream that is the current one.
            api.current_stream(self.lane.device).wait_stream(stream)
            # The allocator would give its memory to a tensor of yet another stream.
            self._copies.pop()[1].record_stream(stream)
        self.lane.keep(_UnderWay(event, self._nbytes, [clone for _, clone in self._copies]))
        return event

    def abandon(self) -> None:
        """Give its room on the device back without having been sent."""
        self.lane.give_back(self._nbytes)


class _UnderWay(NamedTuple):
    """What must live until `event` is done."""

    event: Any
    nbytes: int
    clones: list[torch.Tensor]


class Lane:
    """A stream of one accelerator that carries nothing but copies to the host."""

    def __init__(self, device: torch.device, api: Any) -> None:  # noqa: ANN401 - a module
        """Of a `device` whose streams and events are those of the module `api` (``torch.cuda``)."""
        self.device: Final = device
        self.api: Final = api
        self.stream: Final = api.Stream(device=device)
        self._lock = threading.Lock()
        self._under_way: deque[_UnderWay] = deque()
        self._cloned_bytes = 0

    def clones(self, sources: Sequence[torch.Tensor]) -> list[torch.Tensor] | None:
        """Copies on the device; None where there is no room for them."""
        self.forget_arrived()
        nbytes = sum(source.nbytes for source in sources)
        with self._lock:
            if self._cloned_bytes + nbytes > DEVICE_BYTES:
                return None
            self._cloned_bytes += nbytes
        try:
            return _clones(sources)
        except torch.cuda.OutOfMemoryError:
            # The training needs what is left more than this does.
            self.give_back(nbytes)
            return None
        except BaseException:
            self.give_back(nbytes)
            raise

    def give_back(self, nbytes: int) -> None:
        """Count `nbytes` of clones as gone."""
        with self._lock:
            self._cloned_bytes -= nbytes

    def keep(self, under_way: _UnderWay) -> None:
        """Let its clones live until they have arrived on the host."""
        with self._lock:
            self._under_way.append(under_way)

    def forget_arrived(self) -> None:
        """Drop the clones that are not needed any more."""
        with self._lock:
            while self._under_way and self._under_way[0].event.query():
                self._cloned_bytes -= self._under_way.popleft().nbytes


def _clones(sources: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    if len(sources) == 1:
        return [sources[0].clone()]
    clones = [torch.empty_like(each, memory_format=torch.contiguous_format) for each in sources]
    # One operation for all of them: to ask for one takes longer than to copy a small tensor.
    torch._foreach_copy_(clones, list(sources))
    return clones
