"""What the flight recorder says of values, functions and arguments that it cannot use."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview.errors import ArgumentError
from tests.capture.recorded import warned
from tests.capture.test_flight import Loop


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (torch.zeros(3), "torch.float32 and shape (3,)"),
        (torch.zeros((), dtype=torch.complex64), "complex64"),
        ("0.3", "'0.3'"),
        (None, "None"),
    ],
)
def test_what_is_no_number_is_said_at_the_call_and_the_training_goes_on(
    run: Path, value: object, expected: str
) -> None:
    loop = Loop(run)
    with warned() as sentences, loop.view.step(0) as recording:
        recording.watch(value)
    loop.step(1)
    assert len(sentences) == 1
    assert sentences[0].startswith("watch: expected one number")
    assert expected in sentences[0]


@pytest.mark.parametrize("every", [lambda _: False, 1], ids=["watched", "recorded"])
def test_a_value_given_outside_of_its_step_is_said_and_not_watched(run: Path, every: Any) -> None:  # noqa: ANN401
    loop = Loop(run, every=every)
    recording = loop.view.step(0)
    with warned() as sentences:
        recording.watch(math.nan)
        with recording:
            loop.model(torch.rand(4, 1, 8, 8))
        recording.watch(math.nan, name="the loss of the generator")
    assert sentences == [
        f"watch: {name} is not watched: it was given outside of its step"
        for name in ("the loss", "the loss of the generator")
    ]
    assert loop.log().marks == {}


def test_an_again_that_is_no_function_or_raises_or_answers_no_loss_is_said(run: Path) -> None:
    def fails() -> Tensor:
        raise ValueError("no such batch")

    loop = Loop(run, max_trips=9)
    with warned() as sentences:
        for number, again in enumerate([3, fails, lambda: torch.zeros(2)]):
            with loop.view.step(number, inputs=torch.rand(2, 1, 8, 8)) as recording:
                recording.watch(math.nan, again)  # type: ignore[arg-type]
        loop.step(3)
    log = loop.log()
    assert any("again to be a function" in sentence for sentence in sentences)
    assert any("ValueError('no such batch')" in problem for problem in log.problems)
    assert any("expected a loss of one element" in problem for problem in log.problems)
    assert log.steps == [0, 1, 2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"on_nonfinite": "stop"},
        {"on_nonfinite": True},
        {"on_spike": 0.5},
        {"on_spike": "often"},
        {"on_spike": math.nan},
        {"max_trips": 0},
        {"max_trips": 1.5},
    ],
)
def test_arguments_that_ask_for_nothing_possible_are_refused(
    run: Path, wrong: dict[str, Any]
) -> None:
    (name,) = wrong
    with pytest.raises(ArgumentError, match=f"^{name}: expected"):
        tb_layerview.LayerView(nn.Linear(1, 1), run, **wrong)
