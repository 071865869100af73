"""The records of a frame's tensors: the elements and planes of each, and where they lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import ArgumentError
from tb_layerview.log import records
from tb_layerview.log.dtypes import DType, dtype_of
from tb_layerview.log.frame import Frame, TensorData
from tb_layerview.log.header import RecordPlace
from tb_layerview.log.levels import (
    ELEMENTS,
    PLANES,
    level_count,
    level_shape,
    plane_dtype,
    plane_number,
)
from tb_layerview.log.schema import STORED, TensorSpec

MAX_RECORD_BYTES: Final = 512 * 1024 * 1024
"""A larger tensor is split along its first axis: a protobuf message ends at 2 GiB."""


class PlacedTensors(NamedTuple):
    """The tensor records of a frame, as if they came first in it.

    ``places`` is int64 ``[records, len(RecordPlace._fields)]``, ``checksums`` uint32 ``[chunks]``.
    """

    buffers: list[records.Buffer]
    places: npt.NDArray[np.int64]
    checksums: npt.NDArray[np.uint32]


class _Stored(NamedTuple):
    """What one or several records hold: elements, or a plane of a level."""

    level: int
    plane: int
    array: npt.NDArray[Any]
    dtype: DType


def place_tensors(frame: Frame) -> PlacedTensors:
    """The records of all tensors of ``frame``; tensors that are the same share them.

    Raises:
        ArgumentError: the tensors are not those of the schema, or one cannot be split.
    """
    specs = frame.schema.tensors
    if len(specs) != len(frame.tensors):
        raise ArgumentError("tensors", f"the {len(specs)} of the schema", len(frame.tensors))
    placing = _Placing(frame)
    for index, (spec, tensor) in enumerate(zip(specs, frame.tensors, strict=True)):
        if tensor.alias_of is not None:
            _check_alias(spec, specs[tensor.alias_of])
            placing.repeat(tensor.alias_of, index)
            continue
        for stored in _stored(spec, tensor):
            placing.add(index, spec.key, stored)
    return placing.placed()


class _Placing:
    """The records so far, and where the next one begins."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._buffers: list[records.Buffer] = []
        self._rows: list[RecordPlace] = []
        self._checksums: list[npt.NDArray[np.uint32]] = [np.empty(0, np.uint32)]
        self._offset = 0
        self._chunks = 0

    def add(self, index: int, key: str, stored: _Stored) -> None:
        for first, part in _split(key, stored.array):
            payload, data_offset = records.tensor_payload(
                key, part, stored.dtype, step=self._frame.step, wall_time=self._frame.wall_time
            )
            record = records.record(payload)
            checksums = records.chunk_checksums(records.as_bytes(part))
            self._rows.append(
                RecordPlace(
                    tensor=index,
                    level=stored.level,
                    plane=stored.plane,
                    first=first,
                    record_offset=self._offset,
                    record_bytes=records.size(record),
                    data_offset=self._offset + records.PREFIX_BYTES + data_offset,
                    data_bytes=part.nbytes,
                    first_checksum=self._chunks,
                )
            )
            self._buffers += record
            self._checksums.append(checksums)
            self._offset += records.size(record)
            self._chunks += len(checksums)

    def repeat(self, original: int, index: int) -> None:
        self._rows += [row._replace(tensor=index) for row in self._rows if row.tensor == original]

    def placed(self) -> PlacedTensors:
        places = np.array(self._rows, dtype="<i8").reshape(-1, len(RecordPlace._fields))
        return PlacedTensors(self._buffers, places, np.concatenate(self._checksums))


def _stored(spec: TensorSpec, tensor: TensorData) -> Iterator[_Stored]:
    """What is stored of a tensor, checked against its spec."""
    dtype = dtype_of(spec.dtype)
    _check_parts(spec, tensor)
    if tensor.elements is not None:
        _check_array(f"elements of {spec.key}", tensor.elements, dtype, spec.shape)
        yield _Stored(0, ELEMENTS, tensor.elements, dtype)
    for level, blocks in enumerate(tensor.pyramid, 1):
        for name in PLANES:
            plane = blocks.plane(name)
            kind = plane_dtype(dtype, name)
            what = f"{name} at level {level} of {spec.key}"
            _check_array(what, plane, kind, level_shape(spec.shape, level))
            yield _Stored(level, plane_number(name), plane, kind)


def _check_parts(spec: TensorSpec, tensor: TensorData) -> None:
    """Whether there is what ``spec.stored`` says there is."""
    levels = level_count(spec.shape)
    allowed = {
        "exact": [(True, 0), (True, levels)],
        "pyramid": [(False, levels)] if levels else [],
        "statistics": [(False, 0)],
    }
    if spec.stored not in allowed:
        raise ArgumentError(f"stored of {spec.key}", "one of " + ", ".join(STORED), spec.stored)
    received = (tensor.elements is not None, len(tensor.pyramid))
    if received not in allowed[spec.stored]:
        expected = " or ".join(_parts_text(*parts) for parts in allowed[spec.stored])
        what = f"what is stored of {spec.key} as {spec.stored!r}"
        raise ArgumentError(what, expected or "at least one axis", _parts_text(*received))


def _check_alias(spec: TensorSpec, original: TensorSpec) -> None:
    received, expected = ((of.stored, of.dtype, of.shape) for of in (spec, original))
    if received != expected:
        raise ArgumentError(f"{spec.key}, an alias of {original.key}", f"{expected}", received)


def _parts_text(has_elements: bool, levels: int) -> str:
    return f"{'the' if has_elements else 'no'} elements and {levels} levels"


def _check_array(what: str, array: npt.NDArray[Any], dtype: DType, shape: tuple[int, ...]) -> None:
    if array.shape != shape or array.dtype != dtype.storage or not array.flags.c_contiguous:
        expected = f"C-contiguous {dtype.storage} of shape {shape}"
        raise ArgumentError(what, expected, f"{array.dtype} {array.shape}")


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
