"""What the coverage-guided fuzzer feeds with bytes: a function for each way into the package.

Each raises where an answer is wrong, or an error none of ours. The checksums of a log are made anew
for what was mutated: guided by coverage alone no fuzzer gets past them.
"""

from __future__ import annotations

import json
import random
import struct
import urllib.parse
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tensorboard.compat.proto import event_pb2

from tb_layerview.errors import ArgumentError, DamagedLogError
from tb_layerview.log import bounds, records
from tb_layerview.log.columns import BINS
from tb_layerview.log.header import parse_column, parse_header
from tb_layerview.log.schema import decode_schema, encode_schema
from tests.fuzz.asking import RUN, WORDS, Asked, ask_for_all
from tests.fuzz.segments import STEPS, arrays_of, segment_of, split, write_base

Feed = Callable[[bytes], None]

_LENGTH: Final = struct.Struct("<Q")
_MOST_RECORDS: Final = 200
_LONG: Final = 20
"""Of the longest tensor: what is small is mutated where it matters."""


class Target(NamedTuple):
    """``seeds`` are inputs to begin with, ``feed`` takes one; both for a folder of their own."""

    seeds: Callable[[Path], list[bytes]]
    feed: Callable[[Path], Feed]


def resealed(data: bytes) -> bytes:
    """``data`` as records whose lengths and checksums hold, as far as there is anything."""
    parts: list[records.Buffer] = []
    offset = 0
    while offset < len(data) and len(parts) < 3 * _MOST_RECORDS:
        head = data[offset : offset + _LENGTH.size].ljust(_LENGTH.size, b"\0")
        begin = offset + records.PREFIX_BYTES
        end = min(begin + _LENGTH.unpack(head)[0], len(data))
        parts += records.record([data[begin:end]])
        offset = end + records.SUFFIX_BYTES
    return b"".join(bytes(part) for part in parts)


def _segments(folder: Path) -> list[bytes]:
    return [write_base(folder, _LONG)]


def _raw_segments(folder: Path) -> Feed:
    """A file as a disk may spoil it: whatever is answered must be what was written."""
    return _asked(folder, lambda data: data, honest=True)


def _sealed_segments(folder: Path) -> Feed:
    """A file as somebody may forge it: nothing may break."""
    return _asked(folder, resealed, honest=False)


def _asked(folder: Path, prepare: Callable[[bytes], bytes], *, honest: bool) -> Feed:
    write_base(folder, _LONG)
    segment = segment_of(folder)
    written = {step: arrays_of(step, _LONG) for step in STEPS} if honest else None

    def feed(data: bytes) -> None:
        segment.write_bytes(prepare(data))
        choose = random.Random(zlib.crc32(data))  # noqa: S311  # the same for the same input
        ask_for_all(choose, Asked(folder), written)

    return feed


def _payloads(folder: Path) -> list[bytes]:
    return split(write_base(folder, _LONG))


def _records(_folder: Path) -> Feed:
    """A payload taken for a header and for a column: what comes of it is bounded."""

    def feed(data: bytes) -> None:
        try:
            event = records.parse_event(data, "fuzzed", 0)
        except DamagedLogError:
            return
        _check_header(event)
        try:
            column = parse_column(data, "fuzzed", 0)
        except DamagedLogError:
            return
        assert column.nbytes <= len(data)

    return feed


def _check_header(event: event_pb2.Event) -> None:
    try:
        header = parse_header(event, "fuzzed", 0)
    except DamagedLogError:
        return
    numbers = [header.frame_bytes, header.schema_offset, header.skipped]
    assert all(0 <= number <= bounds.MAX_NUMBER for number in numbers)
    assert 0 <= header.first_bin <= BINS
    assert all(0 <= part <= header.frame_bytes for span in header.columns.values() for part in span)


def _schemas(folder: Path) -> list[bytes]:
    events = [event_pb2.Event.FromString(payload) for payload in _payloads(folder)]
    contents = [
        event.summary.value[0].metadata.plugin_data.content
        for event in events
        if event.summary.value
    ]
    return [content for content in contents if content.startswith(b'{"modules"')]


def _schema(_folder: Path) -> Feed:
    """JSON taken for a schema: written again and read again it is the same."""

    def feed(data: bytes) -> None:
        try:
            schema = decode_schema(data)
        except ArgumentError:
            return
        assert decode_schema(encode_schema(schema)) == schema

    return feed


def _queries(folder: Path) -> list[bytes]:
    write_base(folder, _LONG)
    routes = Asked(folder).routes
    keys = list(arrays_of(STEPS[0]))
    asks: list[dict[str, object]] = [
        {"run": RUN},
        *({"run": RUN, "key": key, "step": 10, "slice": "0,:"} for key in keys),
        {"run": RUN, "key": keys[1], "step": 0, "level": 1, "plane": "max", "slice": "0:1,2:"},
        {"run": RUN, "stat": "max_abs", "max_columns": 2},
        {"run": RUN, "step": 10, "a": 0, "b": 1, "sample": 0, "right": 1},
    ]
    words: list[dict[str, object]] = [
        {"run": RUN, "key": keys[0], "step": word, "slice": word} for word in WORDS
    ]
    routed = [(route, ask) for route in range(len(routes)) for ask in asks]
    routed += [(routes.index("/array"), ask) for ask in words]
    return [
        bytes([route]) + urllib.parse.urlencode(ask, errors="surrogatepass").encode()
        for route, ask in routed
    ]


def _requests(folder: Path) -> Feed:
    """A route and a query string; `Asked` checks what every answer must be."""
    write_base(folder, _LONG)
    asked = Asked(folder)
    asked.get("/catalog", run=RUN)
    routes = asked.routes

    def feed(data: bytes) -> None:
        if data:
            asked.statuses.clear()
            asked.get_raw(routes[data[0] % len(routes)], data[1:].decode("latin-1"))

    return feed


TARGETS: Final[dict[str, Target]] = {
    "spoiled files": Target(_segments, _raw_segments),
    "forged files": Target(_segments, _sealed_segments),
    "records": Target(_payloads, _records),
    "schemas": Target(_schemas, _schema),
    "requests": Target(_queries, _requests),
}


def tokens() -> Sequence[bytes]:
    """Words that mean something in a schema, a header or a request."""
    words = [b'"frame_bytes":', b'"schema":', b'"first_bin":', b'"columns":', b'"skipped":']
    words += [b'"problems":', b'"mark":', b'"modules":', b'"tensors":', b'"samples":', b'"rank":']
    words += [
        b'"world_size":',
        b'"global_shape":',
        b'"offset":',
        b'"stored":',
        b'"shape":[',
        b'"turn":',
    ]
    words += [b"&key=", b"&step=", b"&slice=", b"&level=", b"&plane=", b"&stat=", b"&run=", b"..."]
    words += [b"&first_step=", b"&last_step=", b"&max_rows=", b"&max_steps=", b"&max_columns="]
    words += [json.dumps(word).encode() for word in ("exact", "pyramid", "statistics", "int64")]
    return [*words, b"null", b"-1", b"1e999", b"NaN", b"9007199254740992", b"%00", b"%2e%2e"]
