"""Run directories that somebody else filled: what is not followed, waited for or taken in."""

from __future__ import annotations

import os
import random
import string
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2

from tb_layerview.errors import ArgumentError, DamagedLogError, NotFoundError
from tb_layerview.log import bounds, records
from tb_layerview.log.boxes import Box, fill
from tb_layerview.log.checking import check_log
from tb_layerview.log.dtypes import dtype_of
from tb_layerview.log.reader import LogReader
from tests.log.building import make_frame
from tests.log.conftest import OpenWriter
from tests.log.small_runs import append, folder, values

SECONDS: Final = 2
"""What must not hang is far below this; what did took minutes, or never ended."""


@pytest.fixture
def run(tmp_path: Path, open_writer: OpenWriter) -> Path:
    writer = open_writer(tmp_path / "run")
    for step in range(2):
        append(writer, step)
    writer.close()
    return tmp_path / "run"


def segment_of(run: Path) -> Path:
    (segment,) = folder(run).glob("*.lvlog")
    return segment


def in_place_of_segment(run: Path, put: Callable[[Path], object]) -> LogReader:
    """A log with one more file, which `put` makes at a path of that name."""
    name = segment_of(run).name.replace(".0.lvlog", ".7.lvlog")
    put(folder(run) / name)
    return LogReader(run)


def test_a_segment_that_is_a_link_is_not_followed_and_hides_nothing_else(
    run: Path, tmp_path: Path, open_writer: OpenWriter
) -> None:
    secret = open_writer(tmp_path / "secret")
    secret.append(make_frame(9, {"secret/output": np.ones(3, "<f4")}))
    target = segment_of(tmp_path / "secret")
    log = in_place_of_segment(run, lambda path: path.symlink_to(target))
    assert log.keys() == ["a/output"]
    assert values(log) == {0: 0.0, 1: 1.0}
    assert "a symbolic link, which is not followed" in log.problems[0]
    assert log.damage() == log.problems


@pytest.mark.parametrize("linked", ["plugins", "plugins/layerview"])
def test_a_folder_of_segments_that_is_a_link_is_not_followed(
    run: Path, tmp_path: Path, linked: str
) -> None:
    evil = tmp_path / "evil"
    (evil / linked).parent.mkdir(parents=True)
    (evil / linked).symlink_to(run / linked)
    log = LogReader(evil)
    assert log.keys() == []
    assert log.problems[0].startswith(f"{linked} is a symbolic link, which is not followed")
    assert log.damage() == log.problems


def test_a_run_that_is_a_link_is_that_run(run: Path, tmp_path: Path) -> None:
    (tmp_path / "latest").symlink_to(run)
    log = LogReader(tmp_path / "latest")
    assert values(log) == {0: 0.0, 1: 1.0}
    assert log.problems == []


def test_a_segment_that_became_a_link_after_it_was_read_is_not_read_by_that_name(
    run: Path, tmp_path: Path
) -> None:
    log = LogReader(run)
    tensor = log["a/output"].at(1)
    segment = segment_of(run)
    segment.rename(tmp_path / "elsewhere")
    segment.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DamagedLogError, match="symbolic link"):
        tensor[0]
    log.refresh()
    assert log.steps == []
    assert "symbolic link" in log.problems[0]


@pytest.mark.parametrize(
    ("put", "reason"),
    [
        pytest.param(lambda path: path.mkdir(), "a directory", id="directory"),
        pytest.param(os.mkfifo, "no regular file", id="pipe"),
        pytest.param(lambda path: path.symlink_to("/dev/zero"), "symbolic link", id="device"),
        pytest.param(lambda path: path.symlink_to(path), "symbolic link", id="loop"),
    ],
)
def test_what_is_no_file_is_told_and_not_waited_for(
    run: Path, put: Callable[[Path], object], reason: str
) -> None:
    before = time.monotonic()
    log = in_place_of_segment(run, put)
    assert values(log) == {0: 0.0, 1: 1.0}
    assert reason in log.problems[0]
    assert time.monotonic() - before < SECONDS


def test_a_record_that_claims_terabytes_is_refused_before_anything_is_read(run: Path) -> None:
    """A file with a hole is that large for the price of a block, in an archive too."""
    claimed = 2**40
    length = struct.pack("<Q", claimed)
    with segment_of(run).open("ab") as file:
        file.write(length + struct.pack("<I", records.masked_crc32c(length)))
        end = file.tell()
        file.truncate(end + claimed + records.SUFFIX_BYTES)
    log = LogReader(run)
    assert values(log) == {0: 0.0, 1: 1.0}
    assert f"a record of {claimed:,} bytes" in log.problems[0]


