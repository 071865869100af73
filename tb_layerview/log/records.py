"""One record: TFRecord framing around an ``Event``; encode and parse stand side by side.

A record is ``u64 length, masked CRC32C of it, payload, masked CRC32C of the payload``. The payload
of a tensor record is laid out by hand up to its elements, so that a tensor of gigabytes goes from
its buffer to the file without a copy; a test holds it equal to what protobuf would write.
"""

from __future__ import annotations

import functools
import math
import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import google_crc32c
import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2

from tb_layerview.errors import DamagedLogError
from tb_layerview.log.bounds import MAX_ENVELOPE_BYTES
from tb_layerview.log.dtypes import DType
from tb_layerview.log.envelope import envelope_bytes, number_of
from tb_layerview.log.text import writable

PLUGIN_NAME: Final = "layerview"
FILE_VERSION: Final = "layerview:1"
CHUNK_BYTES: Final = 65_536
"""Elements are checked in chunks of this many bytes, so that reading a slice can check itself."""

_LENGTH: Final = struct.Struct("<QI")
_CRC: Final = struct.Struct("<I")
_CACHED_HEADS: Final = 16_384
"""A frame repeats the tags and shapes of the one before; this many are remembered."""

PREFIX_BYTES: Final = _LENGTH.size
SUFFIX_BYTES: Final = _CRC.size
_MASK_DELTA: Final = 0xA282EAD8

Bytes = npt.NDArray[np.uint8]
Buffer = bytes | Bytes


def masked_crc32c(data: Buffer, crc: int = 0) -> int:
    """CRC32C of ``data`` (continuing ``crc``), masked as TFRecord asks: rotated, then shifted."""
    return _mask(google_crc32c.extend(crc, data))


def _mask(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


def record(payload: Sequence[Buffer]) -> list[Buffer]:
    """The buffers of one record whose payload is the concatenation of ``payload``."""
    crc = 0
    for part in payload:
        crc = google_crc32c.extend(crc, part)
    length = struct.pack("<Q", sum(len(part) for part in payload))
    prefix = length + _CRC.pack(masked_crc32c(length))
    return [prefix, *payload, _CRC.pack(_mask(crc))]


def size(buffers: Sequence[Buffer]) -> int:
    """Bytes of ``buffers`` in all."""
    return sum(len(buffer) for buffer in buffers)


def payload_length(prefix: bytes, file: str, offset: int) -> int:
    """Bytes of the payload that follows ``prefix``, the first 12 bytes of a record.

    Raises:
        DamagedLogError: the length does not have its checksum.
    """
    length, crc = _LENGTH.unpack(prefix)
    if masked_crc32c(prefix[:8]) != crc:
        raise DamagedLogError(file, offset, "the length of the record has another checksum")
    return int(length)


def check_payload(payload: Buffer, suffix: bytes, file: str, offset: int) -> None:
    """Compare a whole payload with its checksum.

    Raises:
        DamagedLogError: they do not belong together.
    """
    if masked_crc32c(payload) != _CRC.unpack(suffix)[0]:
        raise DamagedLogError(file, offset, "the payload of the record has another checksum")


def plugin_event(tag: str, content: bytes, *, step: int, wall_time: float) -> event_pb2.Event:
    """An event whose one summary value carries ``content`` as data of this plugin."""
    metadata = summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(
            plugin_name=PLUGIN_NAME, content=content
        ),
        data_class=summary_pb2.DATA_CLASS_TENSOR,
    )
    value = summary_pb2.Summary.Value(tag=tag, metadata=metadata)
    return event_pb2.Event(
        wall_time=wall_time, step=step, summary=summary_pb2.Summary(value=[value])
    )


class TensorPayload(NamedTuple):
    """The buffers of a tensor record's payload, and where in it the elements begin."""

    buffers: list[Buffer]
    data_offset: int


