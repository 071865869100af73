"""Files that are cut, damaged, rolled, replaced, or still being written."""

from __future__ import annotations

import errno
import os
import shutil
from io import FileIO
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2

from tb_layerview.errors import ArgumentError, ClosedError, DamagedLogError
from tb_layerview.log import record_file, records
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.reader import LogReader
from tb_layerview.log.segment import SegmentName, parse_name
from tb_layerview.log.writer import LogWriter
from tests.log.building import make_frame
from tests.log.conftest import OpenWriter
from tests.log.format_reader import read_run


def folder(run: Path) -> Path:
    return run / "plugins" / "layerview"


def append(writer: LogWriter, step: int, elements: int = 6) -> int:
    return writer.append(make_frame(step, {"a/output": np.full(elements, step, "<f4")}))


def values(log: LogReader) -> dict[int, float]:
    return {step: float(log["a/output"].at(step)[0]) for step in log.steps}


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


def test_flipped_bits_are_never_served_and_other_frames_are(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    writer = open_writer(tmp_path)
    for step in range(3):
        append(writer, step, elements=50_000)
    writer.close()
    (segment,) = folder(tmp_path).iterdir()
    data = bytearray(segment.read_bytes())
    data[data.index(np.full(9, 1, "<f4").tobytes()) + 150_000] ^= 1
    segment.write_bytes(data)
    log = LogReader(tmp_path)
    assert log.steps == [0, 1, 2]
    damaged = log["a/output"].at(1)
    with pytest.raises(DamagedLogError, match="elements of 'a/output' have another checksum"):
        damaged[...]
    with pytest.raises(DamagedLogError):
        damaged[37_500]
    assert damaged[0] == 1.0  # lies in a chunk that is whole
    assert log["a/output"].at(2)[49_999] == 2.0


def test_a_damaged_header_ends_its_segment_and_is_told(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    writer = open_writer(tmp_path)
    append(writer, 0)
    (segment,) = folder(tmp_path).iterdir()
    end = segment.stat().st_size
    append(writer, 1)
    writer.close()
    data = bytearray(segment.read_bytes())
    data[end + 20] ^= 1
    segment.write_bytes(data)
    log = LogReader(tmp_path)
    assert values(log) == {0: 0.0}
    (problem,) = log.problems
    assert problem.startswith(f"{segment.name}: damaged at byte {end}")


def test_a_damaged_table_of_statistics_leaves_a_gap_and_is_told(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    writer = open_writer(tmp_path)
    for step in range(3):
        append(writer, step)
    (segment,) = folder(tmp_path).iterdir()
    data = bytearray(segment.read_bytes())
    table_of_step_1 = (1 + np.arange(len(STATISTICS)) / 100).tobytes()
    data[data.index(table_of_step_1)] ^= 1
    segment.write_bytes(data)
    log = LogReader(tmp_path)
    assert log.problems == []
    np.testing.assert_array_equal(log.stats("count"), [[0.0, np.nan, 2.0]])
    (problem,) = log.problems
    assert "damaged" in problem


def test_a_file_of_another_version_is_told_and_not_read(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    append(open_writer(tmp_path), 0)
    (segment,) = folder(tmp_path).iterdir()
    other = SegmentName(1, "host", 2, 0, 0)
    data = segment.read_bytes()
    event = event_pb2.Event(file_version="layerview:2").SerializeToString()
    (folder(tmp_path) / str(other)).write_bytes(
        b"".join(bytes(part) for part in records.record([event])) + data
    )
    log = LogReader(tmp_path)
    assert log.steps == [0]
    assert "expected 'layerview:1', received 'layerview:2'" in log.problems[0]


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


def test_two_writers_of_one_millisecond_get_files_of_their_own(
    tmp_path: Path, open_writer: OpenWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 5_000_000_000)
    for step in range(2):
        append(open_writer(tmp_path), step)
    assert values(LogReader(tmp_path)) == {0: 0.0, 1: 1.0}


class FullDisk:
    """Writes to a disk that has ``room`` more bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def __call__(self, file: FileIO, data: memoryview) -> int:
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = file.write(data[: self.room])
        self.room -= written
        return written


def test_a_frame_that_does_not_fit_on_the_disk_leaves_no_trace(
    tmp_path: Path, open_writer: OpenWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = open_writer(tmp_path)
    append(writer, 0)
    (segment,) = folder(tmp_path).iterdir()
    size = segment.stat().st_size
    write = record_file.write_some
    for room in (0, 1, 100, 1000):
        monkeypatch.setattr(record_file, "write_some", FullDisk(room))
        with pytest.raises(OSError, match="No space left"):
            append(writer, 1)
        assert segment.stat().st_size == size
    monkeypatch.setattr(record_file, "write_some", write)
    append(writer, 2)
    assert values(LogReader(tmp_path)) == {0: 0.0, 2: 2.0}


def test_a_write_that_is_interrupted_leaves_no_trace(
    tmp_path: Path, open_writer: OpenWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(file: FileIO, data: memoryview) -> int:
        file.write(data[: len(data) // 2])
        raise MemoryError

    writer = open_writer(tmp_path)
    append(writer, 0)
    with monkeypatch.context() as patch:
        patch.setattr(record_file, "write_some", interrupted)
        with pytest.raises(MemoryError):
            append(writer, 1)
    append(writer, 2)
    assert values(LogReader(tmp_path)) == {0: 0.0, 2: 2.0}


def test_a_directory_that_is_deleted_is_made_again(tmp_path: Path, open_writer: OpenWriter) -> None:
    writer = open_writer(tmp_path)
    append(writer, 0)
    assert not writer.is_deleted()
    shutil.rmtree(tmp_path)
    assert writer.is_deleted()
    append(writer, 1)
    assert not writer.is_deleted()
    append(writer, 2)
    assert values(LogReader(tmp_path)) == {1: 1.0, 2: 2.0}


def test_a_file_in_the_way_of_the_log_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "layerview").write_text("in the way")
    with pytest.raises(OSError, match="layerview"):
        LogWriter(tmp_path)


def test_a_closed_writer_says_so(tmp_path: Path, open_writer: OpenWriter) -> None:
    writer = open_writer(tmp_path)
    writer.close()
    writer.close()
    with pytest.raises(ClosedError, match="the log writer is closed"):
        append(writer, 0)


@pytest.mark.parametrize(("argument", "value"), [("segment_bytes", 0), ("rank", -1)])
def test_arguments_out_of_range_are_named(tmp_path: Path, argument: str, value: int) -> None:
    with pytest.raises(ArgumentError, match=f"{argument}: expected at least"):
        LogWriter(tmp_path, **{argument: value})


def test_a_file_in_the_way_of_the_directory_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "plugins").write_text("in the way")
    with pytest.raises(OSError, match="plugins"):
        LogWriter(tmp_path)
