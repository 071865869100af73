"""Misuse has an error of its own; what is no misuse has a stated behaviour."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview.capture.layer_view import WhenFull
from tb_layerview.errors import ArgumentError, ClosedError, LayerNotFoundError
from tests.capture.recorded import assert_same, keys, warned


class Empty(nn.Module):
    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return values


@pytest.mark.parametrize(
    "model",
    [None, "model", torch.relu, Empty(), nn.Sequential()],
    ids=lambda model: type(model).__name__,
)
def test_a_model_without_layers_is_an_argument_error(run: Path, model: object) -> None:
    with pytest.raises(ArgumentError, match="model: expected"):
        tb_layerview.LayerView(cast("nn.Module", model), run)
    assert not run.exists()


@pytest.mark.parametrize("every", [0, -3, 1.5, True, None, "10"], ids=str)
def test_every_that_is_no_interval_is_an_argument_error(run: Path, every: object) -> None:
    with pytest.raises(ArgumentError, match="every: expected a number from 1 on"):
        tb_layerview.LayerView(nn.Linear(2, 2), run, every=cast("int", every))


@pytest.mark.parametrize("kinds", [(), ("sample",), ("param", "weights"), "weights"], ids=str)
def test_kinds_that_do_not_exist_are_an_argument_error_that_lists_those_that_do(
    run: Path, kinds: tuple[str, ...]
) -> None:
    with pytest.raises(
        ArgumentError, match="some of param, buffer, grad, input, output, output_grad, tap"
    ):
        tb_layerview.LayerView(nn.Linear(2, 2), run, kinds=kinds)


@pytest.mark.parametrize("queue_bytes", [0, -1, 1e9, None, True])
def test_a_queue_without_memory_is_an_argument_error(run: Path, queue_bytes: object) -> None:
    with pytest.raises(ArgumentError, match="queue_bytes"):
        tb_layerview.LayerView(nn.Linear(2, 2), run, queue_bytes=cast("int", queue_bytes))


def test_a_when_full_that_does_not_exist_is_an_argument_error(run: Path) -> None:
    with pytest.raises(ArgumentError, match="'skip' or 'wait'"):
        tb_layerview.LayerView(nn.Linear(2, 2), run, when_full=cast("WhenFull", "drop"))


def test_a_wrong_layer_is_an_error_before_anything_is_written(run: Path) -> None:
    with pytest.raises(LayerNotFoundError, match="'0'"):
        tb_layerview.LayerView(nn.Sequential(nn.Linear(2, 2)), run, layers="fc")
    assert not run.exists()


@pytest.mark.parametrize("step", [1.5, "3", None, torch.tensor([1, 2]), 2**63], ids=str)
def test_a_step_that_is_no_number_is_an_argument_error(run: Path, step: object) -> None:
    with (
        tb_layerview.LayerView(nn.Linear(2, 2), run) as view,
        pytest.raises(ArgumentError, match="step: expected a whole number"),
    ):
        view.step(cast("int", step))


def test_whole_numbers_of_numpy_and_pytorch_are_steps(run: Path) -> None:
    with tb_layerview.LayerView(nn.Linear(2, 2), run) as view:
        for step in (np.int64(1), torch.tensor(2)):
            with view.step(step):
                pass
    assert tb_layerview.open(run).steps == [1, 2]


def test_a_step_inside_of_another_is_an_argument_error_and_the_outer_one_is_recorded(
    run: Path,
) -> None:
    model = nn.Linear(2, 2)
    with tb_layerview.LayerView(model, run) as view:
        with view.step(0):
            with pytest.raises(ArgumentError, match="the step before it ended"), view.step(1):
                pass
            expected = model(torch.ones(1, 2))
        with view.step(2):
            pass
    log = tb_layerview.open(run)
    assert log.steps == [0, 2]
    assert_same(log, "/output", expected)


def test_a_step_entered_twice_is_an_argument_error(run: Path) -> None:
    with tb_layerview.LayerView(nn.Linear(2, 2), run) as view:
        recording = view.step(0)
        with recording:
            pass
        with pytest.raises(ArgumentError, match="each step entered once"), recording:
            pass
    assert tb_layerview.open(run).steps == [0]


def test_predictions_outside_of_their_step_are_said_and_left_out(run: Path) -> None:
    model = nn.Linear(2, 2)
    with warned() as sentences, tb_layerview.LayerView(model, run) as view:
        recording = view.step(0)
        recording.predictions(torch.zeros(1))
        with recording:
            model(torch.ones(1, 2))
        recording.predictions(torch.ones(1))
    assert sentences == ["Predictions are not recorded: they were given outside of their step"]
    assert "/sample.predictions" not in keys(tb_layerview.open(run))


def test_whole_numbers_of_numpy_are_settings(run: Path) -> None:
    model = nn.Linear(2, 2)
    every, samples, queue_bytes = (cast("int", np.int64(value)) for value in (2, 1, 10**6))
    with tb_layerview.LayerView(
        model, run, every=every, samples=samples, queue_bytes=queue_bytes
    ) as view:
        for step in range(4):
            with view.step(step):
                model(torch.ones(3, 2))
    log = tb_layerview.open(run)
    assert log.steps == [0, 2]
    assert log["/output"].at(2).shape == (1, 2)


def test_a_step_after_close_is_a_closed_error(run: Path) -> None:
    view = tb_layerview.LayerView(nn.Linear(2, 2), run)
    view.close()
    with pytest.raises(ClosedError, match="LayerView is closed"):
        view.step(0)


def test_closing_and_flushing_again_do_nothing(run: Path) -> None:
    view = tb_layerview.LayerView(nn.Linear(2, 2), run)
    view.close()
    view.close()
    view.flush()
    assert "0 recorded" in view.report()


def test_a_view_that_is_closed_inside_of_a_step_does_not_end_the_training(run: Path) -> None:
    model = nn.Linear(2, 2)
    view = tb_layerview.LayerView(model, run)
    with warned() as sentences, view.step(0):
        view.close()
        model(torch.ones(1, 2))
    (sentence,) = sentences
    assert "the LayerView was closed" in sentence
    assert not model._forward_hooks  # noqa: SLF001


def test_a_step_that_goes_backwards_is_said_once_and_hides_what_was_recorded_after_it(
    run: Path,
) -> None:
    model = nn.Linear(2, 2)
    with warned() as sentences, tb_layerview.LayerView(model, run, kinds="param") as view:
        for step in (0, 1, 2, 3, 1, 2, 1):
            with torch.no_grad():
                model.weight.add_(1)
            with view.step(step):
                pass
    (sentence,) = sentences
    assert sentence.startswith("Step 1 comes after step 3: taken as a restart")
    log = tb_layerview.open(run)
    assert log.steps == [0, 1]
    assert_same(log, "/param.weight", model.weight, step=1)


def test_an_every_that_fails_is_said_once_and_its_steps_are_not_recorded(run: Path) -> None:
    def every(step: int) -> bool:
        if step < 2:
            raise LookupError("no such epoch")
        return True

    model = nn.Linear(2, 2)
    with warned() as sentences, tb_layerview.LayerView(model, run, every=every) as view:
        for step in range(3):
            with view.step(step):
                model(torch.ones(1, 2))
    assert sentences == ["The function given as every failed with LookupError: no such epoch"]
    assert tb_layerview.open(run).steps == [2]


def test_layers_that_vanish_while_the_model_trains_do_not_end_the_training(run: Path) -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
    with warned() as sentences, tb_layerview.LayerView(model, run, layers="1") as view:
        with view.step(0):
            model(torch.ones(1, 2))
        del model[1]
        with view.step(1):
            model(torch.ones(1, 2))
    assert len(sentences) == 2
    assert sentences[0].startswith("Finding the layers again failed with LayerNotFoundError")
    assert sentences[1].startswith("No output of 1")
    assert tb_layerview.open(run).steps == [0, 1]


def test_two_tensors_of_one_name_are_said_and_the_first_is_recorded(run: Path) -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(2, 2)

        def forward(self, values: torch.Tensor) -> dict[str, object]:
            return {"a.b": values, "a": {"b": self.linear(values)}}

    model = Model()
    with tb_layerview.LayerView(model, run) as view, view.step(0):
        model(torch.ones(1, 2))
    log = tb_layerview.open(run)
    assert_same(log, "/output.a.b", torch.ones(1, 2))
    assert log.problems == ["/output.a.b is the name of two tensors: the second is left out"]


def test_a_path_with_the_separators_of_keys_has_a_key_that_can_be_parsed(run: Path) -> None:
    model = nn.ModuleDict({"a/b#1": nn.Linear(2, 2)})
    with tb_layerview.LayerView(model, run) as view, view.step(0):
        model["a/b#1"](torch.ones(1, 2))
    log = tb_layerview.open(run)
    spec = log["a%2Fb%231/param.weight"].spec
    assert spec.module == "a/b#1"


def test_names_that_no_file_can_hold_are_recorded_as_python_writes_them(run: Path) -> None:
    class Named(nn.Linear):
        def extra_repr(self) -> str:
            return "from=caf\udce9.txt"

    layer = Named(2, 2)
    model = nn.ModuleDict({"caf\udce9": layer})
    with tb_layerview.LayerView(model, run, labels=["\ud83d"]) as view, view.step(0):
        layer(torch.ones(1, 2))
    log = tb_layerview.open(run)
    assert_same(log, r"caf\udce9/param.weight", layer.weight)
    (module,) = (module for module in log.schema().modules if module.path)
    assert (module.path, module.repr) == (r"caf\udce9", r"Named(from=caf\udce9.txt)")
    assert log.schema().labels == (r"\ud83d",)
