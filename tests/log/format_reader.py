"""A reader of `.lvlog` files, written from docs/format.md alone.

None of the package's code, no protobuf library, no CRC library: slow, small, and independent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.log.format_records import crc32c, fields, plugin_content, read_record, tensor_of

PLANES = {1: "mean", 2: "min", 3: "max", 4: "flags"}
SINGLE_OR_DOUBLE = {
    **dict.fromkeys(["float32", "float16", "bfloat16", "float8_e5m2", "float8_e4m3fn"], "<f4"),
    **dict.fromkeys(["int16", "int8", "uint16", "uint8", "bool"], "<f4"),
    **dict.fromkeys(["float64", "int64", "int32", "uint64", "uint32"], "<f8"),
    **dict.fromkeys(["complex64", "complex128"], "<f8"),
}


@dataclass
class ReadFrame:
    """A frame as it stands in the file; arrays by key, as stored (bfloat16 as its bits).

    Planes are by key, level and name.
    """

    step: int
    wall_time: float
    schema: dict[str, Any]
    skipped: int
    problems: list[str]
    first_bin: int
    mark: str | None = None
    numbered: dict[str, Any] | None = None
    columns: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    arrays: dict[str, npt.NDArray[Any]] = field(default_factory=dict)
    planes: dict[tuple[str, int, str], npt.NDArray[Any]] = field(default_factory=dict)


def read_segment(path: Path) -> list[ReadFrame]:
    """All whole frames of a file, every checksum verified."""
    data = path.read_bytes()
    payload, offset = read_record(data, 0)
    assert fields(payload)[3] == [b"layerview:1"]
    schemas: dict[int, dict[str, Any]] = {}
    frames = []
    while offset < len(data):
        begin = offset
        payload, offset = read_record(data, begin)
        tag, content = plugin_content(payload)
        if tag == "layerview/schema":
            schemas[begin] = content
            continue
        assert tag == "layerview/frame"
        if len(data) - begin < content["frame_bytes"]:
            break
        event = fields(payload)
        frame = ReadFrame(
            step=_signed(event.get(2, [0])[0]),
            wall_time=event[1][0],
            schema=schemas[content["schema"]],
            skipped=content["skipped"],
            problems=content["problems"],
            first_bin=content["first_bin"],
            mark=content.get("mark"),
            numbered=content.get("numbered"),
        )
        _read_body(data, offset, content, frame)
        frames.append(frame)
        offset = begin + content["frame_bytes"]
    return frames


def _read_body(data: bytes, body: int, content: dict[str, Any], frame: ReadFrame) -> None:
    for tag, (offset, length) in content["columns"].items():
        payload, end = read_record(data, body + offset)
        assert end == body + offset + length
        read_tag, frame.columns[tag] = tensor_of(payload)
        assert read_tag == tag
    parts: dict[tuple[str, int, int], list[npt.NDArray[Any]]] = {}
    checksums = frame.columns["layerview/checksums"]
    for row in frame.columns["layerview/records"].tolist():
        tensor, level, plane, first = row[:4]
        record_offset, record_bytes, data_offset, data_bytes, chunk = row[4:]
        assert (level == 0) == (plane == 0)
        payload, end = read_record(data, body + record_offset)
        assert end == body + record_offset + record_bytes
        _, array = tensor_of(payload)
        elements = data[body + data_offset : body + data_offset + data_bytes]
        assert elements == array.tobytes()
        for number, start in enumerate(range(0, data_bytes, 65536)):
            assert crc32c(elements[start : start + 65536]) == checksums[chunk + number]
        key = frame.schema["tensors"][tensor]["key"]
        before = parts.setdefault((key, level, plane), [])
        assert first == sum(len(part) for part in before)
        before.append(array)
    specs = {spec["key"]: spec for spec in frame.schema["tensors"]}
    for (key, level, plane), arrays in parts.items():
        whole = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
        shape = specs[key]["shape"]
        blocks = [-(-length // 8**level) for length in shape[-2:]]
        assert list(whole.shape) == shape[:-2] + blocks
        if level == 0:
            frame.arrays[key] = whole
            continue
        assert whole.dtype == (np.uint8 if plane == 4 else SINGLE_OR_DOUBLE[specs[key]["dtype"]])
        frame.planes[key, level, PLANES[plane]] = whole
    for key, spec in specs.items():
        levels = sorted({level for read_key, level, _ in parts if read_key == key})
        last = _last_level(spec["shape"])
        whole_pyramid = list(range(1, last + 1))
        kept = {
            "exact": ([0], [0, *whole_pyramid]),
            "pyramid": (whole_pyramid,),
            "statistics": ([],),
        }
        assert levels in kept[spec["stored"]]


def _last_level(shape: list[int]) -> int:
    """The first level, from 1 on, that is not longer than 512 in its last two axes."""
    if not shape:
        return 0
    level = 1
    while any(-(-length // 8**level) > 512 for length in shape[-2:]):
        level += 1
    return level


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def read_run(run: Path) -> dict[int, list[ReadFrame]]:
    """The frames of a run that are seen, by step: one of each rank that recorded it."""
    pattern = re.compile(r"(\d+)\.([^.]+)\.(\d+)\.rank(\d+)\.(\d+)\.lvlog")
    segments = []
    for path in (run / "plugins" / "layerview").iterdir():
        match = pattern.fullmatch(path.name)
        assert match is not None
        start, host, pid, rank, number = match.groups()
        segments.append((int(start), host, int(pid), int(number), int(rank), path))
    ranks: dict[int, dict[int, ReadFrame]] = {}
    order = sorted(segments)
    for writer in dict.fromkeys((start, host, pid, rank) for start, host, pid, _, rank, _ in order):
        seen = ranks.setdefault(writer[3], {})
        paths = [
            path for start, host, pid, _, rank, path in order if (start, host, pid, rank) == writer
        ]
        own: set[int] = set()
        for frame in in_order([frame for path in paths for frame in read_segment(path)]):
            for ordinal, first in (frame.numbered or {"restarts": []})["restarts"]:
                for step in [step for step in seen if step >= first]:
                    earlier = seen[step].numbered
                    if step not in own or (earlier and earlier["ordinal"] < ordinal):
                        del seen[step]
            for step in [step for step in seen if step >= frame.step]:
                del seen[step]
            seen[frame.step] = frame
            own = {step for step in {*own, frame.step} if step in seen}
    steps = sorted({step for seen in ranks.values() for step in seen})
    return {
        step: [seen[step] for _, seen in sorted(ranks.items()) if step in seen] for step in steps
    }


def in_order(frames: list[ReadFrame]) -> list[ReadFrame]:
    """Numbered frames by their ordinals, without the summaries of those that are there."""
    whole: dict[int, ReadFrame] = {}
    summaries: dict[int, ReadFrame] = {}
    for frame in frames:
        if frame.numbered is None:
            return frames
        found = summaries if frame.numbered["is_summary"] else whole
        found[frame.numbered["ordinal"]] = frame
    return [frame for _, frame in sorted({**summaries, **whole}.items())]


def whole_arrays(frames: list[ReadFrame]) -> dict[str, npt.NDArray[Any]]:
    """The elements of each tensor of a step, from the frames of all ranks in their order.

    A tensor whose shards leave a gap is not among them.
    """
    shards: dict[str, list[tuple[dict[str, Any], npt.NDArray[Any]]]] = {}
    for frame in frames:
        for spec in frame.schema["tensors"]:
            if spec["key"] in frame.arrays:
                shards.setdefault(spec["key"], []).append((spec, frame.arrays[spec["key"]]))
    found = {}
    for key, parts in shards.items():
        spec, first = parts[0]
        if "global_shape" not in spec:
            found[key] = first
            continue
        whole = np.zeros(spec["global_shape"], first.dtype)
        is_there = np.zeros(whole.shape, bool)
        for shard, array in parts:
            place = tuple(
                slice(start, start + length)
                for start, length in zip(shard["offset"], array.shape, strict=True)
            )
            whole[place], is_there[place] = array, True
        if is_there.all():
            found[key] = whole
    return found
