"""A segment: one ``.lvlog`` file. Its name, and the scan that finds the frames in it.

A scan hops from header to header and never reads a tensor. It resumes where the last one ended,
and takes a tail that is not whole yet for what it is: a write in progress.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import ArgumentError, DamagedLogError, GoneError
from tb_layerview.log import records
from tb_layerview.log.bounds import MAX_DESCRIPTION_BYTES
from tb_layerview.log.header import HEADER_TAG, SCHEMA_TAG, FrameHeader, parse_header
from tb_layerview.log.regular import open_regular
from tb_layerview.log.schema import IndexedSchema, decode_schema

SUBDIRECTORY: Final = Path("plugins", "layerview")
"""Where the segments lie, inside the run's directory."""

_NAME: Final = re.compile(r"(\d+)\.([^.]+)\.(\d+)\.rank(\d+)\.(\d+)\.lvlog", re.ASCII)
_READ_AHEAD_BYTES: Final = 4096
"""A header is smaller than this unless it tells of many problems."""


Interned = dict[bytes, IndexedSchema]
"""The schemas of a run by their content, so that equal ones are one object."""


WriterName = tuple[int, str, int, int]
"""What the names of a writer's segments have in common: all but the number."""


class SegmentName(NamedTuple):
    """The parts of ``<start ms>.<host>.<pid>.rank<r>.<n>.lvlog``, in the order of sorting.

    ``start_ms`` is when the writer began (milliseconds since 1970), ``number`` the place of the
    segment among the writer's.
    """

    start_ms: int
    host: str
    pid: int
    rank: int
    number: int

    def __str__(self) -> str:
        return f"{self.start_ms}.{self.host}.{self.pid}.rank{self.rank}.{self.number}.lvlog"


