"""Which random numbers a batch is run again with, in trainings that draw them now and then."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview.capture.flight.start import StepStart
from tb_layerview.log.reader import LogReader
from tests.capture.recorded import warned

OTHER = "It drew other random numbers than in the step"


class Noisy(nn.Module):
    """Adds noise where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Linear(3, 3)
        self.draws = True

    def forward(self, given: Tensor) -> Tensor:
        scaled: Tensor = self.scale(given)
        return scaled + torch.rand(4, 3) if self.draws else scaled


def run_on(
    run: Path, draws: Callable[[int], bool], trips_at: int, *, between: bool = False
) -> tuple[Tensor, LogReader]:
    """Train until a step trips: what the model answered then, and the log.

    `draws` tells of which step the forward does; `between` steps, the training itself may, too.
    """
    model = Noisy()
    view = tb_layerview.LayerView(model, run, every=lambda _: False, on_nonfinite="record")
    output = torch.empty(0)
    for number in range(trips_at + 1):
        given = torch.rand(4, 3) if between else torch.ones(4, 3)
        model.draws = draws(number)
        with view.step(number, inputs=given) as recording:
            output = model(given)
            if number < trips_at:
                recording.watch(output.sum())
            else:
                with warned():
                    recording.watch(math.nan)
    view.close()
    return output.detach(), tb_layerview.open(run)


def tells_of_others(log: LogReader) -> bool:
    return any(OTHER in problem for problem in log.problems)


@pytest.mark.parametrize("between", [False, True])
@pytest.mark.parametrize("trips_at", [0, 1, 20, 300])
def test_a_model_that_draws_is_run_again_with_the_same_numbers(
    run: Path, trips_at: int, between: bool
) -> None:
    output, log = run_on(run, lambda _: True, trips_at, between=between)
    np.testing.assert_array_equal(log["/output"].at(trips_at)[...], output.numpy())
    assert not tells_of_others(log)


def test_a_model_that_draws_in_some_steps_is_run_again_with_the_same_numbers(run: Path) -> None:
    output, log = run_on(run, lambda number: number % 5 == 0, 100)
    np.testing.assert_array_equal(log["/output"].at(100)[...], output.numpy())
    assert not tells_of_others(log)


@pytest.mark.parametrize("between", [False, True])
def test_the_generator_is_hardly_read_for_a_model_that_does_not_draw(
    run: Path, between: bool
) -> None:
    noted: list[bool] = []
    note = StepStart.note

    def spied(start: StepStart, *, draws: bool = True) -> None:
        noted.append(draws)
        note(start, draws=draws)

    with patch.object(StepStart, "note", spied):
        output, log = run_on(run, lambda _: False, 329, between=between)
    # Ten at first, then one of 32.
    assert [number for number, draws in enumerate(noted) if draws] == [
        *range(10),
        *range(41, 330, 32),
    ]
    np.testing.assert_array_equal(log["/output"].at(329)[...], output.numpy())
    assert not tells_of_others(log)


def test_a_step_that_draws_after_long_without_says_that_it_drew_others(run: Path) -> None:
    output, log = run_on(run, lambda number: number == 60, 60)
    assert not np.array_equal(log["/output"].at(60)[...], output.numpy())
    assert tells_of_others(log)


def test_a_model_that_begins_to_draw_is_soon_run_again_with_the_same_numbers(run: Path) -> None:
    output, log = run_on(run, lambda number: number >= 60, 60 + 32)
    np.testing.assert_array_equal(log["/output"].at(92)[...], output.numpy())
    assert not tells_of_others(log)
