"""Records, and the messages in them, as docs/format.md has them: the lower half of `format_reader`.

None of the package's code, no protobuf library, no CRC library: slow, small, and independent.
"""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

NUMPY_TYPES = {
    2: "<f8",
    1: "<f4",
    19: "<f2",
    14: "<u2",
    24: "u1",
    25: "u1",
    9: "<i8",
    3: "<i4",
    5: "<i2",
    6: "i1",
    23: "<u8",
    22: "<u4",
    17: "<u2",
    4: "u1",
    10: "?",
    8: "<c8",
    18: "<c16",
}
VARINT, FIXED64, BYTES = 0, 1, 2


def _crc32c_table() -> list[int]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


_TABLE = _crc32c_table()


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def masked(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def read_record(data: bytes, offset: int) -> tuple[bytes, int]:
    """The payload at ``offset``, and the offset behind the record."""
    (length,) = struct.unpack_from("<Q", data, offset)
    (length_crc,) = struct.unpack_from("<I", data, offset + 8)
    assert length_crc == masked(crc32c(data[offset : offset + 8]))
    payload = data[offset + 12 : offset + 12 + length]
    (payload_crc,) = struct.unpack_from("<I", data, offset + 12 + length)
    assert payload_crc == masked(crc32c(payload))
    return payload, offset + 12 + length + 4


def fields(message: bytes) -> dict[int, list[Any]]:
    """The fields of a serialized protobuf message, by number."""
    found: dict[int, list[Any]] = {}
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, wire_type = tag >> 3, tag & 7
        value: Any
        if wire_type == VARINT:
            value, place = _varint(message, place)
        elif wire_type == FIXED64:
            (value,) = struct.unpack_from("<d", message, place)
            place += 8
        else:
            assert wire_type == BYTES, wire_type
            length, place = _varint(message, place)
            value = message[place : place + length]
            place += length
        found.setdefault(number, []).append(value)
    return found


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place += 1
        shift += 7
        if not byte & 0x80:
            return value, place


def tensor_of(payload: bytes) -> tuple[str, npt.NDArray[Any]]:
    """Tag and array of a tensor or column record."""
    value = fields(fields(fields(payload)[5][0])[1][0])
    tensor = fields(value[8][0])
    dims = fields(tensor[2][0]).get(2, []) if 2 in tensor else []
    shape = [fields(dim).get(1, [0])[0] for dim in dims]
    content = tensor.get(4, [b""])[0]
    array = np.frombuffer(content, NUMPY_TYPES[tensor[1][0]]).reshape(shape)
    return value[1][0].decode(), array


def plugin_content(payload: bytes) -> tuple[str, dict[str, Any]]:
    """Tag and JSON of a schema or header record."""
    value = fields(fields(fields(payload)[5][0])[1][0])
    metadata = fields(value[9][0])
    plugin_data = fields(metadata[1][0])
    assert plugin_data[1] == [b"layerview"]
    assert metadata[4] == [2]
    return value[1][0].decode(), json.loads(plugin_data[2][0])
