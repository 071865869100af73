"""A layer that cannot be recorded harms no other one, and is said once."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

import tb_layerview
from tests.capture.recorded import assert_same, record, warned


class Unreadable(torch.Tensor):
    """Its values are nowhere: whatever is asked of it, it raises."""

    @classmethod
    def __torch_function__(cls, *_: object) -> torch.Tensor:
        raise ValueError("nothing to see")


class Odd(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.ones(2).as_subclass(Unreadable), self.linear(values)


def test_an_output_that_cannot_be_read_is_said_and_the_next_one_recorded(run: Path) -> None:
    model = Odd()
    inputs = torch.randn(2, 3)
    with warned() as sentences:
        log = record(model, run, inputs)
    (sentence,) = sentences
    assert sentence == "The model's output.0 is not recorded: ValueError: nothing to see"
    assert log.problems == sentences
    assert_same(log, "/output.1", model.linear(inputs))


def test_a_container_that_fails_while_it_is_looked_into_harms_only_itself(run: Path) -> None:
    class Trap(UserDict[str, torch.Tensor]):
        def __iter__(self) -> Iterator[str]:
            raise LookupError("trap")

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(3, 3)

        def forward(self, values: torch.Tensor) -> Trap:
            return Trap(answer=self.linear(values))

    model = Model()
    inputs = torch.randn(2, 3)
    with warned() as sentences:
        log = record(model, run, inputs)
    (sentence,) = sentences
    assert sentence == "Recording the output of the model failed with LookupError: trap"
    assert_same(log, "linear/output", model.linear(inputs))


def test_layers_that_fail_alike_are_one_warning_and_each_a_problem(run: Path) -> None:
    class Unhookable(nn.Linear):
        def register_forward_hook(self, *_: object, **__: object) -> RemovableHandle:
            raise RuntimeError("no hooks here")

    model = nn.Sequential(Unhookable(3, 3), nn.ReLU(), Unhookable(3, 3))
    inputs = torch.randn(2, 3)
    with warned() as sentences:
        log = record(model, run, inputs)
    assert sentences[0] == "Recording the output of 0 failed with RuntimeError: no hooks here"
    assert len(sentences) == 2
    assert sentences[1].startswith("No output of 0, 2: ")
    assert "Recording the output of 2 failed with RuntimeError: no hooks here" in log.problems
    assert_same(log, "1/output", model[0](inputs).relu())


def test_warnings_that_are_errors_do_not_end_the_training_either(
    run: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In this suite every warning is an error."""
    model = Odd()
    with tb_layerview.LayerView(model, run) as view, view.step(0):
        model(torch.randn(2, 3))
    assert "nothing to see" in caplog.text
