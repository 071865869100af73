"""Segments of a run whose disk is bounded: what is old is dropped, ever more of it with its age."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tb_layerview.errors import TooLargeError
from tb_layerview.log.earlier import earlier_units
from tb_layerview.log.frame import Frame
from tb_layerview.log.header import Numbered
from tb_layerview.log.naming import SegmentNames
from tb_layerview.log.summaries import Summaries
from tb_layerview.log.thinned_files import Numbers, ThinnedFiles
from tb_layerview.log.thinning import EPOCHS, HIGHEST_TIER, Room, Unit, tier_of

SUMMARIES_PART: Final = 8
"""One of so many parts of the room is for the statistics of what was dropped."""

MOST_RESTARTS: Final = 256
"""So many are told in the header of a frame: of more, what follows is that of a further writer.

A training that records every step twice restarts with each, and all headers tell of all."""

_ALONE: Final = -1
"""The place of a frame that stays: it has a file of its own."""


class Usage(NamedTuple):
    """What a bounded log takes, as of now.

    Of ``recorded`` steps of this writer and those before it, ``whole`` are there with everything.
    ``stuck`` files, counted in ``nbytes``, are to make room and could not be removed so far.
    """

    whole: int
    recorded: int
    nbytes: int
    limit: int
    stuck: int = 0


class ThinnedSegments:
    """Keeps to ``keep_bytes`` at every moment, earlier writers of the run included.

    May be asked for its `usage`, and given another limit, while another thread appends.
    """

    def __init__(
        self, folder: Path, rank: int, keep_bytes: int, segment_bytes: int, world_size: int = 1
    ) -> None:
        """Go on in ``folder``.

        Raises:
            OSError: it cannot be written.
        """
        self._names = names = SegmentNames(folder, rank)
        earlier = earlier_units(folder, rank, world_size)
        for name in earlier.names:
            names.taken(name)
        first = names.begin()
        self._lock = threading.Lock()
        self._base = earlier.frames
        self._earlier = earlier
        self._earlier_recorded = earlier.recorded()
        self._lives: list[array[int]] = []
        self._bases = {**earlier.bases, names.writer: earlier.frames}
        self._summaries = Summaries(names, Room(0, earlier.summaries), self._bases)
        self._files: ThinnedFiles[int] = ThinnedFiles(
            names,
            Room(0, earlier.whole),
            "bytes of a step, beside the first and the marked ones, which keep_gigabytes always "
            "keeps (raise it, or record fewer layers, kinds or samples)",
            self._leave,
        )
        self._files.begun(_ALONE, first, HIGHEST_TIER, self._base)
        self._segment_bytes = segment_bytes
        self._ordinal = 0
        self._steps = array("q")
        self._restarts: tuple[tuple[int, int], ...] = ()
        self._last: Path | None = None
        try:
            self.limit(keep_bytes)
        except BaseException:
            self.close()
            raise

    def limit(self, keep_bytes: int) -> None:
        """Keep to so many bytes from now on, as far as files can be removed.

        Raises:
            OSError: the statistics of what is dropped could not be written.
        """
        with self._lock:
            part = keep_bytes // SUMMARIES_PART
            self._summaries.files.room.limit = part
            self._files.room.limit = keep_bytes - part
            now = self._base + self._ordinal
            self._summaries.files.shrink(now)
            self._files.shrink(now)

    def append(self, frame: Frame) -> int:
        """Write ``frame``, when what is less worth was dropped for it; answer its bytes.

        Raises:
            TooLargeError: there is no room for it, beside what always stays.
            OSError: it could not be written, or nothing be removed that is to make room for it.
        """
        with self._lock:
            if self._is_deleted():
                self._begin_anew()
            if len(self._restarts_with(frame.step)) > MOST_RESTARTS:
                self._go_on_as_another()
            known = bisect_left(self._steps, frame.step)
            restarts = self._restarts_with(frame.step)
            if restarts != self._restarts:
                # What is replaced may go, unless it shares a file that is written.
                if self._steps:
                    self._close_epoch()
                self._files.room.replace_from(frame.step)
                self._summaries.files.room.replace_from(frame.step)
                self._count_before(frame.step)
            number = Numbered(self._ordinal, known + 1, restarts)
            is_first = not any(unit.steps for unit in self._units())
            stays = is_first or frame.mark is not None
            alone = stays or self._ordinal == 0
            # Of a run that records each step twice, every second ordinal is soon replaced.
            tier = tier_of(known)
            try:
                written = self._files.append(
                    _ALONE if alone else tier,
                    frame,
                    Numbers(number, self._base + self._ordinal),
                    self._base + self._ordinal,
                    tier=tier,
                    stays=stays,
                )
            except TooLargeError as error:
                # It is not the frame that is too large, if files are in the way.
                raise (error.__cause__ or error) from None
            del self._steps[known:]
            self._steps.append(frame.step)
            self._restarts = restarts
            self._ordinal += 1
            self._last = self._files.last
            if alone:
                self._files.close_one(_ALONE)
            self._close_full_epoch()
            return written

    def usage(self) -> Usage:
        """How much is kept, and what it takes."""
        with self._lock:
            whole, summaries = self._files.room, self._summaries.files.room
            return Usage(
                whole=sum(len(unit.steps) for unit in whole if unit.rank is None),
                recorded=self._earlier_recorded + sum(map(len, (*self._lives, self._steps))),
                nbytes=whole.nbytes + summaries.nbytes,
                limit=whole.limit + summaries.limit,
                stuck=sum(unit.is_stuck for room in (whole, summaries) for unit in room),
            )

    def is_deleted(self) -> bool:
        """Whether somebody deleted a file that is written, or the one that was written last."""
        with self._lock:
            return self._is_deleted()

    def close(self) -> None:
        """Close the files. A second call does nothing."""
        with self._lock:
            self._files.close()
            self._summaries.files.close()

    def _units(self) -> Iterator[Unit]:
        yield from self._files.room
        yield from self._summaries.files.room

    def _restarts_with(self, step: int) -> tuple[tuple[int, int], ...]:
        """What replaces earlier frames, once a frame of ``step`` is written."""
        if self._steps and step > self._steps[-1]:
            return self._restarts
        return (*(pair for pair in self._restarts if pair[1] < step), (self._ordinal, step))

    def _close_full_epoch(self) -> None:
        room = self._files.room.limit // EPOCHS
        if self._files.open_bytes >= min(room, self._segment_bytes):
            self._close_epoch()

    def _close_epoch(self) -> None:
        """Close the files of the epoch, which is as old as its youngest frame."""
        units = [opened.unit for opened in self._files.open.values()]
        for unit in units:
            unit.youngest = max(other.youngest for other in units)
        self._files.close()

    def _count_before(self, step: int) -> None:
        """Count of what earlier writers recorded only what is before ``step``."""
        for steps in self._lives:
            del steps[bisect_left(steps, step) :]
        if any(entry.header.step >= step for entry in self._earlier.seen[-1:]):
            self._earlier_recorded = min(self._earlier_recorded, self._earlier.recorded(step))

    def _go_on_as_another(self) -> None:
        """Go on as a later writer of the run."""
        self._close_epoch()
        self._names.anew()
        self._base += self._ordinal
        self._bases[self._names.writer] = self._base
        self._lives.append(self._steps)
        self._ordinal = 0
        self._steps = array("q")
        self._restarts = ()

    def _leave(self, unit: Unit, now: int) -> None:
        """Write the statistics of what is seen in a file that is going to be removed."""
        self._summaries.take(unit, now)
        if unit.path == self._last:
            self._last = None

    def _is_deleted(self) -> bool:
        files = (self._files, self._summaries.files)
        is_gone = self._last is not None and not self._last.exists()
        return is_gone or any(opened.is_deleted() for opened in files)

    def _begin_anew(self) -> None:
        """Go on in new files, and count those that somebody deleted no more."""
        self._last = None
        self._close_epoch()
        self._summaries.files.close()
        for room in (self._files.room, self._summaries.files.room):
            for unit in [unit for unit in room if not unit.path.exists()]:
                room.forget(unit)
