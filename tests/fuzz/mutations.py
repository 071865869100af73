"""Ways to spoil a segment: as disks and crashes do, and as somebody does who knows the format."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2

from tests.fuzz.segments import joined, split

HOSTILE: Final[tuple[Any, ...]] = (
    0, -1, 1, 7, 2**31 - 1, 2**31, 2**53, 2**62, 2**63 - 1, -(2**63), 2**64, 10**40,
    1.5, -0.0, float("nan"), float("inf"), 1e300, True, None, "", "..", "../../etc/passwd",
    "\0", "<script>alert(1)</script>", "\ud800", "x" * 5000, [], [0], [2**40, 2**40], [-1, -1],
    [1] * 70, {}, {"a": 1}, "int64", "complex128", "bfloat16", "statistics", "pyramid", "exact",
)  # fmt: skip
"""Values that a reader did not expect, and some that it did, elsewhere."""

Mutate = Callable[[random.Random, bytes], bytes]


def damaged(choose: random.Random, data: bytes) -> bytes:
    """What a disk, a crash or a copy does to ``data``: no checksum is mended."""
    spoiled = bytearray(data)
    for _ in range(choose.choice((1, 1, 1, 2, 5))):
        begin = choose.randrange(len(spoiled) + 1)
        length = choose.choice((1, 4, 12, 100, 5000))
        kind = choose.randrange(7)
        if kind == 0 and begin < len(spoiled):
            spoiled[begin] ^= 1 << choose.randrange(8)
        elif kind == 1:
            spoiled[begin : begin + length] = bytes(len(spoiled[begin : begin + length]))
        elif kind == 2:
            spoiled[begin : begin + length] = choose.randbytes(len(spoiled[begin : begin + length]))
        elif kind == 3:
            del spoiled[begin : begin + length]
        elif kind == 4:
            spoiled[begin:begin] = choose.randbytes(length)
        elif kind == 5:
            spoiled[begin:begin] = spoiled[choose.randrange(len(spoiled) + 1) :][:length]
        else:
            del spoiled[begin:]
    return bytes(spoiled)


def resealed(choose: random.Random, data: bytes) -> bytes:
    """Payloads with other bytes, dropped or repeated, under checksums that hold."""
    payloads = split(data)
    for _ in range(choose.choice((1, 1, 2))):
        place = choose.randrange(len(payloads))
        payload = bytearray(payloads[place])
        kind = choose.randrange(8)
        if kind == 0:
            del payloads[place]
        elif kind == 1:
            payloads.insert(choose.randrange(len(payloads) + 1), bytes(payload))
        else:
            # The head of a record says what it is: the most is broken there.
            begin = choose.randrange(min(len(payload), choose.choice((40, 400, 10**9))) or 1)
            length = choose.choice((1, 1, 2, 8))
            payload[begin : begin + length] = choose.randbytes(len(payload[begin : begin + length]))
            payloads[place] = bytes(payload)
    return joined(payloads)


def retold(choose: random.Random, data: bytes) -> bytes:
    """Other members in the JSON of a schema or of a header."""
    payloads = split(data)
    place = choose.choice([i for i, each in enumerate(payloads) if _json_of(each) is not None])
    event = event_pb2.Event.FromString(payloads[place])
    body = _json_of(payloads[place])
    for _ in range(choose.choice((1, 1, 2, 4))):
        body = _with_another(choose, body)
    content = event.summary.value[0].metadata.plugin_data
    content.content = json.dumps(body).encode("utf-8", "surrogatepass")
    if choose.random() < 0.1:
        event.step = choose.choice([-1, 2**62, 5])
    payloads[place] = event.SerializeToString()
    return joined(payloads)


def remeasured(choose: random.Random, data: bytes) -> bytes:
    """Other numbers in a column of a frame, or another shape or type of it."""
    payloads = split(data)
    place = choose.choice([i for i, each in enumerate(payloads) if _is_column(each)])
    event = event_pb2.Event.FromString(payloads[place])
    tensor = event.summary.value[0].tensor
    kind = choose.randrange(6)
    if kind == 0:
        tensor.dtype = choose.choice([0, 1, 2, 3, 9, 14, 22])
    elif kind == 1 and tensor.tensor_shape.dim:
        dim = choose.choice(list(tensor.tensor_shape.dim))
        dim.size = choose.choice([-1, 0, 1, 2**40, 2**62])
    elif kind == 2:
        del tensor.tensor_shape.dim[choose.randrange(len(tensor.tensor_shape.dim) + 1) :]
    else:
        numbers = np.frombuffer(tensor.tensor_content, "<u4").copy()
        for _ in range(choose.choice((1, 1, 3))):
            if numbers.size:
                number = choose.choice([0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 5])
                numbers[choose.randrange(numbers.size)] = number
        tensor.tensor_content = numbers.tobytes()
    payloads[place] = event.SerializeToString()
    return joined(payloads)


HONEST: Final[tuple[Mutate, ...]] = (damaged,)
"""After these, whatever is answered is what was written."""

FORGED: Final[tuple[Mutate, ...]] = (resealed, retold, remeasured)
"""After these, what is answered may be anything, but nothing may break."""


def _event_of(payload: bytes) -> event_pb2.Event | None:
    try:
        return event_pb2.Event.FromString(payload)
    except DecodeError:
        return None


def _json_of(payload: bytes) -> object:
    event = _event_of(payload)
    if event is None or not event.summary.value:
        return None
    content = event.summary.value[0].metadata.plugin_data.content
    return json.loads(content) if content else None


def _is_column(payload: bytes) -> bool:
    event = _event_of(payload)
    return bool(
        event and event.summary.value and event.summary.value[0].tag.startswith("layerview/")
        and event.summary.value[0].HasField("tensor")
    )  # fmt: skip


def _with_another(choose: random.Random, body: object) -> object:
    """``body`` with one value anywhere in it replaced, dropped, or moved a little."""
    if isinstance(body, (dict, list)) and body and choose.random() < 0.9:
        members: dict[Any, Any] = body if isinstance(body, dict) else dict(enumerate(body))
        place = choose.choice(list(members))
        if choose.random() < 0.1:
            del members[place]
        else:
            members[place] = _with_another(choose, members[place])
        return members if isinstance(body, dict) else list(members.values())
    if isinstance(body, int) and choose.random() < 0.5:
        return body + choose.choice((-1, 1, 4, -8, 1000))
    return choose.choice(HOSTILE)
