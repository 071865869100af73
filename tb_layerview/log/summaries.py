"""What is left of frames that are dropped: their statistics and histograms, as small frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import DamagedLogError, GoneError, TooLargeError
from tb_layerview.log.columns import BINS
from tb_layerview.log.frame import Frame, TensorData
from tb_layerview.log.header import HISTOGRAMS_TAG, STATISTICS_TAG, FrameHeader
from tb_layerview.log.naming import SegmentNames
from tb_layerview.log.schema import IndexedSchema, Schema
from tb_layerview.log.segment import FrameEntry, Interned, Segment, WriterName, parse_name
from tb_layerview.log.series import read_columns
from tb_layerview.log.thinned_files import Numbers, ThinnedFiles
from tb_layerview.log.thinning import EPOCHS, Room, Unit, tier_of

Place = tuple[WriterName, int]
"""A file of summaries holds frames of one writer and one tier."""


class Summaries:
    """Files of summaries that take a bounded room, and are thinned like what they stand for."""

    def __init__(self, names: SegmentNames, room: Room, bases: Mapping[WriterName, int]) -> None:
        """``bases``: by how much the numbers of each writer are moved to count over all of them."""
        self.files: ThinnedFiles[Place] = ThinnedFiles(names, room, "bytes of a summary", _nothing)
        self._bases = bases
        self._interned: Interned = {}
        self._schemas: dict[IndexedSchema, Schema] = {}

    def take(self, unit: Unit, now: int) -> None:
        """Write summaries of the frames of a file that is about to be dropped.

        Raises:
            OSError: they could not be written.
        """
        name = parse_name(unit.path.name)
        if name is None or not unit.steps:
            return
        segment = Segment(unit.path, name)
        seen = set(unit.steps)
        # What was damaged, or deleted by others, has no statistics to be kept; and a room that is
        # too small for a single summary keeps none.
        try:
            segment.scan(self._interned)
            for entry, frame in self._frames([e for e in segment.frames if e.header.step in seen]):
                self._append(entry, frame, now)
        except (DamagedLogError, GoneError, TooLargeError):
            return

    def _frames(self, entries: list[FrameEntry]) -> Iterator[tuple[FrameEntry, Frame]]:
        """A summary of each frame whose columns are whole."""
        statistics = read_columns(entries, STATISTICS_TAG)
        histograms = read_columns(entries, HISTOGRAMS_TAG)
        for (entry, table), (_, counts) in zip(statistics, histograms, strict=True):
            if not isinstance(table, DamagedLogError) and not isinstance(counts, DamagedLogError):
                yield entry, _summary(entry.header, self._schema(entry.schema), table, counts)

    def _schema(self, of: IndexedSchema) -> Schema:
        """The same schema, in which only statistics are stored."""
        schema = self._schemas.get(of)
        if schema is None:
            tensors = tuple(replace(tensor, stored="statistics") for tensor in of.schema.tensors)
            schema = self._schemas[of] = replace(of.schema, tensors=tensors)
        return schema

    def _append(self, entry: FrameEntry, frame: Frame, now: int) -> None:
        numbered = entry.header.numbered
        # A writer that did not number its frames: nothing would tell their order any more.
        if numbered is None:
            return
        tier = tier_of(max(0, numbered.recorded - 1))
        place = (entry.writer, tier)
        overall = self._bases.get(entry.writer, 0) + numbered.ordinal
        numbers = Numbers(numbered._replace(is_summary=True), overall)
        self.files.append(place, frame, numbers, now, tier=tier, writer=entry.writer)
        opened = self.files.open.get(place)
        if opened is not None and opened.unit.nbytes * EPOCHS > self.files.room.limit:
            self.files.close_one(place)


def _summary(
    header: FrameHeader, schema: Schema, table: npt.NDArray[Any], counts: npt.NDArray[Any]
) -> Frame:
    histograms = np.zeros((len(counts), BINS), np.int64)
    histograms[:, header.first_bin : header.first_bin + counts.shape[1]] = counts
    return Frame(
        step=header.step,
        wall_time=header.wall_time,
        schema=schema,
        tensors=[TensorData(None, *row) for row in zip(table, histograms, strict=True)],
        skipped=header.skipped,
        problems=header.problems,
        mark=header.mark,
    )


def _nothing(_unit: Unit, _now: int) -> None:
    """A summary leaves none."""
