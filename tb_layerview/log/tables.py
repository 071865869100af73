"""The statistics and histograms of many tensors over the steps, read frame after frame."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import ArgumentError, DamagedLogError, NotFoundError
from tb_layerview.log.columns import BINS, NON_FINITE, STATISTICS
from tb_layerview.log.header import HISTOGRAMS_TAG, STATISTICS_TAG
from tb_layerview.log.joining import JoinedSchema
from tb_layerview.log.nearest import nearest
from tb_layerview.log.segment import FrameEntry
from tb_layerview.log.series import read_columns
from tb_layerview.log.timeline import Timeline

Frames = Mapping[int, tuple[FrameEntry, ...]]
Places = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
"""Rows of an answer, and the rows of the table of a frame that they come from."""


class Tables:
    """What `LogReader` answers of a timeline; ``tell`` is told of damage that leaves a gap."""

    def __init__(self, timeline: Timeline, tell: Callable[[DamagedLogError], None]) -> None:
        self._timeline = timeline
        self._tell = tell

    def stats(self, name: str, keys: Sequence[str] | None) -> npt.NDArray[np.float64]:
        """As `LogReader.stats`."""
        if name not in STATISTICS:
            raise ArgumentError("stat", "one of " + ", ".join(STATISTICS), name)
        timeline = self._timeline
        rows = [row_of(timeline, key) for key in keys] if keys is not None else slice(None)
        column = STATISTICS.index(name)
        columns = [table[rows, column] for _, table in self._each(timeline.frames)]
        count = len(timeline.specs) if keys is None else len(keys)
        return np.stack(columns, axis=1) if columns else np.empty((count, 0))

    def at(
        self, steps: Sequence[int], keys: Sequence[str], names: Sequence[str]
    ) -> npt.NDArray[np.float64]:
        """As `LogReader.tables`."""
        rows = self._timeline.rows
        columns = [STATISTICS.index(name) for name in names]
        # One statistic after the other: what is made of them goes through each from end to end.
        tables = np.full((len(names), len(steps), len(keys)), np.nan)
        is_all = list(keys) == list(rows)
        known = [] if is_all else [place for place, key in enumerate(keys) if key in rows]
        chosen = np.array([rows[keys[place]] for place in known], np.intp)
        places = {step: place for place, step in enumerate(steps)}
        frames = self._at(steps)
        if set(names) <= set(NON_FINITE):
            frames = self._without_finite(frames, keys, tables, places)
        for step, table in self._each(frames):
            for into, column in zip(tables[:, places[step]], columns, strict=True):
                if is_all:
                    into[:] = table[:, column]
                else:
                    into[known] = table[chosen, column]
        return np.moveaxis(tables, 0, 2)

    def _without_finite(
        self,
        frames: Frames,
        keys: Sequence[str],
        counts: npt.NDArray[np.float64],
        places: Mapping[int, int],
    ) -> Frames:
        """The frames that must be read to count what is not finite.

        The others say in their headers that nothing is: it is entered in ``counts``, which is
        ``[statistics, steps, keys]``.
        """
        measured: dict[JoinedSchema, npt.NDArray[np.bool_] | slice] = {}
        others: dict[int, tuple[FrameEntry, ...]] = {}
        for step, found in frames.items():
            if not all(entry.header.finite for entry in found):
                others[step] = found
                continue
            joined = self._timeline.joined(found)
            if joined not in measured:
                tensors = map(joined.tensors.get, keys)
                are = np.array([bool(each and each.measured) for each in tensors], bool)
                measured[joined] = slice(None) if are.all() else are
            counts[:, places[step], measured[joined]] = 0.0
        return others

    def histograms(
        self, steps: Sequence[int], keys: Sequence[str]
    ) -> Iterator[tuple[int, npt.NDArray[np.int64] | None]]:
        """As `LogReader.histograms`."""
        frames = self._at(steps)
        columns = read_columns(_entries(frames), HISTOGRAMS_TAG)
        places: dict[JoinedSchema, list[Places]] = {}
        for step, found in frames.items():
            joined = self._timeline.joined(found)
            if joined not in places:
                places[joined] = _measured(joined, keys, len(found))
            counts: npt.NDArray[np.int64] | None = np.zeros((len(keys), BINS), np.int64)
            read = itertools.islice(columns, len(found))
            for (entry, column), (rows, positions) in zip(read, places[joined], strict=True):
                if isinstance(column, DamagedLogError):
                    self._tell(column)
                    counts = None
                elif counts is not None:
                    first = entry.header.first_bin
                    counts[rows, first : first + column.shape[1]] += column[positions]
            yield step, counts

    def _at(self, steps: Sequence[int]) -> Frames:
        frames = self._timeline.frames
        return {step: frames[step] for step in steps if step in frames}

    def _each(self, frames: Frames) -> Iterator[tuple[int, npt.NDArray[np.float64]]]:
        """The statistics of each step, float64 ``[keys, statistics]``."""
        rows = self._timeline.rows
        places: dict[JoinedSchema, npt.NDArray[np.intp] | None] = {}
        columns = read_columns(_entries(frames), STATISTICS_TAG)
        for step, found in frames.items():
            read = [statistics for _, statistics in itertools.islice(columns, len(found))]
            parts = [_widened(part) for part in read if not isinstance(part, DamagedLogError)]
            for damage in read:
                if isinstance(damage, DamagedLogError):
                    self._tell(damage)
            if len(parts) < len(found):
                yield step, np.full((len(rows), len(STATISTICS)), np.nan)
                continue
            joined = self._timeline.joined(found)
            if joined not in places:
                # None where its tensors are those of the log, in their order.
                is_same = list(joined.tensors) == list(rows)
                places[joined] = None if is_same else np.array([*map(rows.get, joined.tensors)])
            table, into = joined.statistics(parts), places[joined]
            if into is not None:
                told, table = table, np.full((len(rows), len(STATISTICS)), np.nan)
                table[into] = told
            yield step, table


def row_of(timeline: Timeline, key: str) -> int:
    """The place of a key among all of them.

    Raises:
        NotFoundError: it was never recorded.
    """
    row = timeline.rows.get(key)
    if row is None:
        some = ", ".join(nearest(str(key), timeline.specs))
        expected = (
            f"a recorded key, such as {some}" if some else "a recorded key, and there is none"
        )
        raise NotFoundError("key", expected, key)
    return row


def _entries(frames: Frames) -> list[FrameEntry]:
    return [entry for found in frames.values() for entry in found]


def _measured(joined: JoinedSchema, keys: Sequence[str], frames: int) -> list[Places]:
    """For each frame of a step, where the histograms of some keys are in it."""
    found: list[list[tuple[int, int]]] = [[] for _ in range(frames)]
    for row, key in enumerate(keys):
        tensor = joined.tensors.get(key)
        for part in tensor.measured if tensor is not None else ():
            found[part.frame].append((row, part.position))
    pairs = (np.array(parts, np.intp).reshape(-1, 2) for parts in found)
    return [(part[:, 0], part[:, 1]) for part in pairs]


def _widened(table: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """A table with all columns: those that an older writer did not know are NaN."""
    missing = len(STATISTICS) - table.shape[1]
    if missing <= 0:
        return table[:, : len(STATISTICS)]
    return np.pad(table, ((0, 0), (0, missing)), constant_values=np.nan)