def parse_name(name: str) -> SegmentName | None:
    """The parts of a file name; None where it is not that of a segment."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    start_ms, host, pid, rank, number = match.groups()
    return SegmentName(int(start_ms), host, int(pid), int(rank), int(number))


@dataclass(frozen=True, slots=True)
class FrameEntry:
    """A whole frame of a file. ``body_offset`` is where its header record ends."""

    path: Path
    body_offset: int
    header: FrameHeader
    schema: IndexedSchema
    writer: WriterName


class SegmentFile:
    """An open segment, to read from at any offset. Used by one thread."""

    def __init__(self, file: FileIO, name: str) -> None:
        self._file = file
        self.name = name

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[SegmentFile]:
        """Open ``path`` for the time of a ``with``; no descriptor outlives it.

        Raises:
            GoneError: it is not there (any more).
            DamagedLogError: it is a link, or no regular file.
        """
        try:
            opened = open_regular(path)
        except FileNotFoundError as error:
            expected = "a file of the log that is still there: refresh the log"
            raise GoneError("file", expected, path.name) from error
        with opened as file:
            yield cls(file, path.name)

    def size(self) -> int:
        """Bytes of the file now."""
        return os.fstat(self._file.fileno()).st_size

    def read(self, offset: int, length: int) -> bytes:
        """Exactly ``length`` bytes from ``offset``.

        Raises:
            DamagedLogError: the file ends before.
        """
        self._file.seek(offset)
        parts = []
        missing = length
        while missing:
            part = self._file.read(missing)
            if not part:
                raise DamagedLogError(self.name, offset, f"the file ends {missing} bytes too soon")
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def read_into(self, offset: int, room: npt.NDArray[np.uint8]) -> None:
        """Fill ``room`` with the bytes from ``offset`` on.

        Raises:
            DamagedLogError: the file ends before.
        """
        self._file.seek(offset)
        missing = len(room)
        while missing:
            count = self._file.readinto(room[len(room) - missing :].data)
            if not count:
                raise DamagedLogError(self.name, offset, f"the file ends {missing} bytes too soon")
            missing -= count

    def record(self, offset: int, size: int, limit: int) -> tuple[bytes, int] | None:
        """The payload of the record at ``offset`` and where the record ends.

        None where a file of ``size`` bytes does not hold the whole of it (yet).

        Raises:
            DamagedLogError: the bytes do not have their checksums, or are more than ``limit``.
        """
        ahead = self.read(offset, max(0, min(_READ_AHEAD_BYTES, size - offset)))
        if len(ahead) < records.PREFIX_BYTES:
            return None
        length = records.payload_length(ahead[: records.PREFIX_BYTES], self.name, offset)
        if length > limit:
            reason = f"a record of {length:,} bytes, where at most {limit:,} are expected"
            raise DamagedLogError(self.name, offset, reason)
        begin = records.PREFIX_BYTES
        end = begin + length + records.SUFFIX_BYTES
        if size - offset < end:
            return None
        if len(ahead) < end:
            ahead += self.read(offset + len(ahead), end - len(ahead))
        payload = ahead[begin : begin + length]
        suffix = ahead[begin + length : end]
        records.check_payload(payload, suffix, self.name, offset)
        return payload, offset + end


class Segment:
    """What is known of one file: its whole frames, and the damage that ends them, if any."""

    def __init__(self, path: Path, name: SegmentName) -> None:
        self.path = path
        self.name = name
        self.frames: list[FrameEntry] = []
        self.problem: str | None = None
        self._schemas: dict[int, IndexedSchema] = {}
        self._end = 0
        self._size = -1

    def scan(self, interned: Interned) -> bool:
        """Look for frames behind those that are known; True where anything changed.

        Raises:
            OSError: the file cannot be read.
            GoneError: it is not there any more.
            DamagedLogError: the file is shorter than what had been read of it.
        """
        if self._is_as_before():
            return False
        before = len(self.frames), self.problem
        self.problem = None
        with ExitStack() as opened:
            try:
                file = opened.enter_context(SegmentFile.open(self.path))
            except DamagedLogError as error:
                # A link or a pipe: whatever was seen under this name is not to be reached by it.
                self.frames, self._schemas, self._end = [], {}, 0
                self.problem = str(error)
            else:
                self._scan_file(file, interned)
        return before != (len(self.frames), self.problem)

    @property
    def tail_bytes(self) -> int:
        """Bytes behind the last whole frame: of one that is being written, or was cut off."""
        return 0 if self.problem is not None else max(0, self._size - self._end)

    def _is_as_before(self) -> bool:
        """Whether the file is as long as when it was looked at last: most files of a log are."""
        try:
            return self.path.stat(follow_symlinks=False).st_size == self._size
        except FileNotFoundError:
            # Opening it says so.
            return False

    def _scan_file(self, file: SegmentFile, interned: Interned) -> None:
        # Where it cannot be read this time, it is not taken for looked at.
        self._size = -1
        size = file.size()
        if size < self._end:
            raise DamagedLogError(file.name, size, "the file was truncated")
        try:
            while self._end < size:
                end = self._scan_record(file, size, interned)
                if end is None:
                    break
                self._end = end
        except DamagedLogError as error:
            self.problem = str(error)
        self._size = size

    def _scan_record(self, file: SegmentFile, size: int, interned: Interned) -> int | None:
        """Take in the record at the end of what is known; where the next one begins, if whole."""
        offset = self._end
        record = file.record(offset, size, MAX_DESCRIPTION_BYTES)
        if record is None:
            return None
        payload, end = record
        event = records.parse_event(payload, file.name, offset)
        if offset == 0:
            if event.file_version != records.FILE_VERSION:
                reason = f"expected {records.FILE_VERSION!r}, received {event.file_version!r}"
                raise DamagedLogError(file.name, offset, reason)
            return end
        tag = event.summary.value[0].tag if event.summary.value else ""
        if tag == SCHEMA_TAG:
            content = event.summary.value[0].metadata.plugin_data.content
            self._schemas[offset] = _intern(content, interned, file.name, offset)
            return end
        if tag == HEADER_TAG:
            return self._take_frame(parse_header(event, file.name, offset), file.name, end, size)
        raise DamagedLogError(file.name, offset, f"neither a schema nor a frame: {tag!r}")

    def _take_frame(
        self, header: FrameHeader, file: str, body_offset: int, size: int
    ) -> int | None:
        offset = self._end
        if header.frame_bytes < body_offset - offset:
            raise DamagedLogError(file, offset, "a frame that ends within its header")
        if size - offset < header.frame_bytes:
            return None
        schema = self._schemas.get(header.schema_offset)
        if schema is None:
            reason = f"a frame without its schema at byte {header.schema_offset}"
            raise DamagedLogError(file, offset, reason)
        self.frames.append(FrameEntry(self.path, body_offset, header, schema, self.name[:4]))
        return offset + header.frame_bytes


def _intern(content: bytes, interned: Interned, file: str, offset: int) -> IndexedSchema:
    if content not in interned:
        try:
            interned[content] = IndexedSchema(decode_schema(content))
        except ArgumentError as error:
            raise DamagedLogError(file, offset, str(error)) from error
    return interned[content]
