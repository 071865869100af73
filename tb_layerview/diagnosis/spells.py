"""When a condition held: the spells of recorded steps on end, of many tensors at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.evidence import Flags, Numbers


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one tensor: in how many recorded steps a condition held, and the strongest evidence.

    Steps of spells that were too short are not among the ``times``. ``lasting`` is the largest
    measure that all steps of some spell reached, as many of them as a spell must have.
    """

    row: int
    recorded: int
    times: int
    first: int
    last: int
    strongest: float
    strongest_step: int
    lasting: float

    @property
    def often(self) -> str:
        """``at 3 of 10 recorded steps``."""
        if self.times == self.recorded:
            return f"at all {self.recorded} recorded steps" if self.recorded > 1 else "there"
        return f"at {self.times} of {self.recorded} recorded steps"


@dataclass(slots=True)
class _Open:
    """What is known of a tensor: the spell that goes on, and the ones that were long enough."""

    length: int = 0
    began: int = 0
    weakest: float = np.inf
    peak: float = -np.inf
    peak_step: int = 0
    recorded: int = 0
    times: int = 0
    first: int = 0
    last: int = 0
    strongest: float = -np.inf
    strongest_step: int = 0
    lasting: float = -np.inf


class Spells:
    """The spells of each tensor; a step in which one was not recorded neither ends nor counts."""

    def __init__(self, count: int, least: int) -> None:
        """Of ``count`` tensors, spells of ``least`` recorded steps or more."""
        self._least = least
        self._recorded = np.zeros(count, np.int64)
        self._rows: dict[int, _Open] = {}

    def add(
        self, steps: npt.NDArray[np.int64], recorded: Flags, met: Flags, measured: Numbers
    ) -> None:
        """Take in the ``steps`` that follow.

        Args:
            steps: their numbers, ascending.
            recorded: ``[tensors, steps]``: where there is something to judge.
            met: ``[tensors, steps]``: where the condition is met.
            measured: ``[tensors, steps]``: the evidence, the larger the stronger.
        """
        self._recorded += recorded.sum(axis=1)
        going_on = [row for row, seen in self._rows.items() if seen.length]
        for row in np.union1d(np.flatnonzero(met.any(axis=1)), going_on).astype(int).tolist():
            seen = self._rows.setdefault(row, _Open())
            chosen = np.flatnonzero(recorded[row])
            holds = met[row, chosen]
            # Where the spells of this row begin and end among its recorded steps.
            edges = np.flatnonzero(np.diff(holds, prepend=False, append=False))
            if seen.length and chosen.size and not holds[0]:
                seen.length = 0
            for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
                part = chosen[begin:end]
                if begin:
                    seen.length = 0
                self._extend(seen, steps[part], measured[row, part])
            if edges.size and edges[-1] < chosen.size:
                seen.length = 0

    def found(self) -> Iterator[tuple[int, Seen]]:
        """The tensors that had a spell that was long enough, by row."""
        for row, seen in sorted(self._rows.items()):
            if seen.times:
                yield (
                    row,
                    Seen(
                        row=row,
                        recorded=int(self._recorded[row]),
                        times=seen.times,
                        first=seen.first,
                        last=seen.last,
                        strongest=seen.strongest,
                        strongest_step=seen.strongest_step,
                        lasting=seen.lasting,
                    ),
                )

    def _extend(self, seen: _Open, steps: npt.NDArray[np.int64], measured: Numbers) -> None:
        """Go on with a spell, or begin one where none goes on."""
        if not seen.length:
            seen.began, seen.weakest, seen.peak = int(steps[0]), np.inf, -np.inf
        before = seen.length
        seen.length += len(steps)
        place = int(np.argmax(measured))
        if measured[place] > seen.peak:
            seen.peak, seen.peak_step = float(measured[place]), int(steps[place])
        if before < self._least:
            seen.weakest = min(seen.weakest, float(measured[: self._least - before].min()))
        if seen.length < self._least:
            return
        if not seen.times:
            seen.first = seen.began
        seen.times += seen.length if before < self._least else len(steps)
        seen.last = int(steps[-1])
        seen.lasting = max(seen.lasting, seen.weakest)
        if seen.peak > seen.strongest:
            seen.strongest, seen.strongest_step = seen.peak, seen.peak_step