def parse_event(payload: bytes, file: str, offset: int) -> event_pb2.Event:
    """The event of a payload.

    Raises:
        DamagedLogError: the payload is no event, or much more than its content.
    """
    if len(payload) > MAX_ENVELOPE_BYTES and envelope_bytes(payload) > MAX_ENVELOPE_BYTES:
        reason = f"expected at most {MAX_ENVELOPE_BYTES:,} bytes around the content of a record"
        raise DamagedLogError(file, offset, reason)
    event = event_pb2.Event()
    try:
        event.ParseFromString(payload)
    except DecodeError as error:
        raise DamagedLogError(file, offset, f"the payload is no Event: {error}") from error
    return event


def tensor_payload(
    tag: str, elements: npt.NDArray[Any], dtype: DType, *, step: int, wall_time: float
) -> TensorPayload:
    """An ``Event`` with one ``TensorProto``, without copying ``elements`` (C-contiguous)."""
    envelope = tensor_envelope(tag, elements.shape, dtype, step=step, wall_time=wall_time)
    return TensorPayload([envelope, as_bytes(elements)], len(envelope))


def tensor_envelope(
    tag: str, shape: tuple[int, ...], dtype: DType, *, step: int, wall_time: float
) -> bytes:
    """What stands before the elements in the payload of a tensor record; nothing stands behind.

    Protobuf's wire format: a field is its number and wire type, then, for bytes and messages
    (wire type 2), a length. The elements are the last field of the innermost message, so every
    enclosing length is known beforehand.
    """
    data_bytes = math.prod(shape) * dtype.itemsize
    tensor = _tensor_head(dtype.proto, shape)
    tensor += _field(_TENSOR_CONTENT, data_bytes) if data_bytes else b""
    value = _value_head(tag) + _field(_VALUE_TENSOR, len(tensor) + data_bytes) + tensor
    summary = _field(_SUMMARY_VALUE, len(value) + data_bytes) + value
    event = bytes(event_pb2.Event(wall_time=wall_time, step=step).SerializeToString())
    return event + _field(_EVENT_SUMMARY, len(summary) + data_bytes) + summary


@functools.lru_cache(_CACHED_HEADS)
def _tensor_head(dtype: int, shape: tuple[int, ...]) -> bytes:
    dims = [tensor_shape_pb2.TensorShapeProto.Dim(size=length) for length in shape]
    proto = tensor_pb2.TensorProto(
        dtype=dtype, tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=dims)
    )
    return bytes(proto.SerializeToString())


@functools.lru_cache(_CACHED_HEADS)
def _value_head(tag: str) -> bytes:
    return bytes(summary_pb2.Summary.Value(tag=writable(tag)).SerializeToString())


def as_bytes(elements: npt.NDArray[Any]) -> Bytes:
    """The bytes of a C-contiguous array, without a copy, marked read-only for ``google_crc32c``."""
    data = elements.reshape(-1).view(np.uint8)
    data.flags.writeable = False
    return data


def chunk_checksums(data: Bytes) -> npt.NDArray[np.uint32]:
    """uint32 ``[ceil(bytes / CHUNK_BYTES)]``: the plain (not masked) CRC32C of each chunk."""
    starts = range(0, len(data), CHUNK_BYTES)
    return np.fromiter(
        (google_crc32c.value(data[start : start + CHUNK_BYTES]) for start in starts),
        dtype=np.uint32,
        count=len(starts),
    )


_EVENT_SUMMARY: Final = number_of(event_pb2.Event, "summary")
_SUMMARY_VALUE: Final = number_of(summary_pb2.Summary, "value")
_VALUE_TENSOR: Final = number_of(summary_pb2.Summary.Value, "tensor")
_TENSOR_CONTENT: Final = number_of(tensor_pb2.TensorProto, "tensor_content")
_LENGTH_DELIMITED: Final = 2


def _field(number: int, length: int) -> bytes:
    return _varint(number << 3 | _LENGTH_DELIMITED) + _varint(length)


def _varint(number: int) -> bytes:
    """Protobuf's base 128: groups of seven bits, lowest first, all but the last marked."""
    groups = bytearray()
    while number >> 7:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    groups.append(number)
    return bytes(groups)
