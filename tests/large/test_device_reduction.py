"""Large tensors that are reduced where they are; here the processor passes for an accelerator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview.capture import reduction
from tb_layerview.capture.staging import Lease
from tests.large.expected import assert_levels, assert_statistics, statistic

LIMIT = 10_000


@pytest.fixture(autouse=True)
def placed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of all copies that cross to the host; reductions happen on the processor."""
    monkeypatch.setattr(reduction, "REDUCING_DEVICES", {"cpu"})
    sizes: list[int] = []
    real = Lease.place

    def place(lease: Lease, tensor: torch.Tensor) -> object:
        sizes.append(tensor.nbytes)
        return real(lease, tensor)

    monkeypatch.setattr(Lease, "place", place)
    return sizes


def stored(run: Path) -> dict[str, str]:
    return {spec.key: spec.stored for spec in tb_layerview.open(run).schema().tensors}


def test_only_the_result_of_a_large_tensor_crosses(run: Path, placed: list[int]) -> None:
    model = nn.Linear(1100, 700)
    with torch.no_grad():
        model.weight[3, 4] = torch.nan
        model.weight[5, 600] = -torch.inf
        model.weight[699, 1099] = 1e30
    with (
        tb_layerview.LayerView(model, run, kinds=("param",), max_elements=LIMIT) as view,
        view.step(0),
    ):
        pass
    assert max(placed) < model.weight.nbytes // 50
    log = tb_layerview.open(run)
    weight = model.weight.detach().numpy()
    assert stored(run) == {"/param.weight": "pyramid", "/param.bias": "exact"}
    assert_levels(log, "/param.weight", weight, levels=1)
    assert_statistics(log, "/param.weight", weight)
    assert log.problems == []


def test_it_is_what_the_worker_would_have_made(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 1)).to(torch.bfloat16)
    images = torch.randn(6, 3, 50, 60, dtype=torch.bfloat16)
    runs = {"cpu": run, "cuda": tmp_path / "by the worker"}
    for device, directory in runs.items():
        monkeypatch.setattr(reduction, "REDUCING_DEVICES", {device})
        with (
            tb_layerview.LayerView(model, directory, max_elements=1000, samples=2) as view,
            view.step(0),
        ):
            model(images)
    ours, theirs = (tb_layerview.open(directory) for directory in runs.values())
    assert stored(run) == stored(runs["cuda"])
    assert ours.keys() == theirs.keys()
    for name in ("count", "nan", "zero", "min", "max", "mean", "std", "rms"):
        np.testing.assert_allclose(ours.stats(name), theirs.stats(name), rtol=1e-9, atol=1e-12)
    for key in stored(run):
        np.testing.assert_array_equal(ours[key].histogram(), theirs[key].histogram())
        one, other = ours[key].at(0), theirs[key].at(0)
        assert one.levels() == other.levels()
        for level in filter(None, one.levels()):
            for plane in ("min", "max", "flags"):
                np.testing.assert_array_equal(
                    one.level(level, plane)[...], other.level(level, plane)[...]
                )


def test_the_kept_samples_are_reduced_and_the_whole_batch_is_measured(run: Path) -> None:
    model = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1))
    images = torch.randn(12, 1, 40, 40)
    images[11, 0, 20, 20] = torch.nan
    with (
        tb_layerview.LayerView(
            model, run, kinds=("output",), samples=slice(2, 5), max_elements=LIMIT
        ) as view,
        view.step(0),
    ):
        expected = model(images).detach().numpy()
    log = tb_layerview.open(run)
    for key in ("/output", "0/output"):
        assert_levels(log, key, expected[2:5], levels=1)
        assert_statistics(log, key, expected)
    assert statistic(log, "/output", "nan") == 6 * 9