@pytest.mark.parametrize("field", [b"\x0a\x00", b"\x52\x00", b"\x78\x01"])
def test_a_message_of_nothing_but_fields_is_refused_before_it_is_parsed(field: bytes) -> None:
    """Each of two bytes: of those an archive holds any number in next to no room."""
    event = event_pb2.Event(step=1, summary=summary_pb2.Summary())
    payload = event.SerializeToString() + b"\x2a" + b"\x80\x80\x20" + field * 2**18
    with pytest.raises(DamagedLogError, match="around the content of a record"):
        records.parse_event(payload, "a.lvlog", 0)


def test_a_large_content_is_no_envelope() -> None:
    content = bytes(bounds.MAX_ENVELOPE_BYTES * 2)
    event = records.plugin_event("tag", content, step=3, wall_time=1.5)
    assert records.parse_event(event.SerializeToString(), "a.lvlog", 0) == event
    elements = np.zeros(bounds.MAX_ENVELOPE_BYTES, "<f4")
    buffers = records.tensor_payload("t", elements, dtype_of("float32"), step=1, wall_time=0)[0]
    parsed = records.parse_event(b"".join(map(bytes, buffers)), "a.lvlog", 0)
    assert len(parsed.summary.value[0].tensor.tensor_content) == elements.nbytes


@pytest.mark.parametrize(
    ("boxes", "shape", "whole"),
    [
        ([((0,), (4,)), ((4,), (4,))], (8,), True),
        ([((0,), (4,)), ((2,), (4,))], (8,), False),
        ([((0, 0), (2, 3)), ((0, 3), (2, 1)), ((2, 0), (2, 4))], (4, 4), True),
        ([((0, 0), (2, 4)), ((1, 0), (2, 4))], (4, 4), False),
        ([((0, 0), (3, 3)), ((2, 1), (1, 3)), ((3, 0), (1, 4))], (4, 4), False),
        ([((), ())], (), True),
        ([((0,), (0,)), ((0,), (5,)), ((5,), (0,))], (5,), True),
    ],
)
def test_shards_that_overlap_make_no_whole(
    boxes: list[tuple[tuple[int, ...], tuple[int, ...]]], shape: tuple[int, ...], whole: bool
) -> None:
    """Their sizes add up, and yet there would be elements that nobody wrote."""
    covered = np.zeros(shape, int)
    for offset, lengths in boxes:
        covered[tuple(slice(o, o + n) for o, n in zip(offset, lengths, strict=True))] += 1
    assert bool((covered == 1).all()) is whole
    assert fill([Box(*box) for box in boxes], shape) is whole


def test_an_unknown_key_is_answered_at_once_however_long_it_is(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    choose = random.Random(5)  # noqa: S311  # names, not secrets
    long = ["".join(choose.choices(string.ascii_letters, k=2000)) for _ in range(300)]
    arrays = {f"{name}/output": np.zeros(1, "<f4") for name in [*long, "fc1", "fc_final"]}
    writer = open_writer(tmp_path)
    writer.append(make_frame(0, dict(list(arrays.items())[-60:])))
    log = LogReader(tmp_path)
    before = time.process_time()
    for asked in ("".join(choose.choices(string.printable, k=50_000)), "a" * 50_000, long[0]):
        with pytest.raises(NotFoundError):
            log[asked]
    assert time.process_time() - before < SECONDS
    with pytest.raises(NotFoundError, match=r"such as fc1/output, fc_final/output.* 'fcl/output'"):
        log["fcl/output"]


def test_an_axis_without_end_beside_one_without_elements_is_checked_at_once(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    open_writer(tmp_path).append(make_frame(0, {"a/output": np.zeros((2**50, 0), "<f4")}))
    before = time.process_time()
    assert check_log(LogReader(tmp_path)).whole == 1
    assert time.process_time() - before < SECONDS


def test_what_a_reader_would_refuse_is_not_written(open_writer: OpenWriter, tmp_path: Path) -> None:
    writer = open_writer(tmp_path)
    frame = make_frame(0, {"a/output": np.zeros(2, "<f4")})
    (tensor,) = frame.schema.tensors
    endless = replace(tensor, axes=("a" * bounds.MAX_DESCRIPTION_BYTES,))
    with pytest.raises(ArgumentError, match="names of 1 tensors: expected at most 33,554,432"):
        writer.append(replace(frame, schema=replace(frame.schema, tensors=(endless,))))
    writer.append(frame)
    assert LogReader(tmp_path).steps == [0]
