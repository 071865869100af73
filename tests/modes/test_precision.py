"""Mixed precision and the modes of autograd: what is recorded is what the model computed."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import torch

import tb_layerview
from tests.capture.recorded import assert_same, record
from tests.modes.small import OUTPUTS, PARAMETERS, SmallNet, seen_by_hooks


def test_outputs_under_autocast_are_recorded_in_the_type_that_they_have(run: Path) -> None:
    model = SmallNet()
    images = torch.randn(4, 6)
    with torch.autocast("cpu", torch.bfloat16):
        expected = seen_by_hooks(model, images)
        log = record(model, run, images)
    assert {tensor.dtype for tensor in expected.values()} == {torch.bfloat16}
    for key in OUTPUTS:
        assert_same(log, key, expected[key])
    for key, name in PARAMETERS.items():
        assert_same(log, key, model.state_dict()[name])


def test_gradients_of_a_scaled_loss_are_recorded_scaled(run: Path) -> None:
    model = SmallNet()
    images = torch.randn(4, 6)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
    (model(images).square().mean() * 1024).backward()
    expected = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    optimizer.zero_grad()
    with tb_layerview.LayerView(model, run, kinds=["grad"]) as view, view.step(0):
        scaler.scale(model(images).square().mean()).backward()
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
    log = tb_layerview.open(run)
    assert len(expected) == len(log.keys()) == 4
    for key, name in PARAMETERS.items():
        assert_same(log, key.replace("/param", "/grad"), expected[name])


@pytest.mark.parametrize("training", [True, False], ids=["train", "eval"])
@pytest.mark.parametrize(
    "mode", [torch.no_grad, torch.inference_mode, torch.enable_grad], ids=lambda mode: mode.__name__
)
def test_forwards_in_every_mode_of_autograd_are_recorded(
    run: Path, mode: type[AbstractContextManager[None]], training: bool
) -> None:
    model = torch.nn.Sequential(SmallNet(), torch.nn.Dropout(0.5), torch.nn.BatchNorm1d(3))
    model.train(training)
    images = torch.randn(4, 6)
    before = {name: buffer.clone() for name, buffer in model[2].named_buffers()}
    random = torch.get_rng_state()
    with mode():
        expected = seen_by_hooks(model, images)
        model[2].load_state_dict(before, strict=False)
        torch.set_rng_state(random)
        log = record(model, run, images)
    assert set(expected) < set(log.keys())
    for key, output in expected.items():
        assert_same(log, key, output)
    for name, buffer in before.items():
        assert_same(log, f"2/buffer.{name}", buffer)


def test_a_model_made_in_inference_mode_is_recorded(run: Path) -> None:
    with torch.inference_mode():
        model = SmallNet()
        log = record(model, run, torch.randn(4, 6))
    for key, name in PARAMETERS.items():
        assert_same(log, key, model.state_dict()[name])
