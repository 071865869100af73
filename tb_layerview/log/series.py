"""One tensor over the steps, and one column over the frames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import DamagedLogError, NotFoundError
from tb_layerview.log.column_records import read_column
from tb_layerview.log.columns import BINS
from tb_layerview.log.header import HISTOGRAMS_TAG
from tb_layerview.log.part import StoredPart
from tb_layerview.log.schema import TensorSpec
from tb_layerview.log.segment import FrameEntry, SegmentFile
from tb_layerview.log.tensor import TensorSlice
from tb_layerview.log.timeline import Recorded, Timeline, expected_step, told_steps


class TensorSeries:
    """One tensor over the steps. ``spec`` is what it was when last recorded."""

    def __init__(
        self, spec: TensorSpec, timeline: Timeline, tell: Callable[[DamagedLogError], None]
    ) -> None:
        """Of the frames of ``timeline``; ``tell`` is told of damage that leaves a gap."""
        self.spec = spec
        self._timeline = timeline
        self._tell = tell

    def __repr__(self) -> str:
        """As ``<conv2.0/output: float32 (4, 64, 12, 12), 3 steps from 0 to 10>``."""
        shown = f"{self.key}: {self.spec.dtype} {self.spec.shape}, {told_steps(self.steps)}"
        return f"<{shown}>"

    @property
    def key(self) -> str:
        """Its name in the log."""
        return self.spec.key

    @property
    def steps(self) -> list[int]:
        """The steps at which it was recorded, ascending."""
        return [step for step, _ in self._found()]

    @property
    def whole_steps(self) -> list[int]:
        """Those of `steps` at which all its elements were kept, in the shape of ``spec``."""
        shape = self.spec.shape
        return [
            step
            for step, found in self._found()
            if found.spec.stored == "exact" and found.spec.shape == shape
        ]

    def at(self, step: int) -> TensorSlice:
        """The tensor at ``step``, to be indexed.

        Raises:
            NotFoundError: it was not recorded then.
        """
        found = self._timeline.find(self.key, step)
        if found is None:
            raise self._not_recorded(step)
        return TensorSlice(found.spec, [StoredPart(*part) for part in found.stored])

    def histogram(self, steps: Sequence[int] | None = None) -> npt.NDArray[np.int64]:
        """int64 ``[steps, BINS]``: how many elements fell in each bin of `columns.EDGES`.

        Without ``steps``, those of all steps at which it was recorded; of others nothing counts.

        A step whose histograms are damaged counts nothing, and leaves a sentence in the problems
        of the log: the others are told all the same.
        """
        found = [
            self._timeline.find(self.key, step) for step in (self.steps if steps is None else steps)
        ]
        parts = [
            (row, *part)
            for row, recorded in enumerate(found)
            if recorded is not None
            for part in recorded.measured
        ]
        counts = np.zeros((len(found), BINS), np.int64)
        columns = read_columns([entry for _, entry, _ in parts], HISTOGRAMS_TAG)
        damaged = np.zeros(len(found), bool)
        for (row, entry, position), (_, histograms) in zip(parts, columns, strict=True):
            if isinstance(histograms, DamagedLogError):
                self._tell(histograms)
                damaged[row] = True
                continue
            first = entry.header.first_bin
            counts[row, first : first + histograms.shape[1]] += histograms[position]
        # Of a tensor that several ranks measured, what is left of the count would be a wrong one.
        counts[damaged] = 0
        return counts

    def _found(self) -> Iterator[tuple[int, Recorded]]:
        for step in self._timeline.frames:
            found = self._timeline.find(self.key, step)
            if found is not None:
                yield step, found

    def _not_recorded(self, step: int) -> NotFoundError:
        entries = self._timeline.frames.get(step, ())
        if entries and self.key in self._timeline.joined(entries).tensors:
            ranks = ", ".join(str(entry.schema.schema.rank) for entry in entries)
            expected = "the shards of all ranks"
            return NotFoundError(f"{self.key} at step {step}", expected, f"those of rank {ranks}")
        return NotFoundError(f"step of {self.key}", expected_step(self.steps, step), step)


def read_columns(
    entries: list[FrameEntry], tag: str
) -> Iterator[tuple[FrameEntry, npt.NDArray[Any] | DamagedLogError]]:
    """A column of each frame, or its damage, in their order.

    A file is opened once for frames that follow each other in it.
    """
    for path, group in groupby(entries, key=lambda entry: entry.path):
        with SegmentFile.open(path) as file:
            for entry in group:
                try:
                    column = read_column(file, entry, tag)
                except DamagedLogError as error:
                    yield entry, error
                else:
                    yield entry, column
