"""The bytes of what a frame stores of a tensor: found, put together from parts, verified."""

from __future__ import annotations

import bisect
import itertools

import google_crc32c
import numpy as np
import numpy.typing as npt

from tb_layerview.errors import DamagedLogError
from tb_layerview.log.bounds import MAX_LEVEL, MAX_PLACES
from tb_layerview.log.column_records import read_column
from tb_layerview.log.header import CHECKSUMS_TAG, RECORDS_TAG, RecordPlace
from tb_layerview.log.levels import PLANES
from tb_layerview.log.records import CHUNK_BYTES
from tb_layerview.log.segment import FrameEntry, SegmentFile


def read_places(file: SegmentFile, entry: FrameEntry, position: int) -> list[RecordPlace]:
    """Where all that is stored of the tensor at ``position`` of the schema lies, in file order.

    Raises:
        DamagedLogError: the column of places is not what was written.
    """
    table = read_column(file, entry, RECORDS_TAG)
    rows = table[table[:, 0] == position]
    if len(rows) > MAX_PLACES:
        reason = f"a tensor in {len(rows):,} records, where at most {MAX_PLACES:,} are expected"
        raise DamagedLogError(file.name, entry.body_offset, reason)
    places = [RecordPlace(*row) for row in rows.tolist()]
    for place in places:
        if not _is_within(place, entry.header.frame_bytes):
            raise DamagedLogError(file.name, entry.body_offset, f"out of the frame: {place}")
    return places


def _is_within(place: RecordPlace, frame_bytes: int) -> bool:
    """Whether a place is one in a frame of so many bytes."""
    return (
        min(place) >= 0
        and place.level <= MAX_LEVEL
        and place.plane <= len(PLANES)
        and place.data_offset + place.data_bytes <= frame_bytes
    )


class StoredBytes:
    """The bytes of an array that a frame stores in ``parts``, each chunk verified when read."""

    def __init__(self, file: SegmentFile, entry: FrameEntry, parts: list[RecordPlace]) -> None:
        self._file = file
        self._entry = entry
        self._parts = [part for part in parts if part.data_bytes]
        ends = list(itertools.accumulate(part.data_bytes for part in self._parts))
        self._begins = [0, *ends]  # and, at last, where the array ends
        self._checksums = read_column(file, entry, CHECKSUMS_TAG)

    def read(self, begin: int, end: int) -> npt.NDArray[np.uint8]:
        """The bytes from ``begin`` up to ``end`` of the array, over all its parts.

        Raises:
            DamagedLogError: they are not those that were written, or not so many.
        """
        if end > self._begins[-1]:
            reason = f"a tensor of {self._begins[-1]} bytes where at least {end} are expected"
            raise DamagedLogError(self._file.name, self._entry.body_offset, reason)
        pieces = []
        first = bisect.bisect_right(self._begins, begin) - 1
        last = bisect.bisect_left(self._begins, end)
        for place in range(first, last):
            part, part_begin = self._parts[place], self._begins[place]
            within = max(begin - part_begin, 0), min(end - part_begin, part.data_bytes)
            pieces.append(self._read_part(part, *within))
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
                key = self._entry.schema.schema.tensors[part.tensor].key
                reason = f"elements of {key!r} have another checksum"
                raise DamagedLogError(self._file.name, offset + start, reason)
        return data[begin - outer_begin : end - outer_begin]
