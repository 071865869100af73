"""Which frames of a run are seen: those of all segments, less what a restart replaced."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, NamedTuple, SupportsIndex

from tb_layerview.log.joining import JoinedSchema
from tb_layerview.log.numbering import Hidden, Kept, is_summary, kept_of, writers_of
from tb_layerview.log.schema import IndexedSchema, ModuleSpec, Schema, TensorSpec
from tb_layerview.log.segment import FrameEntry, Segment

_MAX_PROBLEMS: Final = 100
"""Sentences that a page lists: a step that fails anew in every frame must not fill it."""

_MAX_RANKS: Final = 20
"""Ranks that a sentence names."""


class Recorded(NamedTuple):
    """A tensor at a step, and where it is found: frames, and its place in the schema of each.

    ``stored`` are those that hold its elements: several, if it is sharded over ranks.
    ``measured`` are those whose statistics make its own: that of each rank's part of the batch.
    """

    spec: TensorSpec
    stored: tuple[tuple[FrameEntry, int], ...]
    measured: tuple[tuple[FrameEntry, int], ...]


@dataclass(frozen=True)
class Timeline:
    """The frames that are seen, by step; a snapshot that never changes.

    ``frames[step]`` has one entry per rank that recorded the step. ``replaced`` changes when a
    restart at an earlier step replaced some.
    """

    frames: Mapping[int, tuple[FrameEntry, ...]] = field(default_factory=dict)
    replaced: str = ""
    skipped: int = 0
    problems: tuple[str, ...] = ()
    began_ms: int = 0
    kept: Kept | None = None
    _joined: dict[tuple[IndexedSchema, ...], JoinedSchema] = field(default_factory=dict, repr=False)

    @cached_property
    def steps(self) -> list[int]:
        """The recorded steps, ascending."""
        return list(self.frames)

    @cached_property
    def schema(self) -> Schema:
        """All modules and tensors of the seen frames, each as it was last recorded."""
        latest: dict[JoinedSchema, FrameEntry] = {}
        for entries in self.frames.values():
            joined = self.joined(entries)
            latest.pop(joined, None)
            latest[joined] = entries[0]
        modules: dict[str, ModuleSpec] = {}
        tensors: dict[str, TensorSpec] = {}
        for joined in latest:
            modules.update(joined.modules)
            tensors.update((key, tensor.spec) for key, tensor in joined.tensors.items())
        last = next(reversed(latest.values())).schema.schema if latest else Schema((), ())
        return Schema(
            modules=tuple(modules.values()),
            tensors=tuple(tensors.values()),
            samples=last.samples,
            sample_ids=last.sample_ids,
            labels=last.labels,
            world_size=last.world_size,
        )

    @cached_property
    def specs(self) -> Mapping[str, TensorSpec]:
        """The tensors of the schema by their keys."""
        return {tensor.key: tensor for tensor in self.schema.tensors}

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The places of the keys in tables of statistics."""
        return {key: row for row, key in enumerate(self.specs)}

    @cached_property
    def marks(self) -> Mapping[int, str]:
        """What the flight recorder saw go wrong, by step."""
        return {
            step: entries[0].header.mark
            for step, entries in self.frames.items()
            if entries[0].header.mark is not None
        }

    @property
    def generation(self) -> str:
        """Changes when what was recorded at a step is no longer what is seen there."""
        return f"{self.began_ms}.{self.replaced}"

    @cached_property
    def summarized(self) -> list[int]:
        """The steps of which a rank has only the statistics left, ascending."""
        return [step for step, entries in self.frames.items() if any(map(is_summary, entries))]

    def joined(self, entries: tuple[FrameEntry, ...]) -> JoinedSchema:
        """What the frames of one step make together."""
        schemas = tuple(entry.schema for entry in entries)
        joined = self._joined.get(schemas)
        if joined is None:
            joined = self._joined[schemas] = JoinedSchema(schemas)
        return joined

    def find(self, key: str, step: int) -> Recorded | None:
        """The tensor ``key`` as it was recorded at ``step``.

        None where it was not, or not by all ranks that have a shard of it.
        """
        entries = self.frames.get(step)
        tensor = self.joined(entries).tensors.get(key) if entries else None
        if entries is None or tensor is None or tensor.is_missing_shards:
            return None
        return Recorded(
            tensor.spec,
            tuple((entries[frame], position) for frame, position in tensor.stored),
            tuple((entries[frame], position) for frame, position in tensor.measured),
        )


