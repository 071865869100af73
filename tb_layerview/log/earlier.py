"""The files that earlier writers of a rank left in a run, as what may be dropped for room."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tb_layerview.errors import DamagedLogError, GoneError
from tb_layerview.log.numbering import is_summary
from tb_layerview.log.segment import Interned, Segment, SegmentName, WriterName, parse_name
from tb_layerview.log.segment_writer import disk_bytes
from tb_layerview.log.thinning import Unit, tier_of
from tb_layerview.log.timeline import build


class Earlier(NamedTuple):
    """Files with whole frames and with summaries, and how the numbers of their writers are moved.

    ``frames`` is how many all of them began: where a further writer goes on to count. Of these,
    ``recorded`` are not replaced.
    """

    names: list[SegmentName]
    whole: list[Unit]
    summaries: list[Unit]
    bases: dict[WriterName, int]
    frames: int
    recorded: int


def earlier_units(folder: Path, rank: int) -> Earlier:
    """What is in ``folder`` of this rank.

    Raises:
        OSError: it cannot be read.
    """
    segments = sorted(_scanned(folder, rank), key=lambda segment: segment.name)
    timeline = build(segments)
    seen = {id(entry) for entries in timeline.frames.values() for entry in entries}
    first = next((entries[0] for entries in timeline.frames.values()), None)
    recorded = timeline.kept.recorded if timeline.kept else len(timeline.frames)
    found = Earlier([segment.name for segment in segments], [], [], {}, 0, recorded)
    frames = 0
    for writer, of_writer in itertools.groupby(segments, key=lambda segment: segment.name[:4]):
        found.bases[writer] = frames
        count = 0
        for segment in of_writer:
            # An older log does not number its frames: they are counted, and taken for tier 0.
            numbers = [entry.header.numbered for entry in segment.frames]
            count = max(
                [count + len(numbers), *(number.ordinal + 1 for number in numbers if number)]
            )
            visible = [entry for entry in segment.frames if id(entry) in seen]
            summaries = bool(visible) and all(map(is_summary, visible))
            unit = Unit(
                path=segment.path,
                tier=min(
                    (tier_of(number.ordinal) if number else 0 for number in numbers), default=0
                ),
                youngest=frames + count - 1,
                nbytes=disk_bytes(segment.path.stat().st_size),
                steps=[entry.header.step for entry in visible],
                stays=any(entry is first or entry.header.mark is not None for entry in visible),
            )
            if summaries:
                unit.stays = False
            (found.summaries if summaries else found.whole).append(unit)
        frames += count
    return found._replace(frames=frames)


def _scanned(folder: Path, rank: int) -> Iterator[Segment]:
    interned: Interned = {}
    for path in folder.iterdir() if folder.is_dir() else ():
        name = parse_name(path.name)
        if name is not None and name.rank == rank:
            segment = Segment(path, name)
            # What cannot be read to its end still takes room, and its whole frames are known.
            with contextlib.suppress(DamagedLogError, GoneError):
                segment.scan(interned)
                yield segment
