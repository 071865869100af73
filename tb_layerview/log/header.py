"""The header of a frame and its columns. Encode and parse stand side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from tensorboard.compat.proto import event_pb2

from tb_layerview.errors import DamagedLogError
from tb_layerview.log import records
from tb_layerview.log.bounds import whole_number
from tb_layerview.log.columns import BINS
from tb_layerview.log.dtypes import dtype_of
from tb_layerview.log.text import json_bytes

HEADER_TAG: Final = "layerview/frame"
SCHEMA_TAG: Final = "layerview/schema"
STATISTICS_TAG: Final = "layerview/statistics"
HISTOGRAMS_TAG: Final = "layerview/histograms"
CHECKSUMS_TAG: Final = "layerview/checksums"
RECORDS_TAG: Final = "layerview/records"

_DIGITS: Final = 20
"""``frame_bytes`` is padded to this width, so that the header's size does not depend on it."""


_MAX_RESTARTS: Final = 10_000
"""Of one writer, each at a later step than the one before. `thinned` writes far fewer."""

_NO_HEADER: Final = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)
"""What JSON that is none, or another than was expected, makes of being parsed."""

_COLUMN_DTYPES: Final = tuple(dtype_of(name) for name in ("float64", "int64", "int32", "uint32"))
_STORAGE: Final = {dtype.proto: dtype.storage for dtype in _COLUMN_DTYPES}
_DTYPE_OF_STORAGE: Final = {dtype.storage: dtype for dtype in _COLUMN_DTYPES}


class RecordPlace(NamedTuple):
    """Where the elements of a tensor lie: a row of the column ``layerview/records``.

    ``level`` and ``plane`` are the numbers of `tb_layerview.log.levels`, both 0 for elements.
    Offsets count from the end of the header record. ``first`` is the index on the first axis at
    which this part of the tensor begins; ``first_checksum`` the row of its first chunk in
    ``layerview/checksums``.
    """

    tensor: int
    level: int
    plane: int
    first: int
    record_offset: int
    record_bytes: int
    data_offset: int
    data_bytes: int
    first_checksum: int


OFFSET_COLUMNS: Final = [
    RecordPlace._fields.index(name) for name in ("record_offset", "data_offset")
]
"""The columns of ``layerview/records`` that are offsets in the frame."""


class Span(NamedTuple):
    """A record of a frame; ``offset`` counts from the end of the header record."""

    offset: int
    length: int


class Numbered(NamedTuple):
    """Which of a writer's frames one is, where a bound on the disk lets frames be dropped.

    ``ordinal`` counts the frames that the writer began, from 0; ``recorded`` those up to this one
    that no restart replaced. ``restarts`` are pairs of an ordinal and a step: that frame and all
    after it hide what was written before and has this or a later step, whether they are still
    there or not. ``is_summary``: it stands for one that was dropped, and has its statistics alone.
    """

    ordinal: int
    recorded: int
    restarts: tuple[tuple[int, int], ...]
    is_summary: bool = False


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What the header record says.

    ``frame_bytes`` counts from the start of the header record, ``schema_offset`` from the start
    of the file. ``finite``: all elements of all tensors are, as the statistics say, too.
    """

    step: int
    wall_time: float
    frame_bytes: int
    schema_offset: int
    first_bin: int
    columns: Mapping[str, Span]
    skipped: int
    problems: tuple[str, ...]
    mark: str | None = None
    numbered: Numbered | None = None
    finite: bool = False


def encode_header(header: FrameHeader) -> list[records.Buffer]:
    """The header record. Its size does not depend on ``frame_bytes``."""
    members: dict[str, Any] = {
        "schema": header.schema_offset,
        "first_bin": header.first_bin,
        "columns": header.columns,
        "skipped": header.skipped,
        "problems": header.problems,
    }
    if header.mark is not None:
        members["mark"] = header.mark
    if header.finite:
        members["finite"] = True
    if header.numbered is not None:
        members["numbered"] = header.numbered._asdict()
    frame_bytes = f'{{"frame_bytes":{header.frame_bytes:{_DIGITS}},'.encode()
    content = frame_bytes + json_bytes(members)[1:]
    event = records.plugin_event(HEADER_TAG, content, step=header.step, wall_time=header.wall_time)
    return records.record([event.SerializeToString()])


def parse_header(event: event_pb2.Event, file: str, offset: int) -> FrameHeader:
    """What the header record at ``offset`` says.

    Raises:
        DamagedLogError: it is not a header of this version.
    """
    try:
        members = json.loads(event.summary.value[0].metadata.plugin_data.content)
        return FrameHeader(
            step=event.step,
            wall_time=event.wall_time,
            frame_bytes=whole_number(members["frame_bytes"]),
            schema_offset=whole_number(members["schema"]),
            first_bin=whole_number(members["first_bin"], BINS),
            columns={
                str(tag): Span(*(whole_number(number, members["frame_bytes"]) for number in span))
                for tag, span in members["columns"].items()
            },
            skipped=whole_number(members["skipped"]),
            problems=tuple(str(problem) for problem in members["problems"]),
            mark=str(members["mark"]) if "mark" in members else None,
            numbered=_numbered(members["numbered"]) if "numbered" in members else None,
            finite=members.get("finite") is True,
        )
    except _NO_HEADER as error:
        raise DamagedLogError(file, offset, f"not the header of a frame: {error!r}") from error


def _numbered(members: Mapping[str, Any]) -> Numbered:
    restarts = members["restarts"]
    if len(restarts) > _MAX_RESTARTS:
        raise ValueError(f"expected at most {_MAX_RESTARTS} restarts, received {len(restarts)}")
    return Numbered(
        ordinal=whole_number(members["ordinal"]),
        recorded=whole_number(members["recorded"]),
        restarts=tuple((whole_number(ordinal), _step(step)) for ordinal, step in restarts),
        is_summary=bool(members["is_summary"]),
    )


def _step(value: object) -> int:
    """A step, which is a signed integer of 64 bits, as in an `Event`."""
    if not isinstance(value, int) or not -(2**63) <= value < 2**63:
        raise ValueError(f"expected a step, received {value!s:.40}")
    return value


def encode_column(
    tag: str, array: npt.NDArray[Any], *, step: int, wall_time: float
) -> list[records.Buffer]:
    """The record of a column: a ``TensorProto`` of float64, int64, int32 or uint32."""
    dtype = _DTYPE_OF_STORAGE[array.dtype]
    return records.record(
        records.tensor_payload(tag, array, dtype, step=step, wall_time=wall_time).buffers
    )


def parse_column(payload: bytes, file: str, offset: int) -> npt.NDArray[Any]:
    """The array of a column record, read-only.

    Raises:
        DamagedLogError: it holds no array.
    """
    event = records.parse_event(payload, file, offset)
    try:
        tensor = event.summary.value[0].tensor
        shape = tuple(dim.size for dim in tensor.tensor_shape.dim)
        return np.frombuffer(tensor.tensor_content, _STORAGE[tensor.dtype]).reshape(shape)
    except (IndexError, KeyError, ValueError) as error:
        raise DamagedLogError(file, offset, f"not a column of a frame: {error!r}") from error
