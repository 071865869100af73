"""The writer: appends frames to segments. Used by one thread at a time."""

from __future__ import annotations

import os
import re
import socket
import time
from pathlib import Path
from typing import Final

from tb_layerview.errors import ArgumentError, ClosedError
from tb_layerview.log import records
from tb_layerview.log.encoding import encode_frame
from tb_layerview.log.frame import Frame
from tb_layerview.log.header import SCHEMA_TAG
from tb_layerview.log.record_file import RecordFile
from tb_layerview.log.schema import Schema, encode_schema
from tb_layerview.log.segment import SUBDIRECTORY, SegmentName

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
        self._segment_bytes = segment_bytes
        self._name = SegmentName(time.time_ns() // 1_000_000, _host(), os.getpid(), rank, 0)
        self._encoded: tuple[Schema | None, bytes] = (None, b"")
        self._closed = False
        self._schemas: dict[bytes, int] = {}
        self._segment: RecordFile | None = self._next_segment()

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
        schema_offset = self._schemas.get(schema, segment.position)
        buffers: list[records.Buffer] = []
        if schema not in self._schemas:
            event = records.plugin_event(
                SCHEMA_TAG, schema, step=frame.step, wall_time=frame.wall_time
            )
            buffers += records.record([event.SerializeToString()])
        buffers += encode_frame(frame, schema_offset).buffers
        try:
            written = segment.write(buffers)
        except BaseException:
            if segment.torn:
                self._close_segment()
            raise
        self._schemas[schema] = schema_offset
        return written

    def is_deleted(self) -> bool:
        """Whether somebody deleted the file that is written: the next frame begins a new one."""
        return self._segment is not None and self._segment.is_deleted()

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        self._closed = True
        self._close_segment()

    def _encode(self, schema: Schema) -> bytes:
        """The schema's JSON; made anew only where it is another than that of the frame before."""
        # Specs that are the same objects are compared at once.
        if schema != self._encoded[0]:
            self._encoded = schema, encode_schema(schema)
        return self._encoded[1]

    def _segment_for(self, frame: Frame) -> RecordFile:
        """The segment that takes ``frame``: a new one where it is gone, or would grow too large."""
        stored_bytes = sum(tensor.stored_bytes for tensor in frame.tensors)
        segment = self._segment
        if segment and self._schemas and segment.position + stored_bytes > self._segment_bytes:
            self._close_segment()
        if self.is_deleted():
            self._close_segment()
        if self._segment is None:
            self._segment = self._next_segment()
        return self._segment

    def _next_segment(self) -> RecordFile:
        """Create a file whose name nobody has."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._schemas = {}
        while True:
            try:
                return RecordFile(self._folder / str(self._name), records.FILE_VERSION)
            except FileExistsError:
                self._name = self._name._replace(start_ms=self._name.start_ms + 1)

    def _close_segment(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            self._name = self._name._replace(number=self._name.number + 1)
            segment.close()


def _host() -> str:
    """The host's name without the dots, which the file name needs for itself."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", socket.gethostname()) or "localhost"
