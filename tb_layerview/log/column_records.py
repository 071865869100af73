"""The column records of a frame: found, read, verified."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import DamagedLogError
from tb_layerview.log import records
from tb_layerview.log.bounds import MAX_COLUMN_BYTES
from tb_layerview.log.columns import BINS, STATISTICS
from tb_layerview.log.dtypes import dtype_of
from tb_layerview.log.header import (
    CHECKSUMS_TAG,
    HISTOGRAMS_TAG,
    STATISTICS_TAG,
    RecordPlace,
    parse_column,
)
from tb_layerview.log.segment import FrameEntry, SegmentFile

_TABLE: Final = dtype_of("float64")


def read_column(file: SegmentFile, entry: FrameEntry, tag: str) -> npt.NDArray[Any]:
    """The column ``tag`` of a frame, its checksum verified.

    Raises:
        DamagedLogError: it is not what was written, or the frame has no such column.
    """
    span = entry.header.columns.get(tag)
    if span is None:
        raise DamagedLogError(file.name, entry.body_offset, f"a frame without {tag!r}")
    offset = entry.body_offset + span.offset
    if tag == STATISTICS_TAG:
        table = _as_written(file, entry, offset, span.length)
        if table is not None:
            return table
    record = file.record(offset, offset + span.length, MAX_COLUMN_BYTES)
    if record is None:
        raise DamagedLogError(file.name, offset, f"{tag!r} is longer than its header says")
    column = parse_column(record[0], file.name, offset)
    if not _fits(tag, column, entry):
        reason = f"{tag!r} of the shape {column.shape} and type {column.dtype}"
        raise DamagedLogError(file.name, offset, reason)
    return column


def _as_written(
    file: SegmentFile, entry: FrameEntry, offset: int, length: int
) -> npt.NDArray[np.float64] | None:
    """The statistics of a frame where their record is, byte by byte, what the writer makes of them.

    None where it is not: of an older writer, or damaged, which is for those to tell who parse it.
    A long run is read table by table: this one is copied once, and its envelope compared with the
    expected one instead of parsed.
    """
    shape = (len(entry.schema.schema.tensors), len(STATISTICS))
    header = entry.header
    envelope = records.tensor_envelope(
        STATISTICS_TAG, shape, _TABLE, step=header.step, wall_time=header.wall_time
    )
    begin = records.PREFIX_BYTES + len(envelope)
    end = length - records.SUFFIX_BYTES
    if end - begin != math.prod(shape) * _TABLE.itemsize or length > MAX_COLUMN_BYTES:
        return None
    # So that the numbers are aligned, and NumPy's loops over them fast.
    lead = -begin % _TABLE.itemsize
    record = np.empty(lead + length, np.uint8)[lead:]
    file.read_into(offset, record)
    record.flags.writeable = False
    payload = record[records.PREFIX_BYTES : end]
    told = records.payload_length(record[: records.PREFIX_BYTES].tobytes(), file.name, offset)
    if told != len(payload) or payload[: len(envelope)].tobytes() != envelope:
        return None
    records.check_payload(payload, record[end:].tobytes(), file.name, offset)
    return record[begin:end].view(_TABLE.storage).reshape(shape)


def _fits(tag: str, column: npt.NDArray[Any], entry: FrameEntry) -> bool:
    """Whether a column is one of its frame: checksums hold of what a forger wrote, too."""
    tensors = len(entry.schema.schema.tensors)
    kind, shape = column.dtype.kind, column.shape
    if tag == CHECKSUMS_TAG:
        return kind == "u" and len(shape) == 1
    if len(shape) != 2:  # noqa: PLR2004  # a table
        return False
    if tag == STATISTICS_TAG:
        return kind == "f" and shape[0] == tensors
    if tag == HISTOGRAMS_TAG:
        return kind == "i" and shape[0] == tensors and entry.header.first_bin + shape[1] <= BINS
    return kind == "i" and shape[1] == len(RecordPlace._fields)
