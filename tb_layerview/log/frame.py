"""A frame: what one process recorded at one step. Encode and parse stand side by side.

On disk a frame is a small header record, one record per column (statistics, histograms,
checksums, places of the tensors), then the records of the tensors. ``docs/format.md`` says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import ArgumentError
from tb_layerview.log import records
from tb_layerview.log.dtypes import DType, dtype_of
from tb_layerview.log.header import (
    CHECKSUMS_TAG,
    HISTOGRAMS_TAG,
    RECORDS_TAG,
    STATISTICS_TAG,
    FrameHeader,
    RecordPlace,
    Span,
    encode_column,
    encode_header,
)
from tb_layerview.log.schema import Schema

MAX_RECORD_BYTES: Final = 512 * 1024 * 1024
"""A larger tensor is split along its first axis: a protobuf message ends at 2 GiB."""


@dataclass(frozen=True, slots=True)
class TensorData:
    """One tensor of a frame, in the order of ``schema.tensors``.

    ``elements`` is C-contiguous, of the dtype's storage type and the spec's shape: what is kept.
    ``statistics`` (float64 ``[len(STATISTICS)]``) and ``histogram`` (int64 ``[BINS]``) are those
    of the whole tensor. ``alias_of`` is the index of an earlier tensor of the frame that has the
    very same elements, which are then stored once.
    """

    elements: npt.NDArray[Any]
    statistics: npt.NDArray[np.float64]
    histogram: npt.NDArray[np.int64]
    alias_of: int | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What one process recorded at one step.

    ``wall_time`` is in seconds since 1970. ``skipped`` counts the steps that were due and not
    recorded since the writer began; ``problems`` are sentences for the user.
    """

    step: int
    wall_time: float
    schema: Schema
    tensors: Sequence[TensorData]
    skipped: int = 0
    problems: tuple[str, ...] = ()


class EncodedFrame(NamedTuple):
    """The buffers of a frame and their bytes in all."""

    buffers: list[records.Buffer]
    frame_bytes: int


def encode_frame(frame: Frame, schema_offset: int) -> EncodedFrame:
    """The bytes of ``frame``, whose schema record begins at ``schema_offset`` of the file.

    Raises:
        ArgumentError: the tensors are not those of the schema, or one cannot be split.
    """
    encoder = _Encoder(frame)
    tensors, places, checksums = encoder.tensors()
    histograms = np.array([tensor.histogram for tensor in frame.tensors], dtype=np.int64)
    first_bin, histograms = _crop(histograms)
    columns = {
        STATISTICS_TAG: np.array([tensor.statistics for tensor in frame.tensors], dtype="<f8"),
        HISTOGRAMS_TAG: histograms,
        CHECKSUMS_TAG: checksums,
        RECORDS_TAG: places,
    }
    # The places count from the end of the header, and so depend on the size of the columns, which
    # does not depend on what they hold.
    column_bytes = sum(_size(encoder.column(tag, array)) for tag, array in columns.items())
    places[:, _OFFSETS] += column_bytes
    body: list[records.Buffer] = []
    spans: dict[str, Span] = {}
    offset = 0
    for tag, array in columns.items():
        record = encoder.column(tag, array)
        spans[tag] = Span(offset, _size(record))
        offset += _size(record)
        body += record
    body += tensors
    header = FrameHeader(
        step=frame.step,
        wall_time=frame.wall_time,
        frame_bytes=0,
        schema_offset=schema_offset,
        first_bin=first_bin,
        columns=spans,
        skipped=frame.skipped,
        problems=frame.problems,
    )
    frame_bytes = _size(encode_header(header)) + _size(body)
    header = replace(header, frame_bytes=frame_bytes)
    return EncodedFrame([*encode_header(header), *body], frame_bytes)


_OFFSETS: Final = [RecordPlace._fields.index(name) for name in ("record_offset", "data_offset")]


