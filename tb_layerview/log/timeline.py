"""Which frames of a run are seen: those of all segments, less what a restart replaced."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from tb_layerview.log.schema import IndexedSchema, ModuleSpec, Schema, TensorSpec
from tb_layerview.log.segment import FrameEntry, Segment

_MAX_PROBLEMS: Final = 100
"""Sentences that a page lists: a step that fails anew in every frame must not fill it."""


@dataclass(frozen=True)
class Timeline:
    """The frames that are seen, by step; a snapshot that never changes.

    ``frames[step]`` has one entry per rank that recorded the step. ``hidden`` counts the frames
    that a restart at an earlier step replaced.
    """

    frames: Mapping[int, tuple[FrameEntry, ...]] = field(default_factory=dict)
    hidden: int = 0
    skipped: int = 0
    problems: tuple[str, ...] = ()
    began_ms: int = 0

    @cached_property
    def steps(self) -> list[int]:
        """The recorded steps, ascending."""
        return list(self.frames)

    @cached_property
    def schema(self) -> Schema:
        """All modules and tensors of the seen frames, each as it was last recorded."""
        latest: dict[IndexedSchema, None] = {}
        for entries in self.frames.values():
            for entry in entries:
                latest.pop(entry.schema, None)
                latest[entry.schema] = None
        modules: dict[str, ModuleSpec] = {}
        tensors: dict[str, TensorSpec] = {}
        for indexed in latest:
            modules.update((module.path, module) for module in indexed.schema.modules)
            tensors.update((tensor.key, tensor) for tensor in indexed.schema.tensors)
        last = next(reversed(latest)).schema if latest else Schema((), ())
        return Schema(
            modules=tuple(modules.values()),
            tensors=tuple(tensors.values()),
            samples=last.samples,
            world_size=last.world_size,
        )

    @cached_property
    def specs(self) -> Mapping[str, TensorSpec]:
        """The tensors of the schema by their keys."""
        return {tensor.key: tensor for tensor in self.schema.tensors}

    @property
    def generation(self) -> str:
        """Changes when what was recorded at a step is no longer what is seen there."""
        return f"{self.began_ms}.{self.hidden}"

    def find(self, key: str, step: int) -> tuple[FrameEntry, int] | None:
        """The frame that recorded ``key`` at ``step``, and its place there."""
        for entry in self.frames.get(step, ()):
            position = entry.schema.position.get(key)
            if position is not None:
                return entry, position
        return None


def build(segments: Iterable[Segment]) -> Timeline:
    """The timeline of a run's segments.

    The writers of a rank are taken in the order in which they began. A frame hides all earlier
    written ones of its rank from its own step on, as TensorBoard does with a run that restarts.
    """
    ordered = sorted(segments, key=lambda segment: segment.name)
    seen: dict[int, list[FrameEntry]] = {}
    hidden = 0
    last_of_writer: dict[tuple[int, str, int, int], FrameEntry] = {}
    for segment in ordered:
        rank = seen.setdefault(segment.name.rank, [])
        for entry in segment.frames:
            while rank and rank[-1].header.step >= entry.header.step:
                rank.pop()
                hidden += 1
            rank.append(entry)
        if segment.frames:
            last_of_writer[segment.name[:4]] = segment.frames[-1]
    by_step: dict[int, tuple[FrameEntry, ...]] = {}
    for _, entries in sorted(seen.items()):
        for entry in entries:
            by_step[entry.header.step] = (*by_step.get(entry.header.step, ()), entry)
    if len(seen) > 1:
        by_step = dict(sorted(by_step.items()))
    return Timeline(
        frames=by_step,
        hidden=hidden,
        skipped=sum(entry.header.skipped for entry in last_of_writer.values()),
        problems=_problems(ordered),
        began_ms=ordered[0].name.start_ms if ordered else 0,
    )


def _problems(segments: Sequence[Segment]) -> tuple[str, ...]:
    """What any frame tells, each sentence once, the latest first; then what was found damaged."""
    frames = (entry for segment in reversed(segments) for entry in reversed(segment.frames))
    told = dict.fromkeys(problem for entry in frames for problem in entry.header.problems)
    found = [segment.problem for segment in segments if segment.problem is not None]
    return (*itertools.islice(told, _MAX_PROBLEMS), *found)
