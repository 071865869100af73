"""The custom summary that makes a run known, as TensorBoard's own reader finds it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest
import tensorboardX
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import summary_pb2
from tensorboard.util import tensor_util
from torch import nn
from torch.utils import tensorboard as torch_tensorboard

import tb_layerview
from tb_layerview.capture.summary_writer import SummaryStream
from tb_layerview.errors import ArgumentError, ClosedError
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.frame import Frame
from tb_layerview.log.schema import Schema
from tests.capture.recorded import warned

TAG = "layerview/statistics"


class Closable(Protocol):
    def add_scalar(self, tag: str, value: float, step: int) -> None: ...
    def close(self) -> None: ...


def torch_writer(run: Path) -> Closable:
    writer: Closable = torch_tensorboard.SummaryWriter(str(run))
    return writer


def tensorboardx_writer(run: Path) -> Closable:
    writer: Closable = tensorboardX.SummaryWriter(str(run))
    return writer


def train(model: nn.Module, view: tb_layerview.LayerView, steps: int) -> None:
    for step in range(steps):
        with view.step(step):
            model(torch.randn(2, 3))


def events_of(run: Path) -> EventAccumulator:
    accumulator = EventAccumulator(str(run), size_guidance={"tensors": 0})
    accumulator.Reload()
    return accumulator


def assert_statistics_of(run: Path, steps: list[int]) -> None:
    """The summaries of ``run`` hold, step by step, the table that the log has."""
    log = tb_layerview.open(run)
    accumulator = events_of(run)
    events = accumulator.Tensors(TAG)
    assert [event.step for event in events] == log.steps == steps
    expected = np.stack([log.stats(name) for name in STATISTICS], axis=1)
    for index, event in enumerate(events):
        table = tensor_util.make_ndarray(event.tensor_proto)
        assert table.dtype == np.float64
        np.testing.assert_array_equal(table, expected[:, :, index])
    metadata = accumulator.SummaryMetadata(TAG)
    assert metadata.plugin_data.plugin_name == "layerview"
    assert metadata.plugin_data.content == b'{"version":1}'
    assert metadata.data_class == summary_pb2.DATA_CLASS_TENSOR


@pytest.mark.parametrize("open_writer", [torch_writer, tensorboardx_writer])
def test_each_recorded_step_is_in_the_event_file_of_the_users_writer(
    run: Path, open_writer: Callable[[Path], Closable]
) -> None:
    writer = open_writer(run)
    model = nn.Sequential(nn.Linear(3, 2))
    with tb_layerview.LayerView(model, writer) as view:
        writer.add_scalar("loss", 0.5, 0)
        train(model, view, 3)
    writer.add_scalar("loss", 0.25, 1)
    writer.close()
    assert_statistics_of(run, [0, 1, 2])
    assert [event.step for event in events_of(run).Scalars("loss")] == [0, 1]
    assert len(list(run.glob("*tfevents*"))) == 1


@pytest.mark.parametrize("as_given", [str, Path])
def test_a_directory_gets_an_event_file_of_its_own(
    run: Path, as_given: Callable[[Path], str | Path]
) -> None:
    model = nn.Sequential(nn.Linear(3, 2))
    with tb_layerview.LayerView(model, as_given(run)) as view:
        train(model, view, 2)
    assert_statistics_of(run, [0, 1])


@pytest.mark.parametrize("open_writer", [torch_writer, tensorboardx_writer])
def test_a_run_is_known_soon_after_its_first_step_though_nobody_flushes(
    run: Path, open_writer: Callable[[Path], Closable]
) -> None:
    writer = open_writer(run)
    model = nn.Sequential(nn.Linear(3, 2))
    with tb_layerview.LayerView(model, writer) as view:
        train(model, view, 1)
        until = time.monotonic() + 30
        while TAG not in events_of(run).Tags()["tensors"]:
            assert time.monotonic() < until
            time.sleep(0.1)
    writer.close()


@pytest.mark.parametrize("open_writer", [torch_writer, tensorboardx_writer])
def test_a_closed_writer_is_an_error_at_once(
    run: Path, open_writer: Callable[[Path], Closable]
) -> None:
    writer = open_writer(run)
    writer.close()
    with pytest.raises(ClosedError, match="SummaryWriter is closed"):
        tb_layerview.LayerView(nn.Linear(2, 2), writer)
    assert len(list(run.glob("*tfevents*"))) == 1


@pytest.mark.parametrize("open_writer", [torch_writer, tensorboardx_writer])
def test_a_writer_that_is_closed_later_is_said_once_and_the_log_goes_on(
    run: Path, open_writer: Callable[[Path], Closable]
) -> None:
    writer = open_writer(run)
    model = nn.Sequential(nn.Linear(3, 2))
    with warned() as sentences, tb_layerview.LayerView(model, writer) as view:
        train(model, view, 1)
        view.flush()
        writer.close()
        train(model, view, 3)
        view.flush()
        assert "3 x Adding the statistics" in view.report()
    assert len([sentence for sentence in sentences if "SummaryWriter is closed" in sentence]) == 1
    log = tb_layerview.open(run)
    assert log.steps == [0, 1, 2]
    assert any("SummaryWriter is closed" in problem for problem in log.problems)
    assert len(list(run.glob("*tfevents*"))) == 1


@pytest.mark.parametrize("writer", [None, 3, object(), nn.Linear(2, 2)], ids=str)
def test_what_is_no_writer_is_an_argument_error(writer: object) -> None:
    with pytest.raises(ArgumentError, match="a SummaryWriter or the directory of a run"):
        tb_layerview.LayerView(nn.Linear(2, 2), writer)


def test_a_directory_on_another_machine_is_an_argument_error() -> None:
    with pytest.raises(ArgumentError, match="a directory of this machine"):
        tb_layerview.LayerView(nn.Linear(2, 2), "gs://bucket/run")


def test_a_directory_that_cannot_be_written_is_an_argument_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ArgumentError, match="a directory that can be written"):
        tb_layerview.LayerView(nn.Linear(2, 2), tmp_path / "file" / "run")


def test_a_log_that_cannot_be_begun_beside_the_users_events_is_an_argument_error(run: Path) -> None:
    run.mkdir()
    (run / "plugins").write_bytes(b"")
    with pytest.raises(ArgumentError, match="a directory that can be written"):
        tb_layerview.LayerView(nn.Linear(2, 2), run)


class Clock:
    """A run's writer that notes when it was flushed, and the time that it says it is."""

    directory = ""

    def __init__(self) -> None:
        self.now = 0.0
        self.flushes: list[float] = []

    def __call__(self) -> float:
        return self.now

    def add(self, event: Any) -> None:  # noqa: ANN401 - a message of a library without types
        assert event.HasField("summary")

    def flush(self) -> None:
        self.flushes.append(self.now)

    def close(self) -> None:
        pass


def test_the_first_summary_is_flushed_at_once_and_later_ones_at_most_every_30_seconds() -> None:
    clock = Clock()
    stream = SummaryStream(clock, clock)
    frame = Frame(step=0, wall_time=0.0, schema=Schema((), ()), tensors=())
    assert stream.seconds_to_flush() is None
    for now in range(100):
        clock.now = float(now)
        stream.add(frame)
        stream.flush_if_due()
    assert clock.flushes == [0.0, 1.0, 32.0, 63.0, 94.0]


def test_what_was_flushed_is_not_flushed_again() -> None:
    clock = Clock()
    stream = SummaryStream(clock, clock)
    stream.add(Frame(step=0, wall_time=0.0, schema=Schema((), ()), tensors=()))
    for now in range(100):
        clock.now = float(now)
        stream.flush_if_due()
    assert clock.flushes == [0.0, 1.0]
    assert stream.seconds_to_flush() is None
