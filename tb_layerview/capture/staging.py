"""Recycled host memory between the training thread, which fills it, and the worker.

Fresh memory is slow: the system hands it out page by page, when each is first written, at a
thirtieth of the speed of memory that is in use already. So buffers come back, and after the first
steps no new ones are made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import torch
from torch import nn

from tb_layerview.capture.devices import Transfers, pins_memory
from tb_layerview.capture.staged import Buffer, Room, Staged
from tb_layerview.capture.tensors import Look

ALIGNMENT_BYTES: Final = 64
"""A cache line; no element type needs more."""

SLAB_BYTES: Final = 1 << 18
"""Tensors up to a quarter of this share one buffer: a buffer for each bias would cost too much."""

_CLASSES_PER_OCTAVE: Final = 8
"""Sizes of large buffers between two powers of two: an eighth is wasted at most, and a batch of
another length still finds a buffer to use again."""


class Staging:
    """All the buffers of a `LayerView`, at most `capacity` bytes of them.

    A step may be larger than that. Then tensors are copied whole as far as three quarters of the
    room go. The others are measured where they are. What is kept of these has an eighth of the
    room for elements, another sixteenth for blocks; the rest is for small tensors.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity: Final = capacity
        self.whole_bytes: Final = capacity - capacity // 4
        self.kept_bytes: Final = capacity - capacity // 8
        self.blocks_bytes: Final = capacity - capacity // 16
        self.slab_bytes: Final = min(SLAB_BYTES, capacity)
        self._pins = pins_memory()
        self._idle: dict[int, list[Buffer]] = {}
        self._allocated = 0
        self._leased = 0
        self._changed = threading.Condition()

    def lease(self, *, wait_while: Callable[[], bool] | None = None) -> Lease:
        """Begin the memory of one step.

        Args:
            wait_while: what tells that memory in use may still come back: then a tensor waits
                for it, where it would be refused otherwise.
        """
        if pins_memory() is not self._pins:
            self._drop_idle()
        return Lease(self, wait_while)

    def has_room(self, nbytes: int) -> bool:
        """Whether `nbytes` more could be handed out now."""
        with self._changed:
            return self._leased == 0 or self._leased + nbytes <= self.capacity

    def size_of(self, nbytes: int) -> int:
        """Bytes of the buffer that `nbytes` get: a size that others ask for, too."""
        # PyTorch rounds what it pins up to a power of two.
        classes = 1 if self._pins else _CLASSES_PER_OCTAVE
        step = max(1 << max(nbytes - 1, 1).bit_length() - 1, SLAB_BYTES) // classes
        rounded = -(-nbytes // step) * step
        return min(rounded, self.capacity) if nbytes <= self.capacity else rounded

    def acquire(self, size: int, held: int, wait_while: Callable[[], bool] | None) -> Buffer | None:
        """A buffer of `size` bytes, or None when there is no room for it.

        `held` are the bytes that the one who asks has already: these never come back while it
        waits.
        """
        with self._changed:
            while True:
                idle = self._idle.get(size)
                if idle:
                    self._leased += size
                    return idle.pop()
                if self._make_room(size):
                    break
                if wait_while is None or self._leased <= held or not wait_while():
                    return None
                # A worker that died gives no sign; so look up now and then.
                self._changed.wait(timeout=1.0)
            self._allocated += size
            self._leased += size
        try:
            return Buffer(size, is_pinned=self._pins)
        except BaseException:
            with self._changed:
                self._allocated -= size
                self._leased -= size
            raise

    def acquire_idle(self, size: int) -> Buffer | None:
        """A buffer of `size` bytes that is there and not in use; None where there is none."""
        with self._changed:
            idle = self._idle.get(size)
            if not idle:
                return None
            self._leased += size
            return idle.pop()

    def give_back(self, buffers: dict[Buffer, int]) -> None:
        """Take buffers back, each with its size."""
        with self._changed:
            for buffer, size in buffers.items():
                self._leased -= size
                if buffer.is_pinned is self._pins:
                    self._idle.setdefault(size, []).append(buffer)
                else:
                    self._allocated -= size
            self._changed.notify_all()

    def _drop_idle(self) -> None:
        """Begin anew when accelerators come into use: they wait for memory that is not pinned."""
        with self._changed:
            self._pins = pins_memory()
            self._allocated = self._leased
            self._idle.clear()

    def _make_room(self, size: int) -> bool:
        """Drop idle buffers of other sizes until `size` more bytes may be allocated."""
        if self._leased + size > self.capacity:
            return False
        for other, buffers in self._idle.items():
            while buffers and self._allocated + size > self.capacity:
                buffers.pop()
                self._allocated -= other
        return True


class Lease:
    """The memory of one step: filled by the training thread, given back by the worker."""

    def __init__(self, staging: Staging, wait_while: Callable[[], bool] | None) -> None:
        self._staging = staging
        self._wait_while = wait_while
        self._lock = threading.Lock()
        self._buffers: dict[Buffer, int] = {}
        self._held = 0
        self._slab: Buffer | None = None
        self._room = -1
        self.ahead: Final[dict[nn.Module, list[Room]]] = {}
        """Places that nothing is in yet, by the module that may need them, the next one last."""
        self.transfers: Final = Transfers()
        self.needed = 0
        """Bytes of buffers that the step asked for, refused ones included."""
        self.spared = 0
        """Bytes more that it would have asked for, had there been room for all tensors."""
        self.full = False
        """Whether room was refused: then so it is for every later tensor."""

    def place(self, tensor: torch.Tensor) -> Staged | None:
        """Room for a C-contiguous copy of `tensor`, or None when there is no memory for it."""
        nbytes = tensor.nbytes
        slab_bytes = self._staging.slab_bytes
        with self._lock:
            if not self._is_small(nbytes):
                buffer = self._acquire(self._staging.size_of(nbytes))
                return None if buffer is None else buffer.view(0, tensor.shape, tensor.dtype)
            if nbytes > self._room:
                self._slab = self._acquire(slab_bytes)
                self._room = slab_bytes
            return self._in_slab(nbytes, tensor.shape, tensor.dtype)

    def place_together(self, nbytes: int) -> Buffer | None:
        """A buffer of at least `nbytes` for tensors that are copied whole, if there is one now.

        None otherwise: then there may be room for some of them, or for all when others wait.
        """
        size = self._staging.size_of(nbytes)
        with self._lock:
            if self.full or self._held + size > self._staging.whole_bytes:
                return None
            buffer = self._staging.acquire(size, self._held, None)
            if buffer is not None:
                self.needed += size
                self._hold(buffer, size)
            return buffer

    def place_at_hand(self, look: Look) -> Staged | None:
        """As `place` of a plain tensor like this, if it `takes_whole` it and memory is at hand."""
        with self._lock:
            room = self._at_hand(look)
        return None if room is None else room.staged

    def place_ahead(self, wanted: Iterable[tuple[nn.Module, Sequence[Look]]]) -> None:
        """Keep room in `ahead` for what modules may need, each in this order.

        It is for plain tensors of these looks, and of each if `place_at_hand` has it.
        """
        with self._lock:
            for owner, looks in wanted:
                rooms = map(self._at_hand, reversed(looks))
                self.ahead[owner] = [room for room in rooms if room is not None]

    def drop_ahead(self) -> None:
        """Give back what was kept ahead and not used."""
        with self._lock:
            self._drop_ahead()

    def takes_whole(self, nbytes: int) -> bool:
        """Whether a tensor of `nbytes` is to be copied whole: else it is measured where it is."""
        return self._is_small(nbytes) or self._holds(nbytes, self._staging.whole_bytes)

    def has_room(self, nbytes: int, *, for_blocks: bool) -> bool:
        """Whether there is room for `nbytes` of elements, or of blocks, of a measured tensor."""
        staging = self._staging
        limit = staging.blocks_bytes if for_blocks else staging.kept_bytes
        return self._is_small(nbytes) or self._holds(nbytes, limit)

    def _is_small(self, nbytes: int) -> bool:
        return nbytes <= self._staging.slab_bytes // 4

    def _holds(self, nbytes: int, limit: int) -> bool:
        size = self._staging.size_of(nbytes)
        if self._held + size > limit and self.ahead:
            self.drop_ahead()
        return self._held + size <= limit

    def release(self) -> None:
        """Give the memory back; the copies must not be used any more.

        Of a step that is not recorded in the end, copies may still be on their way from an
        accelerator: this waits for them, as others would be written over.
        """
        self.transfers.abandon()
        with self._lock:
            buffers, self._buffers, self._slab = self._buffers, {}, None
        self._staging.give_back(buffers)

    def _at_hand(self, look: Look) -> Room | None:
        shape, dtype, *_ = look
        nbytes = shape.numel() * dtype.itemsize
        is_small = self._is_small(nbytes)
        if not is_small or nbytes > self._room:
            size = self._staging.slab_bytes if is_small else self._staging.size_of(nbytes)
            if self._held + size > self._staging.whole_bytes:
                return None
            buffer = self._staging.acquire_idle(size)
            if buffer is None:
                return None
            self.needed += size
            self._hold(buffer, size)
            if not is_small:
                return Room(buffer.view(0, shape, dtype), look, buffer)
            self._slab, self._room = buffer, size
        staged = self._in_slab(nbytes, shape, dtype)
        return None if staged is None else Room(staged, look, None)

    def _in_slab(self, nbytes: int, shape: torch.Size, dtype: torch.dtype) -> Staged | None:
        """The next place in the slab; None when there is no slab."""
        offset = self._staging.slab_bytes - self._room
        self._room -= -(-nbytes // ALIGNMENT_BYTES) * ALIGNMENT_BYTES
        return None if self._slab is None else self._slab.view(offset, shape, dtype)

    def _acquire(self, size: int) -> Buffer | None:
        self.needed += size
        if self.full:
            return None
        buffer = None
        if self.ahead:
            buffer = self._staging.acquire(size, self._held, None)
            if buffer is None:
                # What may be needed later must not keep out what is needed now.
                self._drop_ahead()
        if buffer is None:
            buffer = self._staging.acquire(size, self._held, self._wait_while)
        if buffer is None:
            self.full = True
        else:
            self._hold(buffer, size)
        return buffer

    def _hold(self, buffer: Buffer, size: int) -> None:
        self._buffers[buffer] = size
        self._held += size

    def _drop_ahead(self) -> None:
        unused = {
            room.buffer: self._buffers.pop(room.buffer)
            for rooms in self.ahead.values()
            for room in rooms
            if room.buffer is not None
        }
        self.ahead.clear()
        self._held -= sum(unused.values())
        self.needed -= sum(unused.values())
        self._staging.give_back(unused)
