"""The writer: appends frames to segments. Used by one thread at a time."""

from __future__ import annotations

import os
import re
import socket
import time
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import Final

from tensorboard.compat.proto import event_pb2

from tb_layerview.errors import ArgumentError, ClosedError
from tb_layerview.log import records
from tb_layerview.log.encoding import encode_frame
from tb_layerview.log.frame import Frame
from tb_layerview.log.header import SCHEMA_TAG
from tb_layerview.log.schema import Schema, encode_schema
from tb_layerview.log.segment import SUBDIRECTORY, SegmentName

SEGMENT_BYTES: Final = 512 * 1024 * 1024
"""A segment is not begun larger than this: a file of this size moves and expires as a whole."""

_LARGE_BUFFER_BYTES: Final = 65_536
"""From this size on, a buffer is written by itself: joining it to others would cost a copy."""


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
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        """Begin a log in ``directory``, that of the run.

        Raises:
            ArgumentError: ``segment_bytes`` or ``rank`` is out of range.
            OSError: the directory cannot be written.
        """
        if segment_bytes < 1:
            raise ArgumentError("segment_bytes", "at least 1", segment_bytes)
        if rank < 0:
            raise ArgumentError("rank", "at least 0", rank)
        self._folder = Path(directory) / SUBDIRECTORY
        self._folder.mkdir(parents=True, exist_ok=True)
        self._segment_bytes = segment_bytes
        self._name = SegmentName(time.time_ns() // 1_000_000, _host(), os.getpid(), rank, 0)
        self._encoded: tuple[Schema | None, bytes] = (None, b"")
        self._closed = False
        self._segment: _OpenSegment | None = self._next_segment()

    def append(self, frame: Frame) -> int:
        """Write ``frame`` and answer the bytes that it took.

        After an error the log is as it was before: nothing half-written stays in the way.

        Raises:
            ArgumentError: the tensors of the frame are not those of its schema.
            ClosedError: the writer is closed.
            OSError: the bytes could not be written.
        """
        if self._closed:
            raise ClosedError("the log writer")
        segment = self._segment_for(frame)
        schema = self._encode(frame.schema)
        schema_offset = segment.schemas.get(schema, segment.position)
        buffers: list[records.Buffer] = []
        if schema not in segment.schemas:
            event = records.plugin_event(
                SCHEMA_TAG, schema, step=frame.step, wall_time=frame.wall_time
            )
            buffers += records.record([event.SerializeToString()])
        buffers += encode_frame(frame, schema_offset).buffers
        try:
            written = segment.write(buffers)
        except OSError:
            if segment.torn:
                self._close_segment()
            raise
        segment.schemas[schema] = schema_offset
        return written

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        self._closed = True
        self._close_segment()

    def _encode(self, schema: Schema) -> bytes:
        """The schema's JSON; frames that share a schema object share the work."""
        if schema is not self._encoded[0]:
            self._encoded = schema, encode_schema(schema)
        return self._encoded[1]

    def _segment_for(self, frame: Frame) -> _OpenSegment:
        """The segment that takes ``frame``: a new one where it would grow too large."""
        stored_bytes = sum(tensor.stored_bytes for tensor in frame.tensors)
        segment = self._segment
        if segment and segment.schemas and segment.position + stored_bytes > self._segment_bytes:
            self._close_segment()
        if self._segment is None:
            self._segment = self._next_segment()
        return self._segment

    def _next_segment(self) -> _OpenSegment:
        """Create a file whose name nobody has."""
        while True:
            try:
                return _OpenSegment(self._folder / str(self._name))
            except FileExistsError:
                self._name = self._name._replace(start_ms=self._name.start_ms + 1)

    def _close_segment(self) -> None:
        if self._segment is not None:
            self._segment.close()
            self._segment = None
            self._name = self._name._replace(number=self._name.number + 1)


class _OpenSegment:
    """The file that is written now.

    ``position`` is where the next record begins, ``schemas`` where those of the file do; ``torn``
    says that a failed write left bytes behind that could not be cut off.
    """

    def __init__(self, path: Path) -> None:
        self._file: Final = FileIO(path, "xb")
        self.position = 0
        self.schemas: dict[bytes, int] = {}
        self.torn = False
        version = event_pb2.Event(wall_time=time.time(), file_version=records.FILE_VERSION)
        try:
            self.write(records.record([version.SerializeToString()]))
        except OSError:
            self._file.close()
            path.unlink(missing_ok=True)
            raise

    def write(self, buffers: Sequence[records.Buffer]) -> int:
        """Append all bytes of ``buffers``, or none; answer how many."""
        try:
            for block in _coalesced(buffers):
                _write_all(self._file, block)
        except OSError:
            self._take_back()
            raise
        written = records.size(buffers)
        self.position += written
        return written

    def _take_back(self) -> None:
        try:
            self._file.truncate(self.position)
            self._file.seek(self.position)
        except OSError:
            self.torn = True

    def close(self) -> None:
        self._file.close()


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


def _host() -> str:
    """The host's name without the dots, which the file name needs for itself."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", socket.gethostname()) or "localhost"
