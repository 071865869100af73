"""From a frame to its bytes: a header, one record per column, then the records of the tensors.

``docs/format.md`` says why. The other direction is in `header`, `tensor` and `elements`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import ArgumentError
from tb_layerview.log import records
from tb_layerview.log.bounds import MAX_COLUMN_BYTES, MAX_ENVELOPE_BYTES
from tb_layerview.log.columns import STATISTICS, is_finite
from tb_layerview.log.frame import Frame
from tb_layerview.log.header import (
    CHECKSUMS_TAG,
    HISTOGRAMS_TAG,
    OFFSET_COLUMNS,
    RECORDS_TAG,
    STATISTICS_TAG,
    FrameHeader,
    Numbered,
    Span,
    encode_column,
    encode_header,
)
from tb_layerview.log.placing import place_tensors


class EncodedFrame(NamedTuple):
    """The buffers of a frame and their bytes in all."""

    buffers: list[records.Buffer]
    frame_bytes: int


def encode_frame(
    frame: Frame, schema_offset: int, numbered: Numbered | None = None
) -> EncodedFrame:
    """The bytes of ``frame``, whose schema record begins at ``schema_offset`` of the file.

    ``numbered`` says which of its writer's frames it is, where some of them may be dropped.

    Raises:
        ArgumentError: the tensors are not those of the schema, or more than a reader takes, or one
            cannot be split.
    """
    placed = place_tensors(frame)
    histograms = np.array([tensor.histogram for tensor in frame.tensors], dtype=np.int64)
    first_bin, histograms = _crop(histograms)
    statistics = np.array([tensor.statistics for tensor in frame.tensors], dtype="<f8")
    columns = {
        STATISTICS_TAG: statistics,
        HISTOGRAMS_TAG: histograms,
        CHECKSUMS_TAG: placed.checksums,
        RECORDS_TAG: placed.places,
    }
    for tag, array in columns.items():
        if array.nbytes > MAX_COLUMN_BYTES - MAX_ENVELOPE_BYTES:
            expected = f"at most {MAX_COLUMN_BYTES:,} bytes: record fewer layers"
            raise ArgumentError(f"{tag} of {len(frame.tensors):,} tensors", expected, array.nbytes)
    # The places count from the end of the header, and so depend on the size of the columns, which
    # does not depend on what they hold.
    column_bytes = sum(records.size(_column(frame, tag, array)) for tag, array in columns.items())
    placed.places[:, OFFSET_COLUMNS] += column_bytes
    body: list[records.Buffer] = []
    spans: dict[str, Span] = {}
    offset = 0
    for tag, array in columns.items():
        record = _column(frame, tag, array)
        spans[tag] = Span(offset, records.size(record))
        offset += records.size(record)
        body += record
    body += placed.buffers
    header = FrameHeader(
        step=frame.step,
        wall_time=frame.wall_time,
        frame_bytes=0,
        schema_offset=schema_offset,
        first_bin=first_bin,
        columns=spans,
        skipped=frame.skipped,
        problems=frame.problems,
        mark=frame.mark,
        numbered=numbered,
        finite=is_finite(statistics.reshape(-1, len(STATISTICS))),
    )
    frame_bytes = records.size(encode_header(header)) + records.size(body)
    header = replace(header, frame_bytes=frame_bytes)
    return EncodedFrame([*encode_header(header), *body], frame_bytes)


def _column(frame: Frame, tag: str, array: npt.NDArray[Any]) -> list[records.Buffer]:
    return encode_column(tag, array, step=frame.step, wall_time=frame.wall_time)


def _crop(histograms: npt.NDArray[np.int64]) -> tuple[int, npt.NDArray[Any]]:
    """The bins that any tensor uses, and the first of them; int32 where the counts allow it."""
    if histograms.size == 0:
        return 0, np.empty((len(histograms), 0), "<i4")
    used = np.flatnonzero(histograms.any(axis=0))
    first, stop = (int(used[0]), int(used[-1]) + 1) if used.size else (0, 0)
    narrow = histograms.max() <= np.iinfo(np.int32).max
    cropped = histograms[:, first:stop].astype("<i4" if narrow else "<i8")
    return first, np.ascontiguousarray(cropped)
