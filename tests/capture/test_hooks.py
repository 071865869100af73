"""Hooks exist while a step is recorded, and what happens in them stays out of the training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
import torch
from torch import nn

import tb_layerview
from demo.model import CNN
from tb_layerview.capture.devices import Transfers
from tb_layerview.capture.hooks import ForwardHooks
from tb_layerview.capture.recorder import Recorder
from tb_layerview.capture.watch import StepWatch
from tests.capture.recorded import assert_same, elements, keys, record, warned

HOOKS = (
    "_forward_hooks", "_forward_pre_hooks", "_forward_hooks_with_kwargs",
    "_forward_pre_hooks_with_kwargs", "_forward_hooks_always_called", "_backward_hooks",
    "_backward_pre_hooks",
)  # fmt: skip


def hooks_of(model: nn.Module) -> int:
    return sum(len(getattr(module, name)) for module in model.modules() for name in HOOKS)


def test_there_are_hooks_inside_a_recorded_step_and_none_outside(run: Path) -> None:
    model = CNN()
    with tb_layerview.LayerView(model, run, every=2) as view:
        assert hooks_of(model) == 0
        for step in range(4):
            recording = view.step(step)
            assert hooks_of(model) == 0
            with recording:
                assert (hooks_of(model) > 0) == (step % 2 == 0)
                model(torch.randn(2, 1, 28, 28))
            assert hooks_of(model) == 0


def test_only_the_chosen_layers_are_hooked_and_the_root_for_its_batch(run: Path) -> None:
    model = CNN()
    with tb_layerview.LayerView(model, run, layers="conv2[0]") as view, view.step(0):
        hooked = [path for path, module in model.named_modules() if hooks_of(module)]
        assert hooked == ["", "conv2", "conv2.0"]
        assert len(model.get_submodule("conv2.0")._forward_hooks) == 1  # noqa: SLF001
        model(torch.randn(2, 1, 28, 28))
    assert keys(tb_layerview.open(run)) == {
        "conv2.0/param.weight",
        "conv2.0/param.bias",
        "conv2.0/output",
    }


def test_nothing_is_hooked_when_no_outputs_are_recorded(run: Path) -> None:
    model = CNN()
    with tb_layerview.LayerView(model, run, kinds=("param", "buffer")) as view, view.step(0):
        assert hooks_of(model) == 0
        model(torch.randn(2, 1, 28, 28))
    assert all("/param." in key for key in keys(tb_layerview.open(run)))


def test_hooks_are_gone_after_a_step_that_raised_and_what_was_seen_is_recorded(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(4, 2))
    inputs = torch.randn(2, 3)
    with tb_layerview.LayerView(model, run) as view:
        with pytest.raises(RuntimeError, match="shapes cannot be multiplied"), view.step(0):
            model(inputs)
        assert hooks_of(model) == 0
    log = tb_layerview.open(run)
    assert log.steps == [0]
    assert_same(log, "0/output", model[0](inputs))
    assert "2/output" not in keys(log)
    (problem,) = log.problems
    assert problem.startswith("Step 0 ended with RuntimeError: mat1 and mat2 shapes cannot be")


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_interruption_passes_and_leaves_no_hooks(run: Path, error: type[BaseException]) -> None:
    linear = nn.Linear(3, 5)
    model = nn.Sequential(linear)
    with tb_layerview.LayerView(model, run) as view:
        model.register_forward_hook(_raising(error))
        with pytest.raises(error), view.step(0):
            model(torch.randn(2, 3))
        assert hooks_of(model) == 1
    assert_same(tb_layerview.open(run), "0/param.weight", linear.weight)


@pytest.mark.parametrize(
    ("owner", "method", "recorded"),
    [
        (ForwardHooks, "attach", [1]),
        (StepWatch, "conclude", [0, 1]),
        (Transfers, "sent", [0, 1]),
        (Recorder, "_hand_over", [0, 1]),
    ],
    ids=["beginning", "concluding", "sending", "handing over"],
)
def test_an_interruption_of_a_recording_loses_no_later_step_nor_what_was_there_already(
    run: Path, owner: type, method: str, recorded: list[int]
) -> None:
    model = nn.Linear(3, 5)
    inputs = torch.randn(2, 3)
    with tb_layerview.LayerView(model, run) as view:
        with (
            mock.patch.object(owner, method, _interrupted_once(getattr(owner, method))),
            pytest.raises(KeyboardInterrupt),
            view.step(0),
        ):
            pass
        assert hooks_of(model) == 0
        with view.step(1):
            expected = model(inputs)
    log = tb_layerview.open(run)
    assert_same(log, "/output", expected, step=1)
    assert log["/param.weight"].steps == recorded


def test_hooks_of_the_user_stay_and_what_they_return_is_what_is_recorded(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Identity())
    model[0].register_forward_hook(lambda _, __, output: output * 2)
    inputs = torch.randn(2, 3)
    log = record(model, run, inputs)
    assert_same(log, "0/output", model(inputs))
    assert hooks_of(model) == 1


def _raising(error: type[BaseException]) -> Callable[..., None]:
    def hook(*_: object) -> None:
        raise error

    return hook


def _interrupted_once(method: Callable[..., None]) -> Callable[..., None]:
    interruptions = [KeyboardInterrupt()]

    def interrupted(*arguments: object) -> None:
        if interruptions:
            raise interruptions.pop()
        method(*arguments)

    return interrupted


def test_several_models_are_recorded_together_as_the_items_of_a_dictionary(run: Path) -> None:
    models = nn.ModuleDict({"generator": nn.Linear(2, 3), "discriminator": nn.Linear(3, 1)})
    noise, real = torch.randn(4, 2), torch.randn(4, 3)
    with (
        warned() as sentences,
        tb_layerview.LayerView(models, run) as view,
        view.step(0, inputs={"noise": noise, "real": real}),
    ):
        fake = models["generator"](noise)
        judged = [models["discriminator"](each) for each in (real, fake)]
    assert sentences == []
    log = tb_layerview.open(run)
    assert_same(log, "generator/output", fake)
    assert_same(log, "discriminator/output", judged[0])
    assert_same(log, "discriminator/output#1", judged[1])


def test_a_warning_shows_the_line_of_the_user_that_it_is_about(run: Path) -> None:
    model = nn.Linear(3, 3)
    with (
        pytest.warns(tb_layerview.LayerViewWarning, match="targets is not recorded") as caught,
        tb_layerview.LayerView(model, run) as view,
        view.step(0, targets="words"),
    ):
        model(torch.ones(2, 3))
    assert caught[0].filename == __file__


def test_layers_that_the_forward_did_not_call_are_named_once(run: Path) -> None:
    class Skips(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used = nn.Linear(3, 3)
            self.unused = nn.Linear(3, 3)
            self.bypassed = nn.ReLU()
            self.listed = nn.ModuleList([nn.Tanh()])

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            return self.bypassed.forward(self.listed[0](self.used(values)))

    model = Skips()
    with warned() as sentences, tb_layerview.LayerView(model, run) as view:
        for step in range(3):
            with view.step(step):
                model(torch.randn(2, 3))
    assert sentences == [
        "No output of unused, bypassed: the forward of the model did not call them as modules"
    ]
    log = tb_layerview.open(run)
    assert log.problems == sentences
    assert elements(log, "unused/param.weight").shape == (3, 3)


def test_a_step_in_which_the_model_is_not_called_is_said_once(run: Path) -> None:
    model = nn.Linear(3, 3)
    with warned() as sentences, tb_layerview.LayerView(model, run) as view:
        for step in range(2):
            with view.step(step):
                model.forward(torch.randn(2, 3))
    (sentence,) = sentences
    assert sentence.startswith("No outputs: the model was not called in this step")
    assert tb_layerview.open(run).problems == sentences


def test_a_layer_that_is_replaced_while_the_model_trains_is_recorded_from_then_on(
    run: Path,
) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 2))
    inputs = torch.randn(2, 3)
    with tb_layerview.LayerView(model, run) as view:
        with view.step(0):
            model(inputs)
        replacement = nn.Linear(3, 5)
        model[1] = replacement
        with view.step(1):
            expected = model(inputs)
    log = tb_layerview.open(run)
    assert_same(log, "1/output", expected, step=1)
    assert_same(log, "1/param.weight", replacement.weight, step=1)


def test_a_lazy_layer_is_recorded_as_soon_as_it_is_initialized(run: Path) -> None:
    model = nn.Sequential(nn.LazyLinear(2))
    with warned() as sentences, tb_layerview.LayerView(model, run) as view:
        for step in range(2):
            with view.step(step):
                model(torch.randn(4, 3))
    assert len(sentences) == 1
    assert "not initialized before the first forward" in sentences[0]
    log = tb_layerview.open(run)
    assert log["0/param.weight"].steps == [1]
    assert log["0/output"].steps == [0, 1]
    assert [m.repr for m in log.schema().modules][1] == repr(model[0])
