"""How the frames that several ranks recorded at one step make one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tb_layerview.log.boxes import Box, fill
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.combining import combine
from tb_layerview.log.levels import block_side, level_count
from tb_layerview.log.schema import IndexedSchema, ModuleSpec, TensorSpec

_OF_A_BATCH: Final = frozenset({"input", "output", "output_grad", "tap", "sample"})
"""Kinds of which each rank has values of its own, those of its part of the batch."""


class Part(NamedTuple):
    """A tensor of one of the frames: the number of the frame, and its place in the schema."""

    frame: int
    position: int


class JoinedTensor(NamedTuple):
    """A tensor of a step.

    ``stored`` are the parts that its elements are read from, ``measured`` those whose statistics
    make its own. Both are empty where shards are missing.
    """

    spec: TensorSpec
    stored: tuple[Part, ...]
    measured: tuple[Part, ...]

    @property
    def is_missing_shards(self) -> bool:
        """Whether it cannot be shown, as some rank did not record its part of it."""
        return not self.stored


class JoinedSchema:
    """The tensors of a step whose frames have these schemas, in order of rank."""

    def __init__(self, schemas: Sequence[IndexedSchema]) -> None:
        self._schemas = schemas
        found: dict[str, list[Part]] = {}
        for frame, indexed in enumerate(schemas):
            for position, tensor in enumerate(indexed.schema.tensors):
                found.setdefault(tensor.key, []).append(Part(frame, position))
        self.tensors: Final[Mapping[str, JoinedTensor]] = {
            key: self._joined(parts) for key, parts in found.items()
        }
        self._is_one_frame = len(schemas) == 1 and not any(
            tensor.is_missing_shards for tensor in self.tensors.values()
        )
        self._chosen = np.zeros((len(schemas), len(self.tensors)), bool)
        self._positions = np.zeros(self._chosen.shape, np.intp)
        for row, joined in enumerate(self.tensors.values()):
            for frame, position in joined.measured:
                self._chosen[frame, row] = True
                self._positions[frame, row] = position

    @property
    def modules(self) -> dict[str, ModuleSpec]:
        """The modules by their paths, as the lowest rank has them."""
        return {
            module.path: module
            for indexed in reversed(self._schemas)
            for module in indexed.schema.modules
        }

    def statistics(self, tables: Sequence[npt.NDArray[Any]]) -> npt.NDArray[np.float64]:
        """float64 ``[tensors, statistics]`` from those of the frames; NaN where shards miss."""
        if self._is_one_frame:
            return tables[0]
        parts = np.full((*self._chosen.shape, len(STATISTICS)), np.nan)
        for part, table, places, chosen in zip(
            parts, tables, self._positions, self._chosen, strict=True
        ):
            part[chosen] = table[places[chosen]]
        return combine(parts, self._chosen)

    def _joined(self, parts: list[Part]) -> JoinedTensor:
        spec = self._spec(parts[0])
        if spec.global_shape is None:
            has_own_values = spec.kind in _OF_A_BATCH
            return JoinedTensor(spec, (parts[0],), tuple(parts) if has_own_values else (parts[0],))
        shards = [part for part in parts if _are_of_one(self._spec(part), spec)]
        # Ranks that replicate a shard have the same box: one of them is enough.
        boxes = {box_of(self._spec(part)): part for part in reversed(shards)}
        whole = _whole(spec, [self._spec(part) for part in boxes.values()])
        if not fill(boxes, whole.shape):
            return JoinedTensor(whole, (), ())
        kept = tuple(sorted(part for box, part in boxes.items() if box.size)) or (parts[0],)
        return JoinedTensor(whole, kept, kept)

    def _spec(self, part: Part) -> TensorSpec:
        return self._schemas[part.frame].schema.tensors[part.position]


def box_of(spec: TensorSpec) -> Box:
    """Where a tensor stands in the whole that it is a shard of; it may be that itself."""
    return Box(spec.offset or (0,) * len(spec.shape), spec.shape)


def level_box(spec: TensorSpec, level: int) -> Box | None:
    """As `box_of`, counted in the blocks of ``level``; None where these are cut by other shards."""
    box = box_of(spec)
    side = block_side(level)
    whole = spec.global_shape or spec.shape
    for first, length, limit in zip(box.offset[-2:], box.shape[-2:], whole[-2:], strict=True):
        if first % side or (length % side and first + length != limit):
            return None
    offset = (*box.offset[:-2], *(first // side for first in box.offset[-2:]))
    shape = (*box.shape[:-2], *(-(-length // side) for length in box.shape[-2:]))
    return Box(offset, shape)


def _are_of_one(spec: TensorSpec, other: TensorSpec) -> bool:
    return (spec.global_shape, spec.dtype) == (other.global_shape, other.dtype)


def _whole(spec: TensorSpec, shards: Sequence[TensorSpec]) -> TensorSpec:
    """What the ``shards`` of ``spec`` make together."""
    shape = spec.global_shape or spec.shape
    whole = replace(spec, shape=shape, global_shape=None, offset=None)
    if all(shard.stored == "exact" for shard in shards):
        return whole
    levels = range(1, level_count(shape) + 1)
    joins = all(
        shard.stored == "pyramid"
        and len(levels) <= level_count(shard.shape)
        and all(level_box(shard, level) is not None for level in levels)
        for shard in shards
    )
    return replace(whole, stored="pyramid" if joins else "statistics")
