"""Tables of statistics that are not laid out as this writer does it: they are read all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2

from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.frame import Frame
from tb_layerview.log.header import STATISTICS_TAG
from tb_layerview.log.reader import LogReader
from tests.log.building import make_frame
from tests.log.conftest import OpenWriter
from tests.log.test_forged import forge

COLUMNS_OF_THE_FIRST_WRITERS = 11


def have_another_time(event: event_pb2.Event) -> None:
    event.wall_time += 1


def have_fewer_columns(event: event_pb2.Event) -> None:
    """As the first writers; a further value fills the bytes that the places in the frame count."""
    before = event.ByteSize()
    tensor = event.summary.value[0].tensor
    table = np.frombuffer(tensor.tensor_content).reshape(-1, len(STATISTICS))
    tensor.tensor_content = table[:, :COLUMNS_OF_THE_FIRST_WRITERS].tobytes()
    tensor.tensor_shape.dim[1].size = COLUMNS_OF_THE_FIRST_WRITERS
    filler = event.summary.value.add()
    while event.ByteSize() < before:
        filler.tag += "x"


@pytest.mark.parametrize("change", [have_another_time, have_fewer_columns])
def test_a_table_is_read_however_its_record_is_laid_out(
    open_writer: OpenWriter, tmp_path: Path, change: Callable[[event_pb2.Event], None]
) -> None:
    keys = ("a/output", "b/output")
    open_writer(tmp_path).append(make_frame(3, dict.fromkeys(keys, np.zeros(2, "<f4"))))
    expected = 3 + np.arange(2)[:, None] + np.arange(len(STATISTICS)) / 100
    if change is have_fewer_columns:
        expected[:, COLUMNS_OF_THE_FIRST_WRITERS:] = np.nan
    forge(tmp_path, STATISTICS_TAG, change)
    log = LogReader(tmp_path)
    np.testing.assert_array_equal(log.tables([3], log.keys()), [expected])
    assert log.problems == []


def counting(step: int, nans: dict[str, float]) -> Frame:
    """A frame of tensors of which nothing is counted but so many NaN."""
    frame = make_frame(step, dict.fromkeys(nans, np.zeros(2, "<f4")))
    tensors = []
    for data, count in zip(frame.tensors, nans.values(), strict=True):
        statistics = np.zeros(len(STATISTICS))
        statistics[STATISTICS.index("nan")] = count
        tensors.append(replace(data, statistics=statistics))
    return replace(frame, tensors=tensors)


FRAMES: Final = (
    {"a/output": 0.0, "b/output": 0.0},
    {"b/output": 0.0},
    {"b/output": 7.0, "a/output": 0.0},
    {"a/output": np.nan},
    {"a/output": 0.0, "b/output": 0.0, "c/output": 0.0},
)


@pytest.mark.parametrize("keys", [("a/output", "b/output", "c/output"), ("c/output", "b/output")])
def test_what_is_not_finite_is_counted_also_where_no_statistics_are_read(
    open_writer: OpenWriter, tmp_path: Path, keys: tuple[str, ...]
) -> None:
    writer = open_writer(tmp_path)
    for step, nans in enumerate(FRAMES):
        writer.append(counting(step, nans))
    log = LogReader(tmp_path)
    expected = [[nans.get(key, np.nan) for key in keys] for nans in FRAMES]
    # With another statistic beside it, all tables are read.
    for names in (["nan"], ["nan", "count"]):
        found = log.tables(range(len(FRAMES)), keys, names)
        np.testing.assert_array_equal(found[:, :, 0], expected)


def test_a_header_that_denies_what_its_statistics_count_is_told(
    open_writer: OpenWriter, tmp_path: Path
) -> None:
    writer = open_writer(tmp_path)
    for step, nans in enumerate(FRAMES):
        writer.append(counting(step, nans))
    assert LogReader(tmp_path).damage() == []

    def count_one(event: event_pb2.Event) -> None:
        tensor = event.summary.value[0].tensor
        table = np.frombuffer(tensor.tensor_content).reshape(-1, len(STATISTICS)).copy()
        table[1, STATISTICS.index("neg_inf")] = 1
        tensor.tensor_content = table.tobytes()

    forge(tmp_path, STATISTICS_TAG, count_one)
    (told,) = LogReader(tmp_path).damage()
    assert "denies" in told
