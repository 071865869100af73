"""A file of records that is appended to: each append as a whole, or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import Final

from tensorboard.compat.proto import event_pb2

from tb_layerview.log import records

_LARGE_BUFFER_BYTES: Final = 65_536
"""From this size on, a buffer is written by itself: joining it to others would cost a copy."""


def version_record(version: str) -> list[records.Buffer]:
    """The first record of a file. Its size does not depend on the time."""
    event = event_pb2.Event(wall_time=time.time(), file_version=version)
    return records.record([event.SerializeToString()])


class RecordFile:
    """A new file, which begins with the record of its version.

    ``position`` is where the next record begins; ``torn`` says that a failed write left bytes
    behind that could not be cut off: the file must not be written any more.
    """

    def __init__(self, path: Path, version: str) -> None:
        """Create ``path``.

        Raises:
            FileExistsError: somebody has this name.
            OSError: it cannot be created or written; then it is not there.
        """
        self._path: Final = path.absolute()
        self._file: Final = FileIO(path, "xb")
        self.position = 0
        self.torn = False
        try:
            self.write(version_record(version))
        except BaseException:
            self._file.close()
            path.unlink(missing_ok=True)
            raise

    def write(self, buffers: Sequence[records.Buffer]) -> int:
        """Append all bytes of ``buffers``, or none; answer how many.

        Raises:
            OSError: they could not be written.
        """
        try:
            for block in _coalesced(buffers):
                _write_all(self._file, block)
        except BaseException:
            self._take_back()
            raise
        written = records.size(buffers)
        self.position += written
        return written

    def is_deleted(self) -> bool:
        """Whether its name is not that of this file any more, or somebody cut it.

        The system would go on to take bytes that nobody can find, behind a hole in the latter case.
        """
        try:
            held = os.fstat(self._file.fileno())
            named = self._path.stat()
        except OSError:
            # There is nothing of that name, or a network file system has forgotten it.
            return True
        is_same = os.path.samestat(held, named)
        return not is_same or held.st_size != self.position

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        self._file.close()

    def _take_back(self) -> None:
        try:
            self._file.truncate(self.position)
            self._file.seek(self.position)
        except OSError:
            self.torn = True


def _coalesced(buffers: Sequence[records.Buffer]) -> Iterator[memoryview]:
    """The same bytes in fewer pieces: small buffers joined, large ones passed on as they are."""
    small: list[memoryview] = []
    for buffer in buffers:
        view = memoryview(buffer) if isinstance(buffer, bytes) else buffer.data
        if len(view) < _LARGE_BUFFER_BYTES:
            small.append(view)
            continue
        yield memoryview(b"".join(small))
        small = []
        yield view
    yield memoryview(b"".join(small))


def _write_all(file: FileIO, block: memoryview) -> None:
    """Write every byte of ``block``: an unbuffered write may stop anywhere."""
    written = 0
    while written < len(block):
        written += write_some(file, block[written:])


def write_some(file: FileIO, block: memoryview) -> int:
    """Write as much of ``block`` as the system takes at once; the one place that writes."""
    return file.write(block)
