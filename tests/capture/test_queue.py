"""What happens when the disk is slower than the training, fails, or the worker does."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from unittest import mock

import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview.capture.layer_view import WhenFull
from tb_layerview.log.frame import Frame
from tb_layerview.log.writer import LogWriter
from tests.capture.recorded import assert_same, warned

WIDTH = 1000
WEIGHT_BYTES = WIDTH * WIDTH * 4
Append = Callable[[LogWriter, Frame], int]


STATE = ("param", "buffer")
"""Kinds that need no forward: the steps of these tests only copy what the model has."""


def model_of_one_weight() -> nn.Linear:
    return nn.Linear(WIDTH, WIDTH, bias=False)


@contextmanager
def disk(behaviour: Callable[[Append, LogWriter, Frame], int]) -> Iterator[None]:
    """Make every append to a log go through ``behaviour``."""
    real = LogWriter.append

    def append(writer: LogWriter, frame: Frame) -> int:
        return behaviour(real, writer, frame)

    with mock.patch.object(LogWriter, "append", append):
        yield


@contextmanager
def stuck_disk() -> Iterator[threading.Event]:
    """A disk that takes nothing before the event is set."""
    free = threading.Event()

    def wait(append: Append, writer: LogWriter, frame: Frame) -> int:
        assert free.wait(30)
        return append(writer, frame)

    with disk(wait):
        try:
            yield free
        finally:
            free.set()


def test_a_step_without_room_is_skipped_counted_and_said_once(run: Path) -> None:
    model = model_of_one_weight()
    with (
        warned() as sentences,
        stuck_disk() as free,
        tb_layerview.LayerView(
            model, run, kinds=STATE, queue_bytes=2 * WEIGHT_BYTES + 10**6
        ) as view,
    ):
        for step in range(6):
            with view.step(step):
                pass
        free.set()
        view.flush()
        with view.step(6):
            pass
        view.flush()
        assert "3 recorded, 4 skipped" in view.report()
    (sentence,) = sentences
    assert "queue is full" in sentence
    assert "when_full='wait'" in sentence
    log = tb_layerview.open(run)
    assert log.steps == [0, 1, 6]
    assert log.skipped == 4


def test_waiting_for_the_disk_loses_no_step(run: Path) -> None:
    def slow(append: Append, writer: LogWriter, frame: Frame) -> int:
        time.sleep(0.02)
        return append(writer, frame)

    model = model_of_one_weight()
    queue_bytes = 2 * WEIGHT_BYTES + 10**6
    with (
        disk(slow),
        tb_layerview.LayerView(
            model, run, kinds=STATE, queue_bytes=queue_bytes, when_full="wait"
        ) as view,
    ):
        for step in range(6):
            with view.step(step):
                pass
    log = tb_layerview.open(run)
    assert log.steps == list(range(6))
    assert log.skipped == 0


@pytest.mark.parametrize("when_full", ["skip", "wait"])
def test_a_step_larger_than_the_queue_is_recorded_and_what_it_needs_is_said(
    run: Path, when_full: WhenFull
) -> None:
    model = nn.Sequential(model_of_one_weight(), model_of_one_weight(), nn.Linear(2, 2))
    with (
        warned() as sentences,
        tb_layerview.LayerView(
            model, run, kinds=STATE, queue_bytes=WEIGHT_BYTES + 10**6, when_full=when_full
        ) as view,
    ):
        for step in range(3):
            with view.step(step):
                pass
            view.flush()
    (sentence,) = [sentence for sentence in sentences if "needs" in sentence]
    needed = int(sentence.partition("needs ")[2].partition(" bytes")[0].replace(",", ""))
    assert 2 * WEIGHT_BYTES < needed < 2.4 * WEIGHT_BYTES
    assert f"queue_bytes is {WEIGHT_BYTES + 10**6:,}" in sentence
    log = tb_layerview.open(run)
    assert log.steps == [0, 1, 2]
    assert {spec.key: spec.stored for spec in log.schema().tensors} == {
        "0/param.weight": "exact",
        "1/param.weight": "pyramid",
        "2/param.weight": "exact",
        "2/param.bias": "exact",
    }


def test_a_step_whose_small_tensors_alone_are_larger_than_the_queue_is_skipped(run: Path) -> None:
    model = nn.ModuleList(nn.Linear(100, 100) for _ in range(30))
    with (
        warned() as sentences,
        tb_layerview.LayerView(model, run, kinds=STATE, queue_bytes=10**6) as view,
    ):
        for step in range(3):
            with view.step(step):
                pass
    (sentence,) = sentences
    assert "is not recorded: it needs 1," in sentence
    assert "queue_bytes is 1,000,000" in sentence
    assert tb_layerview.open(run).steps == []


def test_a_full_disk_is_said_once_and_recording_goes_on_when_there_is_room_again(
    run: Path,
) -> None:
    def full(append: Append, writer: LogWriter, frame: Frame) -> int:
        if frame.step in (1, 2):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return append(writer, frame)

    model = nn.Linear(3, 2)
    with warned() as sentences, disk(full), tb_layerview.LayerView(model, run) as view:
        for step in range(5):
            with view.step(step):
                model(torch.ones(1, 3))
    (sentence,) = sentences
    assert sentence == (
        "Writing a recorded step failed with OSError: [Errno 28] No space left on device"
    )
    log = tb_layerview.open(run)
    assert log.steps == [0, 3, 4]
    assert log.skipped == 2
    assert_same(log, "/param.weight", model.weight, step=4)


def test_what_failed_stands_in_the_next_frame(run: Path) -> None:
    def full(append: Append, writer: LogWriter, frame: Frame) -> int:
        if frame.step == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return append(writer, frame)

    model = nn.Linear(3, 2)
    with warned(), disk(full), tb_layerview.LayerView(model, run) as view:
        for step in range(2):
            with view.step(step):
                model(torch.ones(1, 3))
    assert any("No space left" in problem for problem in tb_layerview.open(run).problems)


def test_a_failed_step_gives_its_memory_back(run: Path) -> None:
    def broken(_append: Append, _writer: LogWriter, _frame: Frame) -> int:
        raise RuntimeError("broken")

    model = model_of_one_weight()
    with (
        warned() as sentences,
        disk(broken),
        tb_layerview.LayerView(model, run, kinds=STATE, queue_bytes=WEIGHT_BYTES + 10**6) as view,
    ):
        for step in range(4):
            with view.step(step):
                pass
            view.flush()
    assert sentences == ["Writing a recorded step failed with RuntimeError: broken"]


def test_flush_returns_when_what_was_recorded_can_be_read(run: Path) -> None:
    model = model_of_one_weight()
    with tb_layerview.LayerView(model, run) as view:
        for step in range(4):
            with view.step(step):
                model(torch.ones(1, WIDTH))
            view.flush()
            assert tb_layerview.open(run).steps == list(range(step + 1))


def test_host_memory_is_not_allocated_anew_once_it_is_warm(run: Path) -> None:
    model = nn.Sequential(model_of_one_weight(), nn.ReLU())
    with tb_layerview.LayerView(model, run) as view:
        for step in range(5):
            with (
                mock.patch(
                    "tb_layerview.capture.staging.Buffer",
                    side_effect=AssertionError("new memory"),
                )
                if step > 0
                else nullcontext()
            ):
                with view.step(step):
                    model(torch.ones(4, WIDTH))
                view.flush()
    assert tb_layerview.open(run).problems == []
    assert tb_layerview.open(run).steps == list(range(5))
