"""The files that earlier writers left in a run, as what may be dropped for room."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tb_layerview.errors import DamagedLogError, GoneError
from tb_layerview.log.numbering import Hidden, is_summary, kept_of
from tb_layerview.log.segment import (
    FrameEntry,
    Interned,
    Segment,
    SegmentName,
    WriterName,
    parse_name,
)
from tb_layerview.log.segment_writer import disk_bytes
from tb_layerview.log.thinning import Unit, tier_of


class Earlier(NamedTuple):
    """Files with whole frames and with summaries, and how the numbers of their writers are moved.

    ``frames`` is how many those of the writer's rank began: where it goes on to count. ``seen`` are
    those of them that are there and not replaced, by their steps.
    """

    names: list[SegmentName]
    whole: list[Unit]
    summaries: list[Unit]
    bases: dict[WriterName, int]
    frames: int
    seen: list[FrameEntry]

    def recorded(self, step: int | None = None) -> int:
        """How many steps of the writer's rank were recorded; before ``step``, if that is given."""
        before = [entry for entry in self.seen if step is None or entry.header.step < step]
        by_step = {entry.header.step: (entry,) for entry in before}
        kept = kept_of(by_step)
        return kept.recorded if kept else len(by_step)


def earlier_units(folder: Path, rank: int, world_size: int = 1) -> Earlier:
    """What is in ``folder`` of this rank, and of those that its group does not have any more.

    Of these, each rank of the group counts every ``world_size``-th.

    Raises:
        OSError: it cannot be read.
    """
    names = sorted(_names(folder))
    # What a group of another size replaced is told by the frames of all its ranks.
    is_other = any(name.rank >= world_size for name in names)
    interned: Interned = {}
    scanned = [
        segment
        for name in names
        if is_other or name.rank == rank
        for segment in _scanned(folder, name, interned)
    ]
    seen = Hidden().seen(scanned)
    found = Earlier([], [], [], {}, 0, seen.get(rank, []))
    for of in sorted(seen):
        if of == rank or (of >= world_size and of % world_size == rank):
            segments = [segment for segment in scanned if segment.name.rank == of]
            frames = _add(found, segments, seen[of], None if of == rank else of)
            if of == rank:
                found = found._replace(frames=frames)
    return found


def _add(
    found: Earlier, segments: Sequence[Segment], seen: Sequence[FrameEntry], rank: int | None
) -> int:
    """Add the files of one rank; answer how many frames its writers began."""
    ids = {id(entry) for entry in seen}
    frames = 0
    for writer, of_writer in itertools.groupby(segments, key=lambda segment: segment.name[:4]):
        found.bases[writer] = frames
        count = 0
        for segment in of_writer:
            found.names.append(segment.name)
            # An older log does not number its frames: they are counted, and taken for tier 0.
            numbers = [entry.header.numbered for entry in segment.frames]
            count = max(
                [count + len(numbers), *(number.ordinal + 1 for number in numbers if number)]
            )
            visible = [entry for entry in segment.frames if id(entry) in ids]
            unit = Unit(
                path=segment.path,
                tier=min(
                    (tier_of(max(0, number.recorded - 1)) if number else 0 for number in numbers),
                    default=0,
                ),
                youngest=frames + count - 1,
                nbytes=disk_bytes(segment.path.stat().st_size),
                steps=[entry.header.step for entry in visible],
                rank=rank,
            )
            if visible and all(map(is_summary, visible)):
                found.summaries.append(unit)
            else:
                unit.stays = any(
                    entry is seen[0] or entry.header.mark is not None for entry in visible
                )
                found.whole.append(unit)
        frames += count
    return frames


def _names(folder: Path) -> Iterator[SegmentName]:
    for path in folder.iterdir() if folder.is_dir() else ():
        name = parse_name(path.name)
        if name is not None:
            yield name


def _scanned(folder: Path, name: SegmentName, interned: Interned) -> Iterator[Segment]:
    segment = Segment(folder / str(name), name)
    # What cannot be read to its end still takes room, and its whole frames are known.
    with contextlib.suppress(DamagedLogError, GoneError):
        segment.scan(interned)
        yield segment
