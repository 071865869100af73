"""What a user is told of the cost, and of what was reduced."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview.capture.report import TrainingCosts, first_step_text, report_text
from tb_layerview.capture.rows import Reduction
from tb_layerview.capture.worker import WorkerCounts
from tests.capture.recorded import warned


def model_with_a_large_weight() -> nn.Module:
    return nn.Sequential(nn.Linear(1000, 1000), nn.ReLU())


def test_the_report_names_what_was_reduced_and_by_how_much(run: Path) -> None:
    model = model_with_a_large_weight()
    with tb_layerview.LayerView(model, run, max_elements=100_000) as view:
        assert "reduced" not in view.report()
        for step in range(3):
            with view.step(step):
                model(torch.ones(1, 1000))
        view.flush()
        lines = view.report().splitlines()
    assert lines[-2:] == [
        "reduced: 1 tensor, from 4.0 MB to 0.2 MB a step",
        "  0/param.weight (4.0 MB as a pyramid of 0.2 MB)",
    ]


def test_the_first_recorded_step_is_logged_in_one_line_and_no_other_one(
    run: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = model_with_a_large_weight()
    with (
        warned() as sentences,
        caplog.at_level(logging.INFO, "tb_layerview"),
        tb_layerview.LayerView(model, run, every=2, max_elements=100_000) as view,
    ):
        for step in range(5):
            with view.step(step):
                model(torch.ones(1, 1000))
    assert sentences == []
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("tb_layerview", "INFO")
    numbers = r"\d+\.\d"
    assert re.fullmatch(
        rf"Recording 5 tensors of 3 layers: a step takes {numbers} MB of memory, {numbers} MB of "
        rf"disk, {numbers}\d ms of the training and {numbers}\d ms of the worker; reduced are "
        r"1 tensor, from 4\.0 MB to 0\.2 MB a step: "
        r"0/param\.weight \(4\.0 MB as a pyramid of 0\.2 MB\)",
        record.getMessage(),
    )


def test_a_logger_that_raises_ends_neither_the_training_nor_the_recording(
    run: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(logging.Handler):
        def emit(self, _record: logging.LogRecord) -> None:
            raise RuntimeError("broken handler")

    logger = logging.getLogger("tb_layerview")
    monkeypatch.setattr(logger, "handlers", [Broken()])
    caplog.set_level(logging.INFO, "tb_layerview")
    with warned() as sentences, tb_layerview.LayerView(nn.Linear(2, 2), run) as view:
        for step in range(2):
            with view.step(step):
                pass
        view.flush()
        view.close()
    assert sentences[-1:] == ["Logging what is recorded failed with RuntimeError: broken handler"]
    assert tb_layerview.open(run).steps == [0, 1]


REDUCTIONS = [
    Reduction(f"layer{index}/param.weight", "statistics", 10_000_000, 0) for index in range(25)
]
COUNTS = WorkerCounts(recorded=1, tensors=30, written_bytes=5_000_000, reductions=REDUCTIONS)


def test_many_reductions_are_counted_after_the_first_ones() -> None:
    lines = report_text(7, TrainingCosts(), COUNTS, {"Something failed": 2}).splitlines()
    assert lines[6] == "reduced: 25 tensors, from 250.0 MB to 0.0 MB a step"
    assert lines[7] == "  layer0/param.weight (10.0 MB as statistics)"
    assert lines[27:] == ["  and 5 more", "problems:", "  2 x Something failed"]


def test_steps_that_wait_to_be_written_are_neither_recorded_nor_skipped() -> None:
    text = report_text(7, TrainingCosts(captured=4), WorkerCounts(recorded=1, failed=1), {})
    assert text.splitlines()[1] == "steps: 1 recorded, 1 skipped, 2 to be written"


def test_the_line_of_the_first_step_of_a_probe_says_that_it_is_one() -> None:
    told = first_step_text(7, TrainingCosts(), COUNTS, {}, of_probe=True)
    assert told.startswith("Recording 30 tensors of 7 layers for the probe: a step takes ")


def test_the_line_of_the_first_step_says_what_was_left_out() -> None:
    training = TrainingCosts(captured=1, seconds=0.0025, frame_bytes=12_000_000)
    assert first_step_text(7, training, COUNTS, {"No output of a": 1, "b failed": 1}) == (
        "Recording 30 tensors of 7 layers: a step takes 12.0 MB of memory, 5.0 MB of disk, "
        "2.50 ms of the training and 0.00 ms of the worker; reduced are 25 tensors, from 250.0 MB "
        "to 0.0 MB a step: layer0/param.weight (10.0 MB as statistics), "
        "layer1/param.weight (10.0 MB as statistics), layer2/param.weight (10.0 MB as statistics), "
        "and 22 more; left out or failed: No output of a | b failed"
    )
