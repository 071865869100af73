"""Views that meet: on one model, on one directory, one after the other, one in another's step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

import tb_layerview
from tb_layerview import ArgumentError, ClosedError, LayerView
from tests.harmless.training import seed


class Perceptron(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2))


def test_two_views_of_one_model_both_record_it(tmp_path: Path) -> None:
    model = Perceptron()
    inputs = torch.randn(4, 3)
    with (
        LayerView(model, tmp_path / "one") as one,
        LayerView(model, tmp_path / "other", layers="2", kinds="output") as other,
    ):
        expected = model(inputs)
        for step in range(3):
            with one.step(step), other.step(step):
                model(inputs)
        assert not any(module._forward_hooks for module in model.modules())  # noqa: SLF001
    for name in ("one", "other"):
        log = tb_layerview.open(tmp_path / name)
        assert log.steps == [0, 1, 2]
        stored = torch.from_numpy(log["2/output"].at(2)[...].copy())
        assert torch.equal(stored, expected.detach())


@pytest.mark.parametrize("as_writer", [False, True], ids=["directory", "SummaryWriter"])
def test_a_second_view_of_a_directory_is_refused_while_the_first_is_open(
    run: Path, *, as_writer: bool
) -> None:
    model = Perceptron()
    with LayerView(model, run) as first, SummaryWriter(run) as writer:
        files = set(run.rglob("*"))
        with pytest.raises(ArgumentError, match="that of Perceptron does: close it first") as error:
            LayerView(nn.Linear(3, 3), writer if as_writer else run / ".." / run.name)
        assert error.value.argument == "writer"
        assert set(run.rglob("*")) == files
        with first.step(0):
            model(torch.randn(4, 3))
    with LayerView(model, run) as second, second.step(1):
        model(torch.randn(4, 3))
    log = tb_layerview.open(run)
    assert log.steps == [0, 1]
    assert log.problems == []


def test_a_snapshot_into_the_directory_of_an_open_view_is_refused(run: Path) -> None:
    """It would look like a restart of the training, which hides what was recorded later."""
    model = Perceptron()
    with (
        LayerView(model, run),
        pytest.raises(ArgumentError, match="that of Perceptron does"),
    ):
        tb_layerview.snapshot(model, run, 0, inputs=torch.randn(4, 3))
    tb_layerview.snapshot(model, run, 0, inputs=torch.randn(4, 3))
    assert tb_layerview.open(run).steps == [0]


def test_a_view_that_could_not_be_made_does_not_keep_its_directory(run: Path) -> None:
    run.parent.mkdir(exist_ok=True)
    run.write_text("in the way")
    with pytest.raises(ArgumentError, match="a directory that can be written"):
        LayerView(Perceptron(), run)
    run.unlink()
    with pytest.raises(ArgumentError, match="kinds"):
        LayerView(Perceptron(), run, kinds="weights")
    LayerView(Perceptron(), run).close()


def test_a_view_that_is_forgotten_gives_its_directory_back(run: Path) -> None:
    view = LayerView(Perceptron(), run)
    with view.step(0):
        pass
    del view
    LayerView(Perceptron(), run).close()


@pytest.mark.parametrize("kinds", ["weight", ("param", "grads"), ("PARAM",), (1,)], ids=str)
def test_an_unknown_kind_is_an_error_that_lists_all_kinds(run: Path, kinds: object) -> None:
    with pytest.raises(ArgumentError, match="param, buffer") as error:
        LayerView(Perceptron(), run, kinds=cast("tuple[str, ...]", kinds))
    assert error.value.received == kinds
    assert not run.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        {"queue_bytes": -1}, {"samples": -2}, {"samples": slice(0, 4, -1)}, {"every": -10},
        {"when_full": "block"}, {"when_full": None}, {"queue_bytes": float("nan")},
    ],
    ids=str,
)  # fmt: skip
def test_a_size_or_choice_that_does_not_exist_is_an_error_that_names_it(
    run: Path, arguments: dict[str, object]
) -> None:
    (name,) = arguments
    make = cast("Callable[..., LayerView]", LayerView)
    with pytest.raises(ArgumentError, match=f"{name}: expected ") as error:
        make(Perceptron(), run, **arguments)
    assert error.value.argument == name
    assert not run.exists()


def test_after_close_nothing_is_recorded_and_each_use_is_told_so(run: Path) -> None:
    model = Perceptron()
    view = LayerView(model, run)
    with view.step(0) as recording:
        model(torch.randn(4, 3))
    view.close()
    with pytest.raises(ClosedError, match="create a new one"):
        view.step(1)
    with pytest.raises(ArgumentError, match="each step entered once"), recording:
        pass
    view.flush()
    view.close()
    assert "1 recorded" in view.report()
    assert tb_layerview.open(run).steps == [0]


def test_a_step_that_was_begun_before_close_does_not_end_the_training(run: Path) -> None:
    model = Perceptron()
    view = LayerView(model, run)
    recording = view.step(0)
    view.close()
    with pytest.warns(tb_layerview.LayerViewWarning, match="the LayerView was closed"), recording:
        model(torch.randn(4, 3))
    assert tb_layerview.open(run).steps == []


def test_views_that_record_by_turns_do_not_disturb_each_others_steps(tmp_path: Path) -> None:
    seed(0)
    models = [Perceptron(), Perceptron()]
    views = [LayerView(model, tmp_path / str(i)) for i, model in enumerate(models)]
    inputs = torch.randn(4, 3)
    for step in range(3):
        with views[0].step(step):
            hidden = models[0](inputs)
            with views[1].step(step):
                models[1](inputs * 2)
            models[0](hidden.new_ones(4, 3))
    for view in views:
        view.close()
    first, second = (tb_layerview.open(tmp_path / str(i)) for i in range(2))
    assert "/output#1" in first.keys()  # noqa: SIM118 - a method of the log
    assert "/output#1" not in second.keys()  # noqa: SIM118
