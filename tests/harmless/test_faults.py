"""Whatever fails, the training goes on, the user is told once, and the recording resumes."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import pytest
import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

import tb_layerview
from tb_layerview.log.reader import LogReader
from tests.harmless.faults import FAULTS, Fault, Refusing, World

STEPS = 7
STRUCK = range(2, 5)
"""The steps in which the fault is there."""


@contextmanager
def warned() -> Iterator[list[str]]:
    """What users were warned of in the block."""
    sentences: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield sentences
    sentences += [str(warning.message) for warning in caught]


def model_of_layers() -> nn.Sequential:
    return nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))


def train(world: World, fault: Fault) -> list[int]:
    """Train while the fault comes and goes; the steps that were trained."""
    trained = []
    optimizer = torch.optim.SGD(world.model.parameters(), lr=0.1)
    with ExitStack() as struck:
        for step in range(STEPS):
            if step == STRUCK.start:
                world.view.flush()
                struck.enter_context(fault.inflict(world))
            if step == STRUCK.stop:
                world.view.flush()
                struck.close()
            with world.view.step(step):
                loss = world.model(torch.randn(4, 3)).square().mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            trained.append(step)
    return trained


def world_in(run: Path) -> World:
    model = model_of_layers()
    writer = SummaryWriter(run)
    view = tb_layerview.LayerView(model, writer)
    return World(model, view, run, writer)


def check(log: LogReader, fault: Fault, report: str) -> None:
    """The cause is in the log and in the report, and each step is recorded or counted."""
    assert [line for line in log.problems if re.search(fault.cause, line)], log.problems
    counted = re.findall(rf"(\d+) x .*(?:{fault.cause})", report)
    assert counted, report
    assert set(range(STRUCK.stop, STEPS)) <= set(log.steps), "recording did not resume"
    lost = len(STRUCK) if fault.lost else 0
    assert log.skipped == lost
    assert f"{STEPS - lost} recorded, {lost} skipped" in report


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_said_once_and_the_recording_resumes(run: Path, name: str) -> None:
    fault = FAULTS[name]
    world = world_in(run)
    with warned() as sentences:
        trained = train(world, fault)
        world.view.flush()
        report = world.view.report()
        world.view.close()
    world.writer.close()
    assert trained == list(range(STEPS))
    assert len(sentences) == fault.warnings, sentences
    assert all(re.search(fault.cause, sentence) for sentence in sentences)
    check(tb_layerview.open(run), fault, report)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_does_not_end_a_training_in_which_warnings_are_errors(
    run: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    fault = FAULTS[name]
    world = world_in(run)
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING, "tb_layerview"):
        warnings.simplefilter("error")
        assert train(world, fault) == list(range(STEPS))
        world.view.close()
        world.writer.close()
    assert len(caplog.messages) == fault.warnings
    assert all(re.search(fault.cause, message) for message in caplog.messages)


def test_steps_that_are_lost_are_those_of_the_fault(run: Path) -> None:
    world = world_in(run)
    with warned():
        train(world, FAULTS["a full disk"])
        world.view.close()
    world.writer.close()
    assert tb_layerview.open(run).steps == [0, 1, 5, 6]


def test_an_every_that_raises_is_said_once_and_stands_in_the_log(run: Path) -> None:
    def every(step: int) -> bool:
        if step in STRUCK:
            raise LookupError("no such epoch")
        return True

    model = model_of_layers()
    with warned() as sentences, tb_layerview.LayerView(model, run, every=every) as view:
        for step in range(STEPS):
            with view.step(step):
                model(torch.randn(4, 3))
        view.flush()
        report = view.report()
    assert sentences == ["The function given as every failed with LookupError: no such epoch"]
    assert f"{len(STRUCK)} x {sentences[0]}" in report
    log = tb_layerview.open(run)
    assert log.steps == [0, 1, 5, 6]
    assert sentences[0] in log.problems


def test_a_cause_whose_numbers_differ_from_step_to_step_is_said_once(run: Path) -> None:
    model = model_of_layers()
    with warned() as sentences, tb_layerview.LayerView(model, run) as view:
        for batch in range(4, 8):
            with view.step(batch) as recording:
                recording.predictions(model(torch.randn(batch, 3)).t())
    assert sentences == [
        (
            "predictions is not recorded: expected the 4 samples of the batch on axis 0, "
            "received the shape (2, 4)"
        )
    ]


def test_a_dispatch_mode_of_the_user_does_not_see_the_copies(run: Path) -> None:
    model = model_of_layers()
    inputs = torch.randn(4, 3)
    with (
        warned() as sentences,
        tb_layerview.LayerView(model, run) as view,
        view.step(0),
        Refusing(),
    ):
        expected = model(inputs)
    log = tb_layerview.open(run)
    assert sentences == []
    assert torch.equal(torch.from_numpy(log["/output"].at(0)[...].copy()), expected.detach())


def test_warnings_that_are_shown_by_code_that_fails_do_not_end_the_training(
    run: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def every(_step: int) -> bool:
        raise LookupError("no such epoch")

    model = model_of_layers()
    with tb_layerview.LayerView(model, run, every=every) as view, warnings.catch_warnings():
        warnings.simplefilter("always")
        with (
            mock.patch.object(warnings, "_showwarnmsg_impl", side_effect=OSError("no terminal")),
            view.step(0),
        ):
            model(torch.randn(4, 3))
    assert "no such epoch" in caplog.text
