"""The reader: a run's log as steps and keys. Memory is that of the index, never of the tensors."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import DamagedLogError, GoneError
from tb_layerview.log.columns import STATISTICS, is_finite
from tb_layerview.log.header import HISTOGRAMS_TAG, STATISTICS_TAG
from tb_layerview.log.numbering import Kept
from tb_layerview.log.regular import linked
from tb_layerview.log.schema import Schema
from tb_layerview.log.segment import (
    SUBDIRECTORY,
    Interned,
    Segment,
    SegmentName,
    parse_name,
)
from tb_layerview.log.series import TensorSeries, read_columns
from tb_layerview.log.tables import Tables, row_of
from tb_layerview.log.timeline import Timeline, build

_LISTINGS: Final = 5
"""How often a directory is listed at most, while files of it go."""


class LogReader:
    """Everything that was recorded in a run. Safe to use from several threads.

    What is answered is as of the last `refresh`.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        """Index the log in ``directory``; one that holds none is an empty log."""
        self.directory = Path(directory)
        self._lock = threading.Lock()
        self._segments: dict[SegmentName, Segment] = {}
        self._schemas: Interned = {}
        self._damage: dict[str, None] = {}
        self._link: str | None = None
        self._timeline = Timeline()
        # Not forgotten where a scan fails in the middle: what it had found is not found again.
        self._changed = False
        self.refresh()

    def refresh(self) -> None:
        """Look for frames that were written, and files that came or went, since the last time."""
        with self._lock:
            self._scan()
            if self._changed:
                self._timeline = build(self._segments.values())
                self._changed = False

    @property
    def steps(self) -> list[int]:
        """The recorded steps, ascending."""
        return list(self._timeline.steps)

    @property
    def skipped(self) -> int:
        """Steps that were due and not recorded."""
        return self._timeline.skipped

    @property
    def problems(self) -> list[str]:
        """Sentences about what could not be recorded or read."""
        return [*self._timeline.problems, *self._damage, *filter(None, [self._link])]

    def damage(self) -> list[str]:
        """Sentences about headers, statistics and histograms that are not what was written.

        Reads all of them; elements are not looked at.
        """
        found = [self._link, *(segment.problem for segment in self._segments.values())]
        entries = [entry for frame in self._timeline.frames.values() for entry in frame]
        for tag in (STATISTICS_TAG, HISTOGRAMS_TAG):
            for entry, column in read_columns(entries, tag):
                if isinstance(column, DamagedLogError):
                    found.append(str(column))
                elif tag == STATISTICS_TAG and entry.header.finite and not is_finite(column):
                    reason = "a header that denies what the statistics count as not finite"
                    found.append(str(DamagedLogError(entry.path.name, entry.body_offset, reason)))
        return [problem for problem in found if problem is not None]

    def tails(self) -> dict[str, int]:
        """By file, how many bytes at its end are no whole frame; files without any are left out."""
        return {
            str(name): file.tail_bytes for name, file in self._segments.items() if file.tail_bytes
        }

    @property
    def kept(self) -> Kept | None:
        """How many recorded steps a bound on the disk left; None where nothing was dropped."""
        return self._timeline.kept

    @property
    def whole_steps(self) -> list[int]:
        """Those of `steps` of which all that was recorded is there, ascending."""
        dropped = set(self._timeline.summarized)
        return [step for step in self._timeline.steps if step not in dropped]

    @property
    def summarized_steps(self) -> list[int]:
        """Those of `steps` of which only statistics and histograms are left, ascending."""
        return list(self._timeline.summarized)

    @property
    def marks(self) -> dict[int, str]:
        """What the flight recorder saw go wrong, by step."""
        return dict(self._timeline.marks)

    @property
    def generation(self) -> str:
        """Changes when what was recorded at a step is no longer what is seen there."""
        return self._timeline.generation

    def schema(self) -> Schema:
        """All modules and tensors, each as it was last recorded."""
        return self._timeline.schema

    def keys(self) -> list[str]:
        """The keys of all tensors, in order of execution."""
        return list(self._timeline.specs)

    def __getitem__(self, key: str) -> TensorSeries:
        """The tensor ``key`` over the steps.

        Raises:
            NotFoundError: it was never recorded.
        """
        timeline = self._timeline
        row_of(timeline, key)
        return TensorSeries(timeline.specs[key], timeline, self.tell)

    def stats(self, name: str, *, keys: Sequence[str] | None = None) -> npt.NDArray[np.float64]:
        """float64 ``[keys, steps]`` of one statistic; NaN where a key was not recorded.

        A damaged table leaves NaN, too, and a sentence in `problems`.

        Args:
            name: which statistic.
            keys: the rows that are wanted; without them, those of all keys.

        Raises:
            ArgumentError: there is no such statistic.
            NotFoundError: a key was never recorded.
        """
        return Tables(self._timeline, self.tell).stats(name, keys)

    def tables(
        self, steps: Sequence[int], keys: Sequence[str], names: Sequence[str] = STATISTICS
    ) -> npt.NDArray[np.float64]:
        """float64 ``[steps, keys, names]``: some of `columns.STATISTICS` at some steps.

        NaN where a key was not recorded, or a table is damaged, as `stats`.
        """
        return Tables(self._timeline, self.tell).at(steps, keys, names)

    def histograms(
        self, steps: Sequence[int], keys: Sequence[str]
    ) -> Iterator[tuple[int, npt.NDArray[np.int64] | None]]:
        """int64 ``[keys, BINS]`` of each of some steps, in their order; None where damaged.

        All zero where a key was not recorded. Damage leaves a sentence in `problems`.
        """
        return Tables(self._timeline, self.tell).histograms(steps, keys)

    def tell(self, damage: DamagedLogError) -> None:
        """Have `problems` tell of ``damage`` that leaves a gap."""
        self._damage[str(damage)] = None

    def _scan(self) -> None:
        """Bring the segments up to date, and note whether anything changed.

        A file that goes while others are looked at may have left its statistics in one that came:
        then the directory is listed again.
        """
        for _ in range(_LISTINGS):
            if self._scan_once():
                break

    def _scan_once(self) -> bool:
        """Look at each segment once; whether all that were listed are there."""
        settled = True
        self._link = linked(self.directory, SUBDIRECTORY)
        names = _segment_names(self.directory / SUBDIRECTORY) if self._link is None else set()
        gone = self._segments.keys() - names
        for name in gone:
            del self._segments[name]
        self._changed |= bool(gone)
        for name in names:
            path = self.directory / SUBDIRECTORY / str(name)
            segment = self._segments.setdefault(name, Segment(path, name))
            try:
                try:
                    self._changed |= segment.scan(self._schemas)
                except DamagedLogError:
                    # Truncated: what was known of it may no longer be there.
                    self._segments[name] = segment = Segment(path, name)
                    self._changed = True
                    segment.scan(self._schemas)
            except GoneError:
                # Removed since the directory was listed.
                del self._segments[name]
                self._changed, settled = True, False
        return settled


def _segment_names(folder: Path) -> set[SegmentName]:
    try:
        parsed = {parse_name(path.name) for path in folder.iterdir()}
    except FileNotFoundError:
        return set()
    return {name for name in parsed if name is not None}
