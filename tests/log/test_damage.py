"""Files whose bytes are no longer those that were written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2

from tb_layerview.errors import DamagedLogError
from tb_layerview.log import records
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.reader import LogReader
from tb_layerview.log.segment import SegmentName
from tests.log.conftest import OpenWriter
from tests.log.small_runs import append, folder, values


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


def test_a_damaged_histogram_leaves_a_gap_and_is_told(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    writer = open_writer(tmp_path)
    for step in range(1, 4):
        append(writer, step)
    (segment,) = folder(tmp_path).iterdir()
    data = bytearray(segment.read_bytes())
    # The record of step 2: one element in bin 100, and two in bin 200.
    data[data.index(np.array([0, 2], "<i4").tobytes()) + 4] ^= 1
    segment.write_bytes(data)
    log = LogReader(tmp_path)
    histogram = log["a/output"].histogram()
    expected = np.zeros_like(histogram)
    expected[[0, 2], 100] = 1
    expected[[0, 2], 200] = [1, 3]
    np.testing.assert_array_equal(histogram, expected)
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
