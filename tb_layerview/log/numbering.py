"""Frames that are numbered, because a bound on the disk lets some of them be dropped.

What a dropped frame said to readers must not go with it: its place in the order of frames, what it
replaced, and how many there were. So those that are left say it (`tb_layerview.log.header`).
"""

from __future__ import annotations

import hashlib
import itertools
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tb_layerview.log.segment import FrameEntry, Segment, WriterName


class Kept(NamedTuple):
    """How much a bound on the disk left of a run.

    Of ``recorded`` steps, ``whole`` are there with all that was recorded, and ``summarized`` with
    their statistics and histograms alone.
    """

    whole: int
    summarized: int
    recorded: int


class Writer(NamedTuple):
    """What one writer wrote, in its order."""

    rank: int
    frames: list[FrameEntry]


def writers_of(ordered: Sequence[Segment]) -> Iterator[Writer]:
    """The writers of segments that are in the order of their names."""
    for name, segments in itertools.groupby(ordered, key=lambda segment: segment.name[:4]):
        frames = [entry for segment in segments for entry in segment.frames]
        yield Writer(name[3], _in_order(frames))


def _in_order(frames: list[FrameEntry]) -> list[FrameEntry]:
    """Numbered frames by their numbers: of one that is there twice, the whole one, no summary."""
    numbers = [entry.header.numbered for entry in frames]
    if None in numbers:
        return frames
    best: dict[int, FrameEntry] = {}
    for entry, number in zip(frames, numbers, strict=True):
        if number is not None and (number.ordinal not in best or not number.is_summary):
            best[number.ordinal] = entry
    return [entry for _, entry in sorted(best.items())]


def is_summary(entry: FrameEntry) -> bool:
    """Whether it stands for a frame that was dropped."""
    return entry.header.numbered is not None and entry.header.numbered.is_summary


def kept_of(by_step: Mapping[int, Sequence[FrameEntry]]) -> Kept | None:
    """What is left of the steps that are seen; None where nothing was dropped.

    Of an earlier writer, the steps behind the last that is left of it are not counted: a later
    one replaced them, or may have.
    """
    last_of: dict[WriterName, FrameEntry] = {}
    counts: dict[WriterName, int] = {}
    summarized = 0
    for entries in by_step.values():
        first = entries[0]
        summarized += any(map(is_summary, entries))
        counts[first.writer] = counts.get(first.writer, 0) + 1
        last_of[first.writer] = first
    recorded = sum(_recorded(last_of[writer], count) for writer, count in counts.items())
    whole = len(by_step) - summarized
    return Kept(whole, summarized, recorded) if recorded > whole else None


def _recorded(last: FrameEntry, seen: int) -> int:
    numbered = last.header.numbered
    return seen if numbered is None else max(seen, numbered.recorded)


class Hidden:
    """Takes away what a later frame replaces, and notes that it did."""

    def __init__(self) -> None:
        self._count = 0
        self._restarts: dict[WriterName, tuple[tuple[int, int], ...]] = {}

    @property
    def generation(self) -> str:
        """Another one when something else is hidden; not when what is hidden is dropped."""
        restarts = [restart for found in self._restarts.values() for restart in found]
        if not restarts:
            return str(self._count)
        # It stands in the address of every array, and there may be thousands of restarts.
        digest = hashlib.blake2b(repr(restarts).encode(), digest_size=8).hexdigest()
        return f"{self._count}.{digest}"

    def seen(self, ordered: Sequence[Segment]) -> dict[int, list[FrameEntry]]:
        """By rank what is left of segments that are in the order of their names."""
        seen: dict[int, list[FrameEntry]] = {}
        world_size = 0
        for writer in writers_of(ordered):
            rank = seen.setdefault(writer.rank, [])
            for entry in writer.frames:
                if entry.schema.schema.world_size != world_size:
                    world_size = entry.schema.schema.world_size
                    for other in seen.values():
                        self.from_step(entry.header.step, other)
                self.before(entry, rank)
                rank.append(entry)
        return seen

    def from_step(self, step: int, entries: list[FrameEntry]) -> None:
        """Drop the entries from ``step`` on."""
        while entries and entries[-1].header.step >= step:
            self._count += entries.pop().header.numbered is None

    def before(self, entry: FrameEntry, entries: list[FrameEntry]) -> None:
        """Drop what ``entry``, or a frame before it that is gone, replaces of those of its rank."""
        self.from_step(entry.header.step, entries)
        numbered = entry.header.numbered
        if numbered is None or self._restarts.get(entry.writer) == numbered.restarts:
            return
        known = set(self._restarts.get(entry.writer, ()))
        self._restarts[entry.writer] = numbered.restarts
        for ordinal, step in numbered.restarts:
            # What follows a restart has later ordinals: it hides nothing a second time.
            if (ordinal, step) not in known:
                _hide(entries, entry.writer, ordinal, step)


def _hide(entries: list[FrameEntry], writer: WriterName, ordinal: int, step: int) -> None:
    """Drop those from ``step`` on that are before the frame ``ordinal`` of the writer.

    The entries ascend by their steps, and those of the writer, which are the last, by ordinals.
    """

    def place(entry: FrameEntry) -> int:
        numbered = entry.header.numbered
        return -1 if entry.writer != writer or numbered is None else numbered.ordinal

    begin = bisect_left(entries, step, key=lambda entry: entry.header.step)
    del entries[begin : max(begin, bisect_left(entries, ordinal, key=place))]
