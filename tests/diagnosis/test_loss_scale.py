"""What the rules say of gradients of a scaled loss, as mixed precision in float16 has them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview import Finding, LayerView

STEPS = 8


def train(run: Path, *, scale: float, spoil: int = STEPS) -> tuple[list[Finding], list[float]]:
    """Autocast in float16; the findings, and the scale after each step.

    From step ``spoil`` on, the loss is divided by zero in its backward.
    """
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    scaler = torch.amp.GradScaler("cpu", init_scale=scale)
    inputs = torch.randn(32, 6)
    targets = inputs[:, :2].sin()
    scales = []
    with LayerView(model, run, kinds=("param", "grad", "output")) as view:
        for step in range(STEPS):
            with view.step(step, inputs=inputs):
                with torch.autocast("cpu", dtype=torch.float16):
                    loss = (model(inputs) - targets).square().mean()
                if step >= spoil:
                    loss = loss + (loss * 0).sqrt()
                scaler.scale(loss).backward()
                scaler.step(optimizer)
                scaler.update()
                optimizer.zero_grad()
            scales.append(scaler.get_scale())
    return tb_layerview.open(run).findings(), scales


@pytest.mark.parametrize("scale", [2.0**16, 2.0**24])
def test_a_scaler_that_finds_its_scale_is_no_error_and_no_warning(
    scale: float, tmp_path: Path
) -> None:
    found, scales = train(tmp_path, scale=scale)
    assert [each for each in found if each.severity != "info"] == []
    lowered = [step for step, new in enumerate(scales) if new < (scale, *scales)[step]]
    told = [(each.first_step, each.last_step) for each in found if each.rule == "non_finite"]
    assert told == ([(lowered[0], lowered[-1])] if lowered else [])


def test_a_scaler_that_never_recovers_is_an_error(tmp_path: Path) -> None:
    found, scales = train(tmp_path, scale=2.0**10, spoil=5)
    assert scales[-1] < scales[4]
    assert (found[0].severity, found[0].rule, found[0].first_step) == ("error", "non_finite", 5)


def test_gradients_that_shrink_have_not_grown(tmp_path: Path) -> None:
    torch.manual_seed(0)
    weight = nn.Linear(4, 4)
    factors = (1e6, 1e6, 1.0, 1.0, 1.0, 1.0, 1.0, 1e6)
    for last in (7, 8):
        with LayerView(weight, tmp_path / str(last), kinds=("grad",)) as view:
            for step, factor in enumerate(factors[:last]):
                with view.step(step):
                    (weight(torch.ones(2, 4)) * factor).sum().backward()
                    weight.zero_grad()
        found = tb_layerview.open(tmp_path / str(last)).findings()
        grown = [each.last_step for each in found if each.rule == "growing_gradient"]
        assert grown == ([7] * 2 if last == 8 else [])


def test_a_scaler_that_leaves_out_most_steps_is_a_warning(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**8)
    left_out = 0
    with LayerView(model, tmp_path, kinds=("param", "grad", "output")) as view:
        for step in range(24):
            with view.step(step):
                with torch.autocast("cpu", dtype=torch.float16):
                    loss = model(torch.randn(8, 4)).float().square().mean()
                # Of four batches three have a gradient that float16 does not hold.
                scaler.scale(loss * (1 if step % 4 == 3 else 1e12)).backward()
                scaler.step(optimizer)
                lowered = scaler.get_scale()
                scaler.update()
                left_out += scaler.get_scale() < lowered
                optimizer.zero_grad()
    (found,) = [f for f in tb_layerview.open(tmp_path).findings() if f.rule == "non_finite"]
    assert left_out > 16
    assert f"left {left_out} of 24 recorded steps out" in found.message
    assert found.severity == "warning"
