"""Files whose checksums hold and whose contents nobody wrote in good faith."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tensorboard.compat.proto import event_pb2

from tb_layerview.errors import DamagedLogError
from tb_layerview.log.header import (
    HEADER_TAG,
    HISTOGRAMS_TAG,
    RECORDS_TAG,
    SCHEMA_TAG,
    Numbered,
)
from tb_layerview.log.numbering import Hidden
from tb_layerview.log.reader import LogReader
from tb_layerview.log.segment import Segment, parse_name
from tb_layerview.log.writer import LogWriter
from tests.fuzz.segments import joined, segment_of, split
from tests.log.conftest import OpenWriter
from tests.log.small_runs import append, folder

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def run(tmp_path: Path, open_writer: OpenWriter) -> Path:
    writer = open_writer(tmp_path)
    for step in range(2):
        append(writer, step)
    writer.close()
    return tmp_path


def forge(run: Path, tag: str, change: Callable[[event_pb2.Event], object]) -> None:
    """Change the first record with a tag; its checksum holds."""
    payloads = split(segment_of(run).read_bytes())
    events = [event_pb2.Event.FromString(payload) for payload in payloads]
    place = next(
        place
        for place, event in enumerate(events)
        if event.summary.value and event.summary.value[0].tag == tag
    )
    change(events[place])
    payloads[place] = events[place].SerializeToString()
    segment_of(run).write_bytes(joined(payloads))


def retell(run: Path, tag: str, change: Change) -> None:
    """Change the JSON of the first record with a tag."""

    def rewrite(event: event_pb2.Event) -> None:
        data = event.summary.value[0].metadata.plugin_data
        body = json.loads(data.content)
        change(body)
        data.content = json.dumps(body).encode()

    forge(run, tag, rewrite)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.update(rank=float("inf")),
        lambda body: body.update(world_size=2**60),
        lambda body: body.update(samples=["0"]),
        lambda body: body["tensors"][0].update(shape=[-6]),
        lambda body: body["tensors"][0].update(shape=[2**40, 2**40]),
        lambda body: body["tensors"][0].update(shape=[0, 2**50, 2**50], axes=["a", "b", "c"]),
        lambda body: body["tensors"][0].update(shape=[1] * 40, axes=["a"] * 40),
        lambda body: body["tensors"][0].update(axes=[]),
        lambda body: body["tensors"][0].update(stored="elsewhere"),
        lambda body: body["tensors"].append(body["tensors"][0]),
        lambda body: body["tensors"][0].update(key="\ud800/output"),
        lambda body: body["tensors"][0].update(key="../../output"),
        lambda body: body["tensors"][0].update(key="a/constructor", kind="constructor"),
        lambda body: body["tensors"][0].update(kind="__proto__"),
        lambda body: body["tensors"][0].update(module="a" + ".a" * 100_000),
        lambda body: body["modules"][0].update(path="a" + ".a" * 100_000),
    ],
)
def test_an_absurd_schema_is_damage_that_is_told(run: Path, change: Change) -> None:
    retell(run, SCHEMA_TAG, change)
    log = LogReader(run)
    assert log.steps == []
    assert "schema: expected the JSON of docs/format.md" in log.problems[0]


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.update(frame_bytes=float("inf")),
        lambda body: body.update(skipped=-1),
        lambda body: body.update(first_bin=10_000),
        lambda body: body["columns"].update({RECORDS_TAG: ["0", 10]}),
        lambda body: body["columns"].update({RECORDS_TAG: [-500, 10]}),
        lambda body: body["columns"].update({RECORDS_TAG: [2**62, 10]}),
        lambda body: body.update(
            numbered={
                "ordinal": 0,
                "recorded": 1,
                "restarts": [[0, float("inf")]],
                "is_summary": False,
            }
        ),
        lambda body: body.update(
            numbered={"ordinal": 0, "recorded": 1, "restarts": [[0, 2**63]], "is_summary": False}
        ),
    ],
)
def test_an_absurd_header_is_damage_that_is_told(run: Path, change: Change) -> None:
    retell(run, HEADER_TAG, change)
    log = LogReader(run)
    assert log.steps == []
    assert "not the header of a frame" in log.problems[0]


def test_json_too_deep_to_parse_is_damage_that_is_told(run: Path) -> None:
    def nest(event: event_pb2.Event) -> None:
        event.summary.value[0].metadata.plugin_data.content = b"[" * 100_000

    forge(run, SCHEMA_TAG, nest)
    assert "schema: expected the JSON" in LogReader(run).problems[0]


def test_ranks_that_are_not_there_are_counted_rather_than_listed(run: Path) -> None:
    retell(run, SCHEMA_TAG, lambda body: body.update(world_size=1_000_000))
    (problem,) = LogReader(run).problems
    assert "by rank 1, 2, 3, " in problem
    assert "and 999979 more of 1000000" in problem


def test_a_histogram_of_another_shape_is_a_gap(run: Path) -> None:
    def widen(event: event_pb2.Event) -> None:
        tensor = event.summary.value[0].tensor
        tensor.tensor_shape.dim[1].size = 600
        tensor.tensor_content = bytes(600 * 4)

    forge(run, HISTOGRAMS_TAG, widen)
    # The file is another length now, which the header does not tell: one frame is left to look at.
    log = LogReader(run)
    for step in log.steps:
        assert log["a/output"].histogram()[step].sum() in (0, 1 + step)


@pytest.mark.parametrize("column", range(1, 9))
@pytest.mark.parametrize("number", [-1, 2**62])
def test_a_place_out_of_the_frame_is_damage(run: Path, column: int, number: int) -> None:
    def move(event: event_pb2.Event) -> None:
        tensor = event.summary.value[0].tensor
        content = bytearray(tensor.tensor_content)
        content[8 * column : 8 * column + 8] = number.to_bytes(8, "little", signed=True)
        tensor.tensor_content = bytes(content)

    forge(run, RECORDS_TAG, move)
    log = LogReader(run)
    assert log["a/output"].at(1)[0] == 1.0
    if column in (1, 2, 6, 7) or number < 0:
        with pytest.raises(DamagedLogError, match="out of the frame"):
            log["a/output"].at(0)[0]


def test_frames_that_all_tell_of_other_restarts_are_ordered_in_reasonable_time(
    tmp_path: Path,
) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=10**9)) as writer:
        append(writer, 0)
    (path,) = folder(tmp_path).glob("*.lvlog")
    name = parse_name(path.name)
    assert name is not None
    segment = Segment(path, name)
    segment.scan({})
    (entry,) = segment.frames
    # Of 5,000 frames each claims restarts that none before it did; all keep what is before them.
    segment.frames = [
        replace(
            entry,
            header=replace(
                entry.header,
                step=step,
                numbered=Numbered(step, step, tuple((step, step + k) for k in range(20))),
            ),
        )
        for step in range(5_000)
    ]
    begun = time.process_time()
    seen = Hidden().seen([segment])
    assert time.process_time() - begun < 5
    assert [entry.header.step for entry in seen[0]] == list(range(5_000))
