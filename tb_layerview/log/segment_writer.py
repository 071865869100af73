"""A segment that is open for writing, and the schemas that its frames refer to."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Final, NamedTuple

from tb_layerview.log import records
from tb_layerview.log.encoding import encode_frame
from tb_layerview.log.frame import Frame
from tb_layerview.log.header import SCHEMA_TAG, Numbered
from tb_layerview.log.record_file import RecordFile, version_record
from tb_layerview.log.schema import Schema, encode_schema

_BLOCK_BYTES: Final = 4096
"""A file takes a whole number of these on most disks."""


def disk_bytes(size: int) -> int:
    """What a file of ``size`` bytes takes on a disk."""
    return -(-size // _BLOCK_BYTES) * _BLOCK_BYTES


class Encoded(NamedTuple):
    """A frame as it will stand in a segment, its schema before it where that is new there.

    ``schema`` is a digest of its text.
    """

    buffers: list[records.Buffer]
    schema: bytes
    schema_offset: int


class SchemaText:
    """The JSON of schemas; made anew only where it is another than that of the frame before."""

    def __init__(self) -> None:
        self._last: tuple[Schema | None, bytes] = (None, b"")

    def of(self, schema: Schema) -> bytes:
        """UTF-8 JSON."""
        # Specs that are the same objects are compared at once.
        if schema != self._last[0]:
            self._last = schema, encode_schema(schema)
        return self._last[1]


class SegmentWriter:
    """One file, which is begun by the first `write`, or by `create`."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self._file: RecordFile | None = None
        # By a digest: where every batch has shapes of its own, the texts would take more and more.
        self._schemas: dict[bytes, int] = {}

    def create(self) -> None:
        """Begin the file, if it is not there yet.

        Raises:
            FileExistsError: somebody has this name.
            OSError: it cannot be created.
        """
        if self._file is None:
            self._file = RecordFile(self.path, records.FILE_VERSION)

    @property
    def position(self) -> int:
        """Where the next record begins."""
        if self._file is None:
            return records.size(version_record(records.FILE_VERSION))
        return self._file.position

    @property
    def nbytes(self) -> int:
        """What it takes on the disk."""
        return 0 if self._file is None else disk_bytes(self._file.position)

    @property
    def is_empty(self) -> bool:
        """Whether no frame was written."""
        return not self._schemas

    @property
    def is_torn(self) -> bool:
        """Whether it must not be written any more."""
        return self._file is not None and self._file.torn

    def encode(self, frame: Frame, schema: bytes, numbered: Numbered | None = None) -> Encoded:
        """The bytes of ``frame``, if it is what is written next.

        Raises:
            ArgumentError: the tensors of the frame are not those of its schema.
        """
        digest = blake2b(schema, digest_size=16).digest()
        offset = self._schemas.get(digest, self.position)
        buffers: list[records.Buffer] = []
        if digest not in self._schemas:
            event = records.plugin_event(
                SCHEMA_TAG, schema, step=frame.step, wall_time=frame.wall_time
            )
            buffers += records.record([event.SerializeToString()])
        buffers += encode_frame(frame, offset, numbered).buffers
        return Encoded(buffers, digest, offset)

    def growth(self, encoded: Encoded) -> int:
        """By how much more the file takes on the disk once this is written."""
        return disk_bytes(self.position + records.size(encoded.buffers)) - self.nbytes

    def write(self, encoded: Encoded) -> int:
        """Append what `encode` answered, all of it or nothing; answer how many bytes.

        Raises:
            OSError: they could not be written.
        """
        self.create()
        assert self._file is not None  # noqa: S101  # it was just made
        written = self._file.write(encoded.buffers)
        self._schemas[encoded.schema] = encoded.schema_offset
        return written

    def is_deleted(self) -> bool:
        """Whether somebody deleted the file that is written."""
        return self._file is not None and self._file.is_deleted()

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        if self._file is not None:
            self._file.close()
