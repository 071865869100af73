"""Statistics over the steps: of chosen tensors, in a range of steps, in at most so many columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.evidence import Piece
from tb_layerview.diagnosis.measures import DERIVED, NEEDS, Measures
from tb_layerview.errors import ArgumentError
from tb_layerview.log.chosen_steps import within
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.reader import LogReader
from tb_layerview.plugin.answers import check_size
from tb_layerview.plugin.params import StatsQuery

Numbers = npt.NDArray[np.float64]

_PIECE_BYTES: Final = 2_000_000
"""So much of the statistics is in memory at once, however long a run is: it fits the caches, and
is folded before it leaves them."""


def stats(log: LogReader, query: StatsQuery) -> Numbers:
    """float64 ``[keys, steps]`` of one statistic, ``[statistics, keys, steps]`` of several.

    NaN where a key was not recorded. A column of several steps is the least of a ``min``, the mean
    of a ``mean``, and the greatest of all else.

    Raises:
        ArgumentError: there is no such statistic.
        NotFoundError: there is no such key.
        TooLargeError: there are more than `answers.MAX_ELEMENTS`; nothing was read.
    """
    for name in query.names:
        if name not in STATISTICS and name not in DERIVED:
            raise ArgumentError("stat", "one of " + ", ".join([*STATISTICS, *DERIVED]), name)
    steps = _looked_at(within(log.steps, query.first_step, query.last_step), query.every)
    keys = list(log.keys() if query.keys is None else query.keys)
    for key in query.keys or ():
        log[key]  # Raises where there is none.
    block = 1 if query.max_columns is None else max(1, -(-len(steps) // query.max_columns))
    columns = -(-len(steps) // block)
    rows = 1 if query.total else len(keys)
    check_size("statistics times keys times steps", (len(query.names), rows, columns))
    folded = [_Folded(name, rows, columns) for name in query.names]
    measures = Measures(log, keys)
    needed = list(dict.fromkeys(n for name in query.names for n in NEEDS.get(name, (name,))))
    bytes_of_step = max(1, len(keys)) * len(needed) * 8
    count = max(1, _PIECE_BYTES // bytes_of_step)
    for first in range(0, len(steps), count):
        some = steps[first : first + count]
        piece = Piece(some, log.tables(some, keys, needed), needed)
        for name, into in zip(query.names, folded, strict=True):
            values = piece[name] if name in STATISTICS else measures.of(name, piece)
            if query.total:
                values = np.nansum(values, axis=0, keepdims=True)
            into.take(values, first, block)
    found = [each.values() for each in folded]
    return found[0] if len(found) == 1 else np.stack(found)


def _looked_at(steps: Sequence[int], every: int) -> list[int]:
    """The last of ``every`` steps in a row; of those that are left, the last, too."""
    return [steps[min(first + every, len(steps)) - 1] for first in range(0, len(steps), every)]


class _Folded:
    """Columns that stand for several steps, filled from pieces that end anywhere."""

    def __init__(self, name: str, rows: int, columns: int) -> None:
        self._is_mean = name == "mean"
        self._fold = np.fmin if name == "min" else np.fmax
        # A column after the other, as the steps come.
        self._folded = np.full((columns, rows), 0.0 if self._is_mean else np.nan)
        self._counts = np.zeros((columns if self._is_mean else 0, rows), np.int64)

    def take(self, values: Numbers, first: int, block: int) -> None:
        """Take in ``[rows, steps]``, of which the first is step number ``first`` of all."""
        begin = 0
        while begin < values.shape[1]:
            column = (first + begin) // block
            end = (column + 1) * block - first
            some = values[:, begin:end].T
            if self._is_mean:
                self._add(some, column)
            else:
                into = self._folded[column]
                self._fold(into, self._fold.reduce(some, axis=0), out=into)
            begin = end

    def _add(self, some: Numbers, column: int) -> None:
        """Step by step, so that a sum is the same in whichever pieces it comes."""
        for step in some:
            known = ~np.isnan(step)
            np.add(self._folded[column], step, out=self._folded[column], where=known)
            self._counts[column] += known

    def values(self) -> Numbers:
        """``[rows, columns]``."""
        if not self._is_mean:
            return self._folded.T
        nothing = np.full_like(self._folded, np.nan)
        means: Numbers = np.divide(self._folded, self._counts, out=nothing, where=self._counts > 0)
        return means.T
