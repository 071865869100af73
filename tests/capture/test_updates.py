"""By how much a step changed each parameter, beside plain differences of clones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import tb_layerview
from demo.model import CNN
from tb_layerview.capture.updates import BLOCK
from tb_layerview.log.reader import LogReader
from tests.capture.recorded import rms, updates_of_adam, warned


def statistic(log: LogReader, name: str, key: str, step: int = 0) -> float:
    return float(log.stats(name)[log.keys().index(key), log.steps.index(step)])


def record_change(
    model: nn.Module, run: Path, change: Callable[[], object], kinds: tuple[str, ...] = ("param",)
) -> LogReader:
    with tb_layerview.LayerView(model, run, kinds=kinds) as view, view.step(0):
        change()
    return tb_layerview.open(run)


def test_updates_of_a_training_are_those_of_its_optimizer(run: Path) -> None:
    model = CNN()
    with tb_layerview.LayerView(model, run, kinds=("param", "grad", "output")) as view:
        expected = updates_of_adam(
            view, model, lambda: -model(torch.randn(6, 1, 28, 28)).log()[:, 3].mean()
        )
    log = tb_layerview.open(run)
    for (key, step), (update, ratio) in expected.items():
        assert statistic(log, "update_rms", key, step) == pytest.approx(update, rel=1e-5)
        assert statistic(log, "update_ratio", key, step) == pytest.approx(ratio, rel=1e-5)
    others = [row for row, key in enumerate(log.keys()) if "/param." not in key]
    assert others
    for name in ("update_rms", "update_ratio"):
        assert np.isnan(log.stats(name)[others]).all()


def test_a_parameter_that_did_not_change_has_an_update_of_0(run: Path) -> None:
    model = nn.Linear(3, 2)
    log = record_change(model, run, lambda: model.bias.data.add_(1))
    assert statistic(log, "update_rms", "/param.weight") == 0
    assert statistic(log, "update_ratio", "/param.weight") == 0
    assert statistic(log, "update_rms", "/param.bias") == pytest.approx(1)


def test_a_weight_of_zeros_has_an_update_without_a_ratio(run: Path) -> None:
    model = nn.Linear(3, 2)
    nn.init.zeros_(model.weight)
    log = record_change(model, run, lambda: nn.init.constant_(model.weight, 0.5))
    assert statistic(log, "update_rms", "/param.weight") == pytest.approx(0.5)
    assert np.isnan(statistic(log, "update_ratio", "/param.weight"))


@pytest.mark.parametrize(
    "dtype", [torch.float64, torch.bfloat16, torch.float16, torch.complex64], ids=str
)
def test_updates_of_every_element_type_are_measured(run: Path, dtype: torch.dtype) -> None:
    model = nn.ParameterList([torch.randn(300, 7).to(dtype)])
    before = model[0].detach().clone()
    with warned():
        log = record_change(model, run, lambda: model[0].detach().mul_(1.5))
    difference = model[0].detach().to(torch.complex128) - before.to(torch.complex128)
    parts = torch.view_as_real(difference)
    count = parts.numel() if dtype.is_complex else before.numel()
    expected = float((parts.square().sum() / count).sqrt())
    assert statistic(log, "update_rms", "/param.0") == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.randn(3 * BLOCK + 17),
        lambda: torch.randn(2, BLOCK + 5).t(),
        lambda: torch.randn(8, 4, 90, 90).to(memory_format=torch.channels_last),
        lambda: torch.tensor(2.0),
        lambda: torch.empty(0, 3),
    ],
    ids=["several blocks", "transposed", "channels last", "scalar", "empty"],
)
def test_updates_are_measured_in_blocks_of_any_layout(
    run: Path, make: Callable[[], torch.Tensor]
) -> None:
    model = nn.ParameterList([make()])
    before = model[0].detach().clone()
    change = torch.randn_like(before) * 1e-3
    with warned():
        log = record_change(model, run, lambda: model[0].detach().add_(change))
    found = statistic(log, "update_rms", "/param.0")
    if before.numel():
        assert found == pytest.approx(rms(model[0].detach() - before), rel=1e-5)
    else:
        assert np.isnan(found) or found == 0


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_updates_too_small_or_large_to_be_squared_are_measured_all_the_same(
    run: Path, size: float
) -> None:
    model = nn.ParameterList([torch.zeros(1000)])
    with warned():
        log = record_change(model, run, lambda: model[0].detach().add_(size))
    assert statistic(log, "update_rms", "/param.0") == pytest.approx(size, rel=1e-6)


def test_updates_that_are_not_finite_leave_those_of_the_other_elements(run: Path) -> None:
    model = nn.ParameterList([torch.zeros(1000)])
    change = torch.full((1000,), 2.0)
    change[3], change[5] = torch.nan, torch.inf
    with warned():
        log = record_change(model, run, lambda: model[0].detach().add_(change))
    assert statistic(log, "update_rms", "/param.0") == pytest.approx(2)


def test_a_tied_weight_has_its_update_in_each_place_and_an_output_that_it_is_has_none(
    run: Path,
) -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(3, 3)
            self.second = nn.Linear(3, 3)
            self.second.weight = self.first.weight
            self.same = nn.Identity()

        def forward(self) -> torch.Tensor:
            result: torch.Tensor = self.same(self.first.weight)
            return result

    model = Model()

    def change() -> None:
        model()
        model.first.weight.detach().add_(1)

    with warned():
        log = record_change(model, run, change, ("param", "output"))
    for key in ("first/param.weight", "second/param.weight"):
        assert statistic(log, "update_rms", key) == pytest.approx(1)
    assert np.isnan(statistic(log, "update_rms", "same/output"))
