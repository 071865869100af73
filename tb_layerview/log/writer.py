"""The writer: appends frames to segments. Used by one thread at a time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tb_layerview.errors import ArgumentError, ClosedError
from tb_layerview.log.frame import Frame
from tb_layerview.log.rolling import RollingSegments
from tb_layerview.log.segment import SUBDIRECTORY
from tb_layerview.log.thinned import ThinnedSegments, Usage

SEGMENT_BYTES: Final = 512 * 1024 * 1024
"""A segment is not begun larger than this: a file of this size moves and expires as a whole."""


class LogWriter:
    """Appends frames to the log of a run.

    What `append` has returned from is with the operating system: a process that is killed
    afterwards does not lose it.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        *,
        rank: int = 0,
        world_size: int = 1,
        segment_bytes: int = SEGMENT_BYTES,
        keep_bytes: int | None = None,
    ) -> None:
        """Begin a log in ``directory``, that of the run.

        With ``keep_bytes``, the files of this rank take no more than that at any moment: older
        frames are dropped, as `tb_layerview.log.thinning` says. Files of ranks that a group of
        ``world_size`` does not have any more are counted by one that it has.

        Raises:
            ArgumentError: ``segment_bytes``, ``rank`` or ``keep_bytes`` is out of range.
            OSError: the directory cannot be written.
        """
        _at_least("segment_bytes", 1, segment_bytes)
        _at_least("rank", 0, rank)
        folder = Path(directory) / SUBDIRECTORY
        self._closed = False
        self._thinned: ThinnedSegments | None = None
        self._segments: RollingSegments | ThinnedSegments
        if keep_bytes is None:
            self._segments = RollingSegments(folder, rank, segment_bytes)
        else:
            _at_least("keep_bytes", 1, keep_bytes)
            self._segments = self._thinned = ThinnedSegments(
                folder, rank, keep_bytes, segment_bytes, world_size
            )

    def append(self, frame: Frame) -> int:
        """Write ``frame`` and answer the bytes that it took.

        After an error the log is as it was before: nothing half-written stays in the way.

        Raises:
            ArgumentError: the tensors of the frame are not those of its schema.
            ClosedError: the writer is closed.
            TooLargeError: ``keep_bytes`` leaves no room for it.
            OSError: the bytes could not be written, or no file be removed to make room for them.
        """
        if self._closed:
            raise ClosedError("the log writer")
        return self._segments.append(frame)

    def is_deleted(self) -> bool:
        """Whether somebody deleted the file that is written: the next frame begins a new one."""
        return self._segments.is_deleted()

    def limit(self, keep_bytes: int) -> None:
        """Keep to so many bytes from now on, where there is a bound; may be called by any thread.

        Raises:
            OSError: the statistics of what is too much could not be written.
        """
        if self._thinned is not None:
            self._thinned.limit(keep_bytes)

    def usage(self) -> Usage | None:
        """What a bounded log takes; None where there is no bound. May be called by any thread."""
        return None if self._thinned is None else self._thinned.usage()

    def close(self) -> None:
        """Close the files. A second call does nothing."""
        self._closed = True
        self._segments.close()


def _at_least(argument: str, least: int, received: int) -> None:
    if received < least:
        raise ArgumentError(argument, f"at least {least}", received)