def test_a_parameter_that_is_returned_as_an_output_is_reduced_for_each(run: Path) -> None:
    class Table(nn.Embedding):
        def forward(self, positions: torch.Tensor) -> torch.Tensor:
            assert len(positions) == len(self.weight)
            return self.weight

    model = Table(300, 200)
    with tb_layerview.LayerView(model, run, samples=100, max_elements=LIMIT) as view, view.step(0):
        model(torch.arange(300))
    log = tb_layerview.open(run)
    weight = model.weight.detach().numpy()
    assert_levels(log, "/param.weight", weight, levels=1)
    assert_levels(log, "/output", weight[:100], levels=1)


def test_gradients_that_add_up_are_those_of_the_whole_step(run: Path, placed: list[int]) -> None:
    model = nn.Linear(400, 300)
    with (
        tb_layerview.LayerView(model, run, kinds=("grad",), max_elements=LIMIT) as view,
        view.step(0),
    ):
        for _ in range(3):
            model(torch.randn(5, 400)).square().sum().backward()
    assert model.weight.grad is not None
    log = tb_layerview.open(run)
    gradient = model.weight.grad.numpy()
    assert_levels(log, "/grad.weight", gradient, levels=1)
    assert_statistics(log, "/grad.weight", gradient)
    assert max(placed) < gradient.nbytes // 5


def test_what_cannot_be_reduced_there_is_copied_whole_and_reduced_by_the_worker(run: Path) -> None:
    model = nn.Module()
    buffers = {
        "line": torch.randn(20_000),
        "of_doubles": torch.randn(200, 300, dtype=torch.float64),
        "of_integers": torch.arange(60_000).view(200, 300),
        "kernels": torch.randn(200, 300, 1, 1),
    }
    for name, buffer in buffers.items():
        model.register_buffer(name, buffer)
    with tb_layerview.LayerView(model, run, max_elements=LIMIT) as view, view.step(0):
        pass
    log = tb_layerview.open(run)
    assert stored(run) == {
        "/buffer.line": "pyramid",
        "/buffer.of_doubles": "pyramid",
        "/buffer.of_integers": "pyramid",
        "/buffer.kernels": "statistics",
    }
    for name, buffer in buffers.items():
        assert_statistics(log, f"/buffer.{name}", buffer.numpy())


def test_autocast_inference_and_tied_weights_change_nothing_of_what_is_measured(run: Path) -> None:
    first, second = nn.Linear(120, 130), nn.Linear(120, 130)
    second.weight = first.weight
    model = nn.Sequential(first, second)
    with (
        tb_layerview.LayerView(model, run, kinds=("param",), max_elements=LIMIT) as view,
        torch.autocast("cpu", torch.bfloat16),
        torch.inference_mode(),
        view.step(0),
    ):
        pass
    log = tb_layerview.open(run)
    weight = first.weight.detach().numpy()
    for key in ("0/param.weight", "1/param.weight"):
        assert_levels(log, key, weight, levels=1)
        assert_statistics(log, key, weight)


def test_a_training_is_the_same_to_the_bit(run: Path) -> None:
    def losses(view: tb_layerview.LayerView | None, model: nn.Module) -> list[float]:
        torch.manual_seed(3)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        found = []
        for step in range(4):
            values = torch.randn(8, 150)
            if view is None:
                loss = model(values).square().mean()
                loss.backward()
            else:
                with view.step(step):
                    loss = model(values).square().mean()
                    loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            found.append(loss.item())
        return [*found, torch.rand(()).item()]

    models = []
    for _ in range(2):
        torch.manual_seed(0)
        models.append(nn.Sequential(nn.Linear(150, 140), nn.Dropout(), nn.Linear(140, 5)))
    kinds = ("param", "grad", "output", "output_grad")
    with tb_layerview.LayerView(models[0], run, kinds=kinds, max_elements=200) as view:
        recorded = losses(view, models[0])
    assert recorded == losses(None, models[1])
    assert all(map(torch.equal, models[0].parameters(), models[1].parameters()))
