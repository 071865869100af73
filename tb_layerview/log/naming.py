"""The names of the segments that a writer begins."""

from __future__ import annotations

import os
import re
import socket
import time
from pathlib import Path
from typing import Final

from tb_layerview.log.segment import SegmentName, WriterName
from tb_layerview.log.segment_writer import SegmentWriter


class SegmentNames:
    """Hands out the names of a writer, and those of earlier ones whose files it goes on with."""

    def __init__(self, folder: Path, rank: int) -> None:
        self.folder: Final = folder
        self._writer: WriterName = (time.time_ns() // 1_000_000, _host(), os.getpid(), rank)
        self._next: dict[WriterName, int] = {}

    @property
    def writer(self) -> WriterName:
        """What all names of this writer have in common."""
        return self._writer

    def anew(self) -> None:
        """Go on as if another writer began now."""
        self._writer = (max(time.time_ns() // 1_000_000, self._writer[0] + 1), *self._writer[1:])

    def taken(self, name: SegmentName) -> None:
        """Take note that a file has this name."""
        self._next[name[:4]] = max(self._next.get(name[:4], 0), name.number + 1)

    def begin(self, writer: WriterName | None = None) -> SegmentWriter:
        """Create a file whose name nobody has; of ``writer``, if it is to go on with its files.

        Raises:
            OSError: it cannot be created.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        while True:
            of = writer or self._writer
            name = SegmentName(*of, self._next.get(of, 0))
            segment = SegmentWriter(self.folder / str(name))
            try:
                segment.create()
            except FileExistsError:
                if writer is None and of not in self._next:
                    # Another writer began in this very millisecond.
                    self._writer = (of[0] + 1, *of[1:])
                else:
                    self.taken(name)
            else:
                self.taken(name)
                return segment


def _host() -> str:
    """The host's name without the dots, which the file name needs for itself."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", socket.gethostname()) or "localhost"
