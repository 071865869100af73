"""Files that are cut, rolled, replaced, or still being written."""

from __future__ import annotations

import errno
import gc
import os
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from tb_layerview.log.reader import LogReader
from tb_layerview.log.segment import SegmentFile, parse_name
from tests.log.building import make_frame
from tests.log.conftest import OpenWriter
from tests.log.format_reader import read_run
from tests.log.small_runs import append, folder, values


def test_a_log_that_is_cut_at_any_byte_serves_every_whole_frame(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    writer = open_writer(tmp_path / "whole")
    ends = []
    for step in range(3):
        append(writer, step)
        ends.append(next(folder(tmp_path / "whole").iterdir()).stat().st_size)
    writer.close()
    (segment,) = folder(tmp_path / "whole").iterdir()
    data = segment.read_bytes()
    cut = folder(tmp_path / "cut") / segment.name
    cut.parent.mkdir(parents=True)
    cut.write_bytes(b"")
    growing = LogReader(tmp_path / "cut")
    for length in range(len(data) + 1):
        cut.write_bytes(data[:length])
        growing.refresh()
        expected = {step: float(step) for step, end in enumerate(ends) if end <= length}
        assert values(growing) == expected
        assert growing.problems == []
        if length % 50 == 0:
            assert values(LogReader(tmp_path / "cut")) == expected


def test_a_log_whose_shapes_never_repeat_takes_no_memory_for_their_schemas(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    """As that of sentences, of which every batch has another length."""
    writer = open_writer(tmp_path)
    # So long that a text of them is far more than what else a step may leave behind.
    names = [f"{'layer' * 20}{place}/output" for place in range(100)]

    def memory_after(steps: range) -> int:
        for step in steps:
            writer.append(make_frame(step, dict.fromkeys(names, np.zeros(step + 1, np.float32))))
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    later = range(3, 30)
    tracemalloc.start()
    taken = -memory_after(range(3)) + memory_after(later)
    tracemalloc.stop()
    assert taken < len(later) * sum(map(len, names))


def test_a_writer_that_comes_after_a_torn_tail_is_read_beside_it(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    writer = open_writer(tmp_path)
    append(writer, 0)
    append(writer, 1)
    writer.close()
    (segment,) = folder(tmp_path).iterdir()
    os.truncate(segment, segment.stat().st_size - 1)
    writer = open_writer(tmp_path)
    append(writer, 2)
    assert values(LogReader(tmp_path)) == {0: 0.0, 2: 2.0}


def test_a_restart_hides_the_older_frames_from_its_first_step_on(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    first = open_writer(tmp_path)
    for step in (0, 10, 20, 30):
        append(first, step)
    log = LogReader(tmp_path)
    generation = log.generation
    second = open_writer(tmp_path)
    second.append(make_frame(20, {"a/output": np.full(6, -20, "<f4")}))
    log.refresh()
    assert values(log) == {0: 0.0, 10: 10.0, 20: -20.0}
    assert log.generation != generation
    append(second, 25)
    log.refresh()
    assert log.steps == [0, 10, 20, 25]
    assert list(read_run(tmp_path)) == log.steps


def test_problems_of_every_frame_are_told_once_and_the_latest_first(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    writer = open_writer(tmp_path)
    arrays = {"a/output": np.zeros(2, "<f4")}
    for step, problems in enumerate([("first", "both"), (), ("both", "last"), ()]):
        writer.append(make_frame(step, arrays, problems=problems))
    assert LogReader(tmp_path).problems == ["both", "last", "first"]


def test_ranks_do_not_hide_each_other(tmp_path: Path, open_writer: OpenWriter) -> None:
    writers = [open_writer(tmp_path, rank=rank) for rank in range(2)]
    for step in range(3):
        for rank, writer in enumerate(writers):
            writer.append(make_frame(step, {f"rank{rank}/output": np.full(2, step, "<f4")}))
    log = LogReader(tmp_path)
    assert log.steps == [0, 1, 2]
    assert log.keys() == ["rank0/output", "rank1/output"]
    assert log["rank1/output"].at(2)[0] == 2.0
    assert not np.isnan(log.stats("max")).any()


def test_segments_are_rolled_and_each_is_complete_in_itself(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    writer = open_writer(tmp_path, segment_bytes=20_000)
    for step in range(6):
        append(writer, step, elements=2_000)
    names = sorted(name for path in folder(tmp_path).iterdir() if (name := parse_name(path.name)))
    assert [name.number for name in names] == [0, 1, 2]
    assert len({name[:4] for name in names}) == 1
    log = LogReader(tmp_path)
    assert values(log) == {step: float(step) for step in range(6)}
    (folder(tmp_path) / str(names[0])).unlink()
    log.refresh()
    assert values(log) == {step: float(step) for step in range(2, 6)}


def test_a_reader_follows_a_writer(tmp_path: Path, open_writer: OpenWriter) -> None:
    log = LogReader(tmp_path)
    writer = open_writer(tmp_path)
    for step in range(4):
        append(writer, step)
        log.refresh()
        assert values(log) == {known: float(known) for known in range(step + 1)}


def test_a_file_that_was_truncated_is_indexed_anew(tmp_path: Path, open_writer: OpenWriter) -> None:
    writer = open_writer(tmp_path)
    append(writer, 0)
    (segment,) = folder(tmp_path).iterdir()
    end = segment.stat().st_size
    append(writer, 1)
    writer.close()
    log = LogReader(tmp_path)
    assert log.steps == [0, 1]
    os.truncate(segment, end)
    log.refresh()
    assert values(log) == {0: 0.0}


def test_what_a_failing_disk_kept_from_a_scan_is_read_once_it_works_again(
    tmp_path: Path, open_writer: OpenWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    writers = [open_writer(tmp_path, rank=rank) for rank in range(2)]
    for step, writer in enumerate(writers):
        append(writer, step)
    log = LogReader(tmp_path)
    read = SegmentFile.read
    for step, writer in enumerate(writers, 2):
        append(writer, step)
    # The scan of the first file succeeds, and that of the second one fails in the middle.
    reads: list[int] = []

    def fail(file: SegmentFile, offset: int, length: int) -> bytes:
        reads.append(offset)
        if len(reads) == 2:
            raise OSError(errno.EIO, "Input/output error")
        return read(file, offset, length)

    monkeypatch.setattr(SegmentFile, "read", fail)
    with pytest.raises(OSError, match="Input/output error"):
        log.refresh()
    log.refresh()
    assert log.steps == [0, 1, 2, 3]


def test_two_writers_of_one_millisecond_get_files_of_their_own(
    tmp_path: Path, open_writer: OpenWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 5_000_000_000)
    for step in range(2):
        append(open_writer(tmp_path), step)
    assert values(LogReader(tmp_path)) == {0: 0.0, 1: 1.0}
