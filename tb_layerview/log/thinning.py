"""Which frames are dropped, when there is no room for all: recent ones stay dense, old ones thin.

Frames are numbered from 0. The *tier* of a frame is the number of zeros at the end, in binary, of
how many steps were recorded before it: half of the frames are of tier 0, a quarter of tier 1, and
so on; what is left without the lower tiers is evenly spaced. Frames of one tier that follow each
other are in one file, and a file is dropped as a whole: that one whose frames are closest together
for their age,

    age / 2 ** tier        age = number of the next frame - number of the youngest in its epoch

So of a run of any length, frames of an age ``a`` are about ``a / n`` apart, with an ``n`` that the
room decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tb_layerview.errors import TooLargeError

EPOCHS: Final = 32
"""An epoch, frames whose files are written side by side, takes this part of the room."""

HIGHEST_TIER: Final = 62
"""That of frame 0."""


_MOST_REFUSED: Final = 32
"""So many files that cannot be removed are found at once: of each, summaries are written before."""


def tier_of(ordinal: int) -> int:
    """How many zeros the number ends with, in binary."""
    return (ordinal & -ordinal).bit_length() - 1 if ordinal else HIGHEST_TIER


@dataclass(slots=True, eq=False)
class Unit:
    """A file whose frames are dropped together.

    ``youngest`` is the number of the last frame of its epoch, counted over all writers of the run;
    ``steps`` are those of its frames that no restart replaced. ``stays`` says that it is not
    dropped for room: it holds the first step of the run, or one that is marked. ``is_left`` says
    that nothing of it is wanted any more, ``is_stuck`` that it could not be removed yet, ``rank``
    whose frames it holds where these are not the writer's own.
    """

    path: Path
    tier: int
    youngest: int
    nbytes: int = 0
    steps: list[int] = field(default_factory=list)
    stays: bool = False
    is_open: bool = False
    is_left: bool = False
    is_stuck: bool = False
    rank: int | None = None

    @property
    def may_go(self) -> bool:
        """Whether it can be dropped for room; what a restart replaced always can."""
        return not self.is_open and not self.is_stuck and not (self.stays and self.steps)


def next_to_drop(units: Iterable[Unit], now: int) -> Unit | None:
    """The file to drop when the next frame has the number ``now``; None where all must stay."""

    def worth(unit: Unit) -> tuple[bool, float, int]:
        return not unit.steps, (now - unit.youngest) / 2**unit.tier, -unit.tier

    return max((unit for unit in units if unit.may_go), key=worth, default=None)


class Room:
    """Files that together take ``limit`` bytes at most."""

    def __init__(self, limit: int, units: Iterable[Unit]) -> None:
        self.limit = limit
        self._units = dict.fromkeys(units)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._units)

    @property
    def nbytes(self) -> int:
        """What they take now."""
        return sum(unit.nbytes for unit in self._units)

    def add(self, unit: Unit) -> None:
        """Count one more."""
        self._units[unit] = None

    def forget(self, unit: Unit) -> None:
        """Count one no more: it is gone."""
        del self._units[unit]

    def check(self, what: str, nbytes: int) -> None:
        """Whether there can be room for ``nbytes`` more at all.

        Raises:
            TooLargeError: not even if all is dropped that may be.
        """
        staying = sum(unit.nbytes for unit in self._units if unit.stays and unit.steps)
        if staying + nbytes > self.limit:
            raise TooLargeError(what, self.limit - staying, nbytes)

    def make(self, nbytes: int, now: int, drop: Callable[[Unit], bool]) -> bool:
        """Drop files until there is room for ``nbytes`` more; False where there cannot be.

        Open ones are in the way then, or files that cannot be removed. ``drop`` removes a file and
        answers whether it is gone; it may raise. What is not gone is counted on and tried again
        the next time, and others are dropped in its place.
        """
        for stuck in [unit for unit in self._units if unit.is_stuck]:
            self._try(stuck, drop)
        refused = 0
        while self.nbytes + nbytes > self.limit:
            unit = next_to_drop(self._units, now)
            if unit is None or refused == _MOST_REFUSED:
                return False
            refused += not self._try(unit, drop)
        return True

    def _try(self, unit: Unit, drop: Callable[[Unit], bool]) -> bool:
        unit.is_stuck = not drop(unit)
        if not unit.is_stuck:
            self.forget(unit)
        return not unit.is_stuck

    def replace_from(self, step: int) -> None:
        """Take note that a restart replaces all from ``step`` on."""
        for unit in self._units:
            unit.steps = [known for known in unit.steps if known < step]
