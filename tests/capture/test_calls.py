"""Which calls of a module are recorded, and what checkpointing repeats."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint, checkpoint_sequential

import tb_layerview
from tb_layerview.log.reader import LogReader
from tests.capture.recorded import assert_same, keys

KINDS = ("input", "output", "grad", "output_grad")


class Checkpointed(nn.Module):
    """Blocks that are computed again in backward; the same layer ends each of them, and all."""

    def __init__(self, run_block: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.first = nn.Linear(3, 3)
        self.second = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5))
        self.shared = nn.Linear(3, 3)
        self.run_block = run_block

    def block(self, layer: nn.Module, values: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.shared(self.shared(layer(values)).tanh())
        return result

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        values = self.run_block(functools.partial(self.block, self.first), values)
        values = self.run_block(functools.partial(self.block, self.second), values)
        result: torch.Tensor = self.shared(values)
        return result


def plain(block: Callable[[torch.Tensor], torch.Tensor], values: torch.Tensor) -> torch.Tensor:
    return block(values)


def train(run_block: Callable[..., torch.Tensor], run: Path) -> tuple[LogReader, Checkpointed]:
    """Record a step of such a model, whose weights and dropout are the same each time."""
    torch.manual_seed(0)
    model = Checkpointed(run_block)
    inputs = torch.randn(4, 3, requires_grad=True)
    with tb_layerview.LayerView(model, run, kinds=KINDS) as view, view.step(0):
        model(inputs).square().sum().backward()
    return tb_layerview.open(run), model


@pytest.mark.parametrize("use_reentrant", [True, False])
def test_what_checkpointing_repeats_is_recorded_as_if_it_ran_once(
    tmp_path: Path, use_reentrant: bool
) -> None:
    """Also the gradients of outputs, which reentrant checkpointing has in the second run only."""
    repeat = functools.partial(checkpoint, use_reentrant=use_reentrant)
    expected, _ = train(plain, tmp_path / "plain")
    found, model = train(repeat, tmp_path / "checkpointed")
    assert keys(found) == keys(expected)
    assert "shared/output_grad#4" in keys(found)
    for key in keys(expected):
        path, _, name = key.partition("/grad.")
        if name:  # of a shared layer, checkpointing adds up the parts in another order
            gradient = model.get_parameter(f"{path}.{name}").grad
            assert gradient is not None
            assert_same(found, key, gradient)
        else:
            assert_same(found, key, torch.from_numpy(expected[key].at(0)[...]))


def test_checkpoints_within_checkpoints_are_recorded_once(run: Path) -> None:
    model = nn.Sequential(*(nn.Sequential(nn.Linear(3, 3), nn.Tanh()) for _ in range(4)))
    inputs = torch.randn(4, 3, requires_grad=True)

    def halves(values: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = checkpoint_sequential(model, 2, values, use_reentrant=True)
        return result

    with tb_layerview.LayerView(model, run, kinds=KINDS) as view, view.step(0):
        checkpoint(halves, inputs, use_reentrant=True).sum().backward()
    log = tb_layerview.open(run)
    assert not any("#" in key for key in keys(log))
    values = inputs
    outputs = []
    for layer in model:
        values = layer(values)
        outputs.append(values)
    gradients = torch.autograd.grad(values.sum(), outputs)
    for index, (output, gradient) in enumerate(zip(outputs, gradients, strict=True)):
        assert_same(log, f"{index}/output", output)
        assert_same(log, f"{index}/output_grad", gradient)


def test_each_forward_of_a_step_that_accumulates_gradients_has_its_own_call(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Tanh())
    batches = [torch.randn(4, 3) for _ in range(2)]
    with tb_layerview.LayerView(model, run, kinds=KINDS) as view, view.step(0):
        for batch in batches:
            checkpoint(model, batch, use_reentrant=False).sum().backward()
    log = tb_layerview.open(run)
    for call, batch in zip(("", "#1"), batches, strict=True):
        assert_same(log, f"0/input.0{call}", batch)
        assert_same(log, f"1/output{call}", model(batch))
        assert f"0/output_grad{call}" in keys(log)
    assert not any("#2" in key for key in keys(log))


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_evaluation_is_recorded_without_gradients(
    run: Path, mode: Callable[[], torch.no_grad | torch.inference_mode]
) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5), nn.BatchNorm1d(3)).eval()
    inputs = torch.randn(4, 3)
    with tb_layerview.LayerView(model, run, kinds=("input", "output")) as view:
        with view.step(0), mode():
            expected = model(inputs)
        assert not model.training
    log = tb_layerview.open(run)
    assert_same(log, "2/output", expected)
    assert_same(log, "2/input.0", model[0](inputs))
