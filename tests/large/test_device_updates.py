"""Updates that are measured where the parameters are; here the processor passes for a device."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview.capture import device_updates, reduction, updates
from tb_layerview.log.reader import LogReader
from tests.capture.recorded import rms, updates_of_adam
from tests.large.expected import statistic


@pytest.fixture(autouse=True)
def _on_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reduction, "REDUCING_DEVICES", {"cpu"})
    monkeypatch.setattr(device_updates, "BLOCK", 256)

    def fail(*_: object) -> float:
        raise AssertionError("measured by the training thread")

    monkeypatch.setattr(updates, "_change", fail)


def record_change(
    values: torch.Tensor, run: Path, change: Callable[[torch.Tensor], object]
) -> LogReader:
    model = nn.ParameterList([values])
    view = tb_layerview.LayerView(model, run, kinds=("param",), max_elements=100_000)
    with view.step(0), torch.no_grad():
        change(model[0])
    view.close()
    return tb_layerview.open(run)


def test_updates_of_a_training_are_those_of_its_optimizer(run: Path) -> None:
    model = nn.Sequential(nn.Linear(40, 30), nn.Tanh(), nn.Linear(30, 1))
    with tb_layerview.LayerView(model, run, kinds=("param", "grad", "output")) as view:
        expected = updates_of_adam(view, model, lambda: model(torch.randn(6, 40)).sum())
    log = tb_layerview.open(run)
    for (key, step), numbers in expected.items():
        found = [statistic(log, key, name, step) for name in ("update_rms", "update_ratio")]
        assert found == pytest.approx(numbers, rel=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.randn(1000),
        lambda: torch.randn(400, 300),
        lambda: torch.randn(30, 50).t(),
        lambda: torch.randn(300, 7, dtype=torch.float64),
        lambda: torch.randn(300, 7).bfloat16(),
        lambda: torch.randn(9, 9, dtype=torch.complex64),
        lambda: torch.tensor(2.0),
    ],
    ids=["line", "reduced", "transposed", "float64", "bfloat16", "complex", "scalar"],
)
def test_updates_of_any_shape_and_type_are_measured(
    run: Path, make: Callable[[], torch.Tensor]
) -> None:
    values = make()
    before = values.clone()
    log = record_change(values, run, lambda parameter: parameter.mul_(1.5))
    change = values - before
    parts = torch.view_as_real(change) if change.is_complex() else change
    assert statistic(log, "/param.0", "update_rms") == pytest.approx(rms(parts), rel=1e-6)


def test_updates_that_are_not_finite_leave_those_of_the_other_elements(run: Path) -> None:
    change = torch.full((1000,), 2.0)
    change[3], change[5] = torch.nan, torch.inf
    log = record_change(torch.zeros(1000), run, lambda parameter: parameter.add_(change))
    assert statistic(log, "/param.0", "update_rms") == pytest.approx(2)


def test_without_room_for_a_copy_the_update_is_unknown_and_that_is_said(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_updates, "DEVICE_BYTES", 4000)
    model = nn.ParameterList([torch.zeros(900), torch.zeros(500), torch.zeros(50)])

    def change() -> None:
        with tb_layerview.LayerView(model, run, kinds=("param",)) as view, view.step(0):
            for parameter in model:
                parameter.detach().add_(3)

    with pytest.warns(tb_layerview.LayerViewWarning, match="updates of some parameters"):
        change()
    log = tb_layerview.open(run)
    found = [statistic(log, f"/param.{name}", "update_rms") for name in range(3)]
    assert found == pytest.approx([3, torch.nan, 3], nan_ok=True)
    assert len(log.problems) == 1