class _Encoder:
    """Encodes the parts of one frame."""

    def __init__(self, frame: Frame) -> None:
        specs = frame.schema.tensors
        if len(specs) != len(frame.tensors):
            raise ArgumentError("tensors", f"the {len(specs)} of the schema", len(frame.tensors))
        self._frame = frame

    def column(self, tag: str, array: npt.NDArray[Any]) -> list[records.Buffer]:
        return encode_column(tag, array, step=self._frame.step, wall_time=self._frame.wall_time)

    def tensors(
        self,
    ) -> tuple[list[records.Buffer], npt.NDArray[np.int64], npt.NDArray[np.uint32]]:
        """The tensor records, their places as if they came first, and their checksums."""
        buffers: list[records.Buffer] = []
        rows: list[RecordPlace] = []
        checksums: list[npt.NDArray[np.uint32]] = [np.empty(0, np.uint32)]
        offset = first_checksum = 0
        for index, (spec, tensor) in enumerate(
            zip(self._frame.schema.tensors, self._frame.tensors, strict=True)
        ):
            if tensor.alias_of is not None:
                rows += [
                    row._replace(tensor=index) for row in rows if row.tensor == tensor.alias_of
                ]
                continue
            dtype = dtype_of(spec.dtype)
            _check_elements(spec.key, spec.shape, dtype, tensor.elements)
            for first, part in _split(spec.key, tensor.elements):
                payload, data_offset = self._payload(spec.key, part, dtype)
                record = records.record(payload)
                chunks = records.chunk_checksums(records.as_bytes(part))
                rows.append(
                    RecordPlace(
                        tensor=index,
                        level=0,
                        first=first,
                        record_offset=offset,
                        record_bytes=_size(record),
                        data_offset=offset + records.PREFIX_BYTES + data_offset,
                        data_bytes=part.nbytes,
                        first_checksum=first_checksum,
                    )
                )
                buffers += record
                checksums.append(chunks)
                offset += _size(record)
                first_checksum += len(chunks)
        places = np.array(rows, dtype="<i8").reshape(len(rows), len(RecordPlace._fields))
        return buffers, places, np.concatenate(checksums)

    def _payload(self, tag: str, elements: npt.NDArray[Any], dtype: DType) -> records.TensorPayload:
        return records.tensor_payload(
            tag, elements, dtype, step=self._frame.step, wall_time=self._frame.wall_time
        )


def _check_elements(
    key: str, shape: tuple[int, ...], dtype: DType, elements: npt.NDArray[Any]
) -> None:
    if (
        elements.shape != shape
        or elements.dtype != dtype.storage
        or not elements.flags.c_contiguous
    ):
        expected = f"C-contiguous {dtype.storage} of shape {shape}"
        raise ArgumentError(f"elements of {key}", expected, f"{elements.dtype} {elements.shape}")


def _split(key: str, elements: npt.NDArray[Any]) -> Iterator[tuple[int, npt.NDArray[Any]]]:
    """Parts along the first axis of at most MAX_RECORD_BYTES, with the index of their start."""
    if elements.nbytes <= MAX_RECORD_BYTES:
        yield 0, elements
        return
    rows = MAX_RECORD_BYTES // elements[:1].nbytes
    if rows == 0:
        expected = f"at most {MAX_RECORD_BYTES:,} bytes for each index of the first axis"
        raise ArgumentError(f"elements of {key}", expected, elements[:1].nbytes)
    for first in range(0, len(elements), rows):
        yield first, elements[first : first + rows]


def _crop(histograms: npt.NDArray[np.int64]) -> tuple[int, npt.NDArray[Any]]:
    """The bins that any tensor uses, and the first of them; int32 where the counts allow it."""
    if histograms.size == 0:
        return 0, np.empty((len(histograms), 0), "<i4")
    used = np.flatnonzero(histograms.any(axis=0))
    first, stop = (int(used[0]), int(used[-1]) + 1) if used.size else (0, 0)
    narrow = histograms.max() <= np.iinfo(np.int32).max
    cropped = histograms[:, first:stop].astype("<i4" if narrow else "<i8")
    return first, np.ascontiguousarray(cropped)


def _size(buffers: Sequence[records.Buffer]) -> int:
    return sum(len(buffer) for buffer in buffers)