def build(segments: Iterable[Segment]) -> Timeline:
    """The timeline of a run's segments.

    The writers of a rank are taken in the order in which they began. A frame hides all earlier
    written ones of its rank from its own step on, as TensorBoard does with a run that restarts.
    The first frame of a group of another number of processes does so with those of all ranks.
    """
    ordered = sorted(segments, key=lambda segment: segment.name)
    hidden = Hidden()
    seen = hidden.seen(ordered)
    lasts = [entry for writer in writers_of(ordered) for entry in writer.frames[-1:]]
    by_step: dict[int, tuple[FrameEntry, ...]] = {}
    for _, entries in sorted(seen.items()):
        for entry in entries:
            by_step[entry.header.step] = (*by_step.get(entry.header.step, ()), entry)
    if len(seen) > 1:
        by_step = dict(sorted(by_step.items()))
        _hide_unfinished(by_step, seen)
    return Timeline(
        frames=by_step,
        replaced=hidden.generation,
        skipped=sum(entry.header.skipped for entry in lasts),
        problems=(*_problems(ordered), *_missing_ranks(by_step)),
        began_ms=ordered[0].name.start_ms if ordered else 0,
        kept=kept_of(by_step),
    )


def _problems(segments: Sequence[Segment]) -> tuple[str, ...]:
    """What any frame tells, each sentence once, the latest first; then what was found damaged."""
    frames = (entry for segment in reversed(segments) for entry in reversed(segment.frames))
    told = dict.fromkeys(problem for entry in frames for problem in entry.header.problems)
    found = [segment.problem for segment in segments if segment.problem is not None]
    return (*itertools.islice(told, _MAX_PROBLEMS), *found)


def _hide_unfinished(
    by_step: dict[int, tuple[FrameEntry, ...]], seen: Mapping[int, Sequence[FrameEntry]]
) -> None:
    """Leave out the last step while a rank that recorded the one before it has still to write."""
    if len(by_step) > 1:
        before, last = list(by_step)[-2:]
        ends = [entries[-1].header.step for entries in seen.values() if entries]
        if before in ends and len(by_step[last]) < by_step[last][0].schema.schema.world_size:
            del by_step[last]


def _missing_ranks(by_step: Mapping[int, tuple[FrameEntry, ...]]) -> list[str]:
    """A sentence for each set of ranks that some steps lack."""
    steps: dict[tuple[frozenset[int], int], list[int]] = {}
    for step, entries in by_step.items():
        world_size = entries[0].schema.schema.world_size
        # Where ranks drop frames, each to keep to its bound, a gap is no news.
        if len(entries) < world_size and entries[0].header.numbered is None:
            ranks = frozenset(entry.schema.schema.rank for entry in entries)
            steps.setdefault((ranks, world_size), []).append(step)
    return [
        f"{len(found)} steps, the first is {found[0]}, were not recorded by rank "
        f"{_missing_text(ranks, world_size)} of {world_size}: tensors of which these have a shard "
        "are not shown there"
        for (ranks, world_size), found in steps.items()
    ]


def _missing_text(ranks: frozenset[int], world_size: int) -> str:
    """The ranks of a group that are not among ``ranks``; of many, the first ones."""
    missing = (str(rank) for rank in range(world_size) if rank not in ranks)
    named = ", ".join(itertools.islice(missing, _MAX_RANKS))
    more = world_size - len(ranks) - _MAX_RANKS
    return f"{named} and {more} more" if more > 0 else named


def told_steps(steps: Sequence[int]) -> str:
    """How many steps there are, and from where to where, in words."""
    if not steps:
        return "no steps"
    if len(steps) == 1:
        return f"step {steps[0]}"
    return f"{len(steps)} steps from {steps[0]} to {steps[-1]}"


def expected_step(steps: Sequence[int], received: object) -> str:
    """What an error expects in place of a step that is not among ``steps``."""
    expected = f"one of {len(steps)} recorded steps"
    if not steps or not isinstance(received, SupportsIndex):
        return expected
    wanted = operator.index(received)
    return f"{expected}, the nearest is {min(steps, key=lambda step: abs(step - wanted))}"
