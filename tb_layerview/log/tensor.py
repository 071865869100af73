"""What a frame holds, read from its file: columns, and slices of tensors."""

from __future__ import annotations

import math
from typing import Any

import google_crc32c
import numpy as np
import numpy.typing as npt

from tb_layerview.errors import DamagedLogError
from tb_layerview.log import slices
from tb_layerview.log.dtypes import dtype_of
from tb_layerview.log.header import CHECKSUMS_TAG, RECORDS_TAG, RecordPlace, parse_column
from tb_layerview.log.records import CHUNK_BYTES
from tb_layerview.log.schema import TensorSpec
from tb_layerview.log.segment import FrameEntry, SegmentFile


def read_column(file: SegmentFile, entry: FrameEntry, tag: str) -> npt.NDArray[Any]:
    """The column ``tag`` of a frame, its checksum verified.

    Raises:
        DamagedLogError: it is not what was written, or the frame has no such column.
    """
    span = entry.header.columns.get(tag)
    if span is None:
        raise DamagedLogError(file.name, entry.body_offset, f"a frame without {tag!r}")
    offset = entry.body_offset + span.offset
    record = file.record(offset, offset + span.length)
    if record is None:
        raise DamagedLogError(file.name, offset, f"{tag!r} is longer than its header says")
    return parse_column(record[0], file.name, offset)


class TensorSlice:
    """One tensor at one step. Indexing reads from the file, as much as the index selects."""

    def __init__(self, entry: FrameEntry, position: int) -> None:
        """The tensor at ``position`` in the schema of the frame ``entry``."""
        self._entry = entry
        self._position = position
        self.spec: TensorSpec = entry.schema.schema.tensors[position]
        self._dtype = dtype_of(self.spec.dtype)

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes."""
        return self.spec.shape

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.spec.shape)

    def __getitem__(self, index: object) -> npt.NDArray[Any]:
        """The elements that a NumPy basic index selects (integers, slices, one Ellipsis).

        bfloat16 and float8 are widened to float32. Always a new array.

        Raises:
            SliceError: the index is none, or does not fit the shape.
            DamagedLogError: the bytes are not those that were written.
        """
        return self.read(slices.normalise(index, self.spec.shape))

    def read(self, selection: tuple[int | range, ...]) -> npt.NDArray[Any]:
        """The elements that a normalised index selects (`slices.normalise`)."""
        with SegmentFile.open(self._entry.path) as file:
            source = _ElementBytes(file, self._entry, self._position)
            return slices.read_slice(source.read, self.spec.shape, self._dtype, selection)


class _ElementBytes:
    """The bytes of a tensor's elements, of all its parts, each chunk verified when read."""

    def __init__(self, file: SegmentFile, entry: FrameEntry, position: int) -> None:
        self._file = file
        self._entry = entry
        places = read_column(file, entry, RECORDS_TAG)
        self._checksums = read_column(file, entry, CHECKSUMS_TAG)
        self._parts = [RecordPlace(*row) for row in places[places[:, 0] == position].tolist()]
        if not self._parts:
            raise DamagedLogError(file.name, entry.body_offset, f"no record of tensor {position}")

    def read(self, begin: int, end: int) -> npt.NDArray[np.uint8]:
        pieces = []
        part_begin = 0
        for part in self._parts:
            part_end = part_begin + part.data_bytes
            if begin < part_end and part_begin < end:
                within = (max(begin, part_begin) - part_begin, min(end, part_end) - part_begin)
                pieces.append(self._read_part(part, *within))
            part_begin = part_end
        if end > part_begin:
            reason = f"a tensor of {part_begin} bytes where at least {end} are expected"
            raise DamagedLogError(self._file.name, self._entry.body_offset, reason)
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def _read_part(self, part: RecordPlace, begin: int, end: int) -> npt.NDArray[np.uint8]:
        """The bytes of a part from ``begin`` to ``end``, by way of the whole chunks around them."""
        first = begin // CHUNK_BYTES
        outer_begin = first * CHUNK_BYTES
        outer_end = min(-(-end // CHUNK_BYTES) * CHUNK_BYTES, part.data_bytes)
        offset = self._entry.body_offset + part.data_offset + outer_begin
        data = np.frombuffer(self._file.read(offset, outer_end - outer_begin), np.uint8)
        checksums = self._checksums[part.first_checksum + first :]
        for number, start in enumerate(range(0, len(data), CHUNK_BYTES)):
            chunk = data[start : start + CHUNK_BYTES]
            if number >= len(checksums) or google_crc32c.value(chunk) != checksums[number]:
                reason = f"elements of {self.spec_key(part)!r} have another checksum"
                raise DamagedLogError(self._file.name, offset + start, reason)
        return data[begin - outer_begin : end - outer_begin]

    def spec_key(self, part: RecordPlace) -> str:
        return self._entry.schema.schema.tensors[part.tensor].key
