"""Tensors that are copied together in every recorded step, into one buffer.

To find a place for a tensor takes longer than to copy a small one. Parameters and their gradients
are in each step what they were in the step before: then there is one place to find for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
import torch

from tb_layerview.capture.captured import Captured, Spot
from tb_layerview.capture.staged import Buffer, Staged
from tb_layerview.capture.staging import ALIGNMENT_BYTES
from tb_layerview.capture.tensors import PLAIN, Look, look_of
from tb_layerview.log.dtypes import Array


@dataclass(frozen=True, slots=True)
class Stand:
    """All spots of one tensor, and what it is there."""

    spots: list[Spot]
    kind: str


class Block:
    """The places of a group's tensors in one buffer."""

    __slots__ = ("_captured", "_heads", "places", "targets")

    def __init__(self, places: list[Staged]) -> None:
        self.places: Final = places
        self.targets: Final = [place.target for place in places]
        self._captured: tuple[int | None, list[Captured]] | None = None
        self._heads: list[memoryview] = []

    def heads(self, elements: int) -> list[memoryview]:
        """The bytes of the first `elements` of each copy, always of as many; looked at in place."""
        if not self._heads:
            self._heads = [_bytes_of(place.elements, elements) for place in self.places]
        return self._heads

    def captured(self, stands: Sequence[Stand], batch: int | None) -> list[Captured]:
        """What stands here of tensors that stand in `stands`; made once for each `batch`."""
        if self._captured is None or self._captured[0] != batch:
            self._captured = batch, captured_in(stands, self.places, batch)
        return self._captured[1]


class Group:
    """Tensors whose ``stands`` are the same in every step; what is copied of them changes."""

    def __init__(self, stands: Sequence[Stand]) -> None:
        self.stands: Final = stands
        self.nbytes = 0
        """What a block of the tensors that it was told of last takes."""
        self._looks: list[Look] = []
        self._offsets: list[int] = []
        # Without these, what the stands refer to would live as long as the buffers.
        self._blocks: WeakKeyDictionary[Buffer, Block] = WeakKeyDictionary()

    def fits(
        self, tensors: Sequence[torch.Tensor], is_plain: Callable[[torch.Tensor], bool]
    ) -> bool:
        """Whether `tensors` may be copied as a block: some, all of them plain and on the host."""
        if not tensors or not PLAIN.issuperset(map(type, tensors)):
            return False
        looks = [*map(look_of, tensors)]
        if looks != self._looks:
            if not all(tensor.is_cpu and is_plain(tensor) for tensor in tensors):
                return False
            self._lay_out(tensors)
            self._looks = looks
        return True

    def look_alike(self, tensors: Sequence[torch.Tensor]) -> bool:
        """Whether they look as those did that a block was made for last."""
        return [*map(look_of, tensors)] == self._looks

    def block_in(self, buffer: Buffer) -> Block:
        """The places in a `buffer` of at least `nbytes`."""
        block = self._blocks.get(buffer)
        if block is None:
            block = self._blocks[buffer] = Block(
                [
                    buffer.view(offset, shape, dtype)
                    for offset, (shape, dtype, *_) in zip(self._offsets, self._looks, strict=True)
                ]
            )
        return block

    def _lay_out(self, tensors: Sequence[torch.Tensor]) -> None:
        self._blocks.clear()
        self._offsets.clear()
        self.nbytes = 0
        for tensor in tensors:
            self._offsets.append(self.nbytes)
            self.nbytes += -(-tensor.nbytes // ALIGNMENT_BYTES) * ALIGNMENT_BYTES


def captured_in(
    stands: Sequence[Stand], places: Sequence[Staged], batch: int | None
) -> list[Captured]:
    """Tensors that stand in `stands` and were copied whole to `places`."""
    return [
        Captured(place, stand.kind, name, call, staged, batch)
        for stand, staged in zip(stands, places, strict=True)
        for place, name, call in stand.spots
    ]


def _bytes_of(array: Array, elements: int) -> memoryview:
    """Those of the first `elements` of a contiguous array."""
    return array.reshape(-1)[:elements].view(np.uint8).data
