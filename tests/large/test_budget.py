"""What a step may take on disk: which tensors are reduced for it, and that it holds."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview.log.frame import Frame
from tb_layerview.plugin import answers
from tests.capture.recorded import warned
from tests.capture.test_frames import frames_written
from tests.large.expected import assert_levels, assert_statistics

MEGABYTE = 1_000_000
INPUTS = 600


class Layers(nn.Module):
    """Weights of 1.2 MB, 1 MB and 0.2 MB."""

    def __init__(self) -> None:
        super().__init__()
        self.large = nn.Linear(INPUTS, 500)
        self.medium = nn.Linear(500, 500)
        self.small = nn.Linear(500, 100)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.small(self.medium(self.large(values)))
        return result


def log_bytes(run: Path) -> int:
    return sum(file.stat().st_size for file in (run / "plugins" / "layerview").iterdir())


def record(model: nn.Module, run: Path, steps: int, megabytes: float) -> list[Frame]:
    """The frames of some steps with so many megabytes for each."""
    with (
        frames_written() as frames,
        tb_layerview.LayerView(model, run, max_megabytes_per_step=megabytes) as view,
    ):
        for step in range(steps):
            with view.step(step):
                model(torch.randn(8, INPUTS))
    return frames


def reduced(frame: Frame) -> dict[str, str]:
    return {spec.key: spec.stored for spec in frame.schema.tensors if spec.stored != "exact"}


@pytest.mark.parametrize("megabytes", [3.0, 2.0, 1.0, 0.3, 0.15, 0.05])
def test_no_step_takes_more_of_the_disk_than_it_may(run: Path, megabytes: float) -> None:
    model = Layers()
    grown: list[int] = []
    with tb_layerview.LayerView(model, run, max_megabytes_per_step=megabytes) as view:
        for step in range(6):
            before = log_bytes(run)
            with view.step(step):
                model(torch.randn(8, INPUTS))
            view.flush()
            grown.append(log_bytes(run) - before)
    # The schema, which the first frame brings, comes on top.
    assert max(grown[1:]) <= megabytes * MEGABYTE
    assert tb_layerview.open(run).problems == []


def test_the_largest_is_reduced_and_the_others_are_left_alone(run: Path) -> None:
    model = Layers()
    frames = record(model, run, 1, 1.8)
    assert reduced(frames[0]) == {"large/param.weight": "pyramid"}
    log = tb_layerview.open(run)
    weight = model.large.weight.detach().numpy()
    assert_levels(log, "large/param.weight", weight, levels=1)
    assert_statistics(log, "large/param.weight", weight)
    catalog = {tensor["key"]: tensor["stored"] for tensor in answers.catalog(log)["tensors"]}
    assert catalog["large/param.weight"] == "pyramid"
    assert catalog["medium/param.weight"] == "exact"


def test_outputs_are_reduced_as_parameters_are(run: Path) -> None:
    model = nn.Sequential(nn.Conv2d(1, 64, 3, padding=1), nn.ReLU())
    with (
        frames_written() as frames,
        tb_layerview.LayerView(model, run, max_megabytes_per_step=1.5) as view,
        view.step(0),
    ):
        expected = model(torch.randn(6, 1, 64, 64)).detach().numpy()
    stored = reduced(frames[0])
    assert stored == dict.fromkeys(("/output", "0/output", "1/output"), "pyramid")
    log = tb_layerview.open(run)
    assert_levels(log, "1/output", expected[:4], levels=1)
    assert_statistics(log, "/output", expected)
    # The container's output is that of its last layer: it is counted and stored once.
    assert log_bytes(run) < 0.7 * MEGABYTE


def test_what_is_reduced_does_not_change_from_step_to_step(run: Path) -> None:
    class Sometimes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.randn(500, 400))
            self.calls = 0

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            self.calls += 1
            is_long = self.calls == 3
            return values.new_ones(900 if is_long else 3, 200) * self.weight[0, 0]

    model = Sometimes()
    frames = record(model, run, 6, 1.2)
    assert [reduced(frame) for frame in frames[:2]] == [{}, {}]
    assert [reduced(frame) for frame in frames[2:]] == 4 * [{"/param.weight": "pyramid"}]


def test_pyramids_that_are_too_much_together_become_statistics(run: Path) -> None:
    model = Layers()
    frames = record(model, run, 1, 0.1)
    stored = reduced(frames[0])
    assert stored["large/param.weight"] == "statistics"
    assert stored["small/param.weight"] == "pyramid"
    log = tb_layerview.open(run)
    assert_statistics(log, "large/param.weight", model.large.weight.detach().numpy())


def test_a_budget_below_the_statistics_alone_is_said_once_and_kept_to_as_far_as_can_be(
    run: Path,
) -> None:
    with warned() as sentences:
        frames = record(Layers(), run, 3, 0.001)
    (sentence,) = sentences
    assert sentence.startswith("A step is larger than max_megabytes_per_step allows")
    assert all(set(reduced(frame).values()) == {"statistics"} for frame in frames)
    assert sentence in tb_layerview.open(run).problems
