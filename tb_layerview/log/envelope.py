"""How much of a message is not its content, without parsing it.

Protobuf makes an object of a hundred bytes of an empty message of two: a record of a few hundred
megabytes, which an archive of a few hundred kilobytes may hold, could take tens of gigabytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2

_VARINT, _FIXED64, _LENGTH_DELIMITED, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES: Final = {_FIXED64: 8, _FIXED32: 4}
_MAX_FIELDS: Final = 1000
"""Fields of a message that are looked at in search of its content."""


def number_of(message: type[Any], field: str) -> int:
    """The number of a field of a message."""
    return int(message.DESCRIPTOR.fields_by_name[field].number)


_VALUE: Final = (
    number_of(event_pb2.Event, "summary"),
    number_of(summary_pb2.Summary, "value"),
)
_CONTENTS: Final = (
    (
        *_VALUE,
        number_of(summary_pb2.Summary.Value, "tensor"),
        number_of(tensor_pb2.TensorProto, "tensor_content"),
    ),
    (
        *_VALUE,
        number_of(summary_pb2.Summary.Value, "metadata"),
        number_of(summary_pb2.SummaryMetadata, "plugin_data"),
        number_of(summary_pb2.SummaryMetadata.PluginData, "content"),
    ),
)
"""The fields that lead from an ``Event`` to what is large in it."""


def envelope_bytes(payload: bytes) -> int:
    """Bytes of an ``Event`` around its first tensor's or plugin's content."""
    return len(payload) - max(_content_bytes(payload, path) for path in _CONTENTS)


def _content_bytes(payload: bytes, path: Sequence[int]) -> int:
    """Bytes of the field that ``path`` leads to; 0 where there is none."""
    begin, end = 0, len(payload)
    try:
        for number in path:
            begin, end = _find(payload, begin, end, number)
    except LookupError:  # an IndexError, where the payload ends too soon, is one
        return 0
    return end - begin


def _find(payload: bytes, begin: int, end: int, number: int) -> tuple[int, int]:
    """Where the content of the first field with this number lies."""
    at = begin
    for _ in range(_MAX_FIELDS):
        if at >= end:
            break
        key, at = _varint(payload, at)
        wire_type = key & 7
        if wire_type == _LENGTH_DELIMITED:
            length, at = _varint(payload, at)
            if key >> 3 == number:
                return at, min(at + length, end)
            at += length
        elif wire_type == _VARINT:
            _, at = _varint(payload, at)
        else:
            at += _FIXED_BYTES[wire_type]
    raise LookupError(number)


def _varint(payload: bytes, at: int) -> tuple[int, int]:
    """The number at ``at``, of at most ten groups of seven bits, and where it ends."""
    number = 0
    for shift in range(0, 70, 7):
        group = payload[at]
        at += 1
        number |= (group & 0x7F) << shift
        if group < 0x80:  # noqa: PLR2004  # the mark of a group that is not the last
            break
    return number, at
