from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

import tb_layerview
from demo.model import CNN
from tests.capture.recorded import assert_same, keys


class Regularized(nn.Module):
    """What runs differently while it trains: dropout, batch norm, and random numbers of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 4)
        self.norm = nn.BatchNorm1d(4)
        self.dropout = nn.Dropout(0.5)

    def forward(self, values: torch.Tensor, *, scale: float = 1.0) -> torch.Tensor:
        noise = torch.rand(4)
        result: torch.Tensor = self.dropout(self.norm(self.linear(values))) * scale + 0 * noise
        return result


def test_a_snapshot_records_one_forward_and_returns_what_it_did(run: Path) -> None:
    model = CNN()
    images = torch.randn(6, 1, 28, 28)
    answer = tb_layerview.snapshot(model, run, 7, inputs=images, targets=torch.arange(6))
    log = tb_layerview.open(run)
    assert log.steps == [7]
    expected = model(images)
    assert isinstance(answer, torch.Tensor)
    assert torch.equal(answer, expected)
    assert not answer.requires_grad
    assert_same(log, "/output", expected[:4], step=7)
    assert_same(log, "/sample.inputs", images[:4], step=7)
    assert_same(log, "/sample.targets", torch.arange(4), step=7)
    assert {f"{path}/output" for path, _ in model.named_modules()} <= keys(log)
    assert not any(module._forward_hooks for module in model.modules())  # noqa: SLF001


def test_a_snapshot_leaves_the_model_and_the_random_generator_as_they_were(run: Path) -> None:
    model = Regularized()
    model.norm.eval()
    modes = [module.training for module in model.modules()]
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    generator = torch.get_rng_state()
    tb_layerview.snapshot(model, run, 0, inputs=torch.randn(5, 3, generator=torch.Generator()))
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(state[name], tensor) for name, tensor in model.state_dict().items())
    assert torch.equal(generator, torch.get_rng_state())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_snapshot_runs_in_evaluation_mode(run: Path) -> None:
    model = Regularized()
    inputs = torch.randn(5, 3)
    tb_layerview.snapshot(model, run, 0, inputs=inputs)
    model.eval()
    assert_same(tb_layerview.open(run), "/output", model(inputs)[:4])


def test_a_tuple_of_inputs_are_positional_arguments_and_a_mapping_keyword_arguments(
    run: Path,
) -> None:
    model = Regularized().eval()
    values = torch.randn(5, 3)
    tb_layerview.snapshot(model, run, 0, inputs=(values,))
    tb_layerview.snapshot(model, run, 1, inputs={"values": values, "scale": 2.0})
    log = tb_layerview.open(run)
    assert log.steps == [0, 1]
    assert_same(log, "/sample.inputs.0", values[:4], step=0)
    assert_same(log, "/sample.inputs.values", values[:4], step=1)
    assert_same(log, "/output", model(values, scale=2.0)[:4], step=1)


def test_a_snapshot_within_a_training_goes_into_the_run_of_its_writer(run: Path) -> None:
    writer = SummaryWriter(str(run))
    model = nn.Sequential(nn.Linear(3, 2))
    for step in (10, 20):
        tb_layerview.snapshot(model, writer, step, inputs=torch.randn(4, 3), layers="0")
    writer.close()
    log = tb_layerview.open(run)
    assert log.steps == [10, 20]
    assert keys(log) == {"0/param.weight", "0/param.bias", "0/output", "/sample.inputs"}


def test_a_snapshot_keeps_of_large_tensors_what_its_bounds_allow(run: Path) -> None:
    large = nn.Linear(512, 256)
    model = nn.Sequential(large, nn.Linear(256, 16))
    inputs = torch.randn(4, 512)
    tb_layerview.snapshot(model, run, 0, inputs=inputs, max_elements=100_000)
    log = tb_layerview.open(run)
    weight = log["0/param.weight"]
    assert (weight.spec.stored, log["1/param.weight"].spec.stored) == ("pyramid", "exact")
    blocks = large.weight.detach().numpy().reshape(32, 8, 64, 8)
    assert (weight.at(0).level(1, "max")[...] == blocks.max(axis=(1, 3))).all()
    tb_layerview.snapshot(model, run, 1, inputs=inputs, max_megabytes_per_step=0.2)
    log = tb_layerview.open(run)
    assert log["0/param.weight"].at(1).levels() == [1]
    assert log["1/param.weight"].at(1).levels() == [0]


def test_a_forward_that_raises_raises_and_leaves_the_model_as_it_was(run: Path) -> None:
    model = Regularized()
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        tb_layerview.snapshot(model, run, 0, inputs=torch.randn(5, 7))
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks for module in model.modules())  # noqa: SLF001
    assert_same(tb_layerview.open(run), "linear/param.weight", model.linear.weight)
