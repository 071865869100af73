"""Tables of statistics that are not laid out as this writer does it: they are read all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2

from tb_layerview.log.columns import STATISTICS
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
