"""Parameters without a gradient in a step, and gradients that no backward of it accumulated."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import tb_layerview
from tests.capture.recorded import assert_same, keys, warned


class Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.used = nn.Linear(3, 2)
        self.idle = nn.Linear(3, 2)
        self.frozen = nn.Linear(2, 2).requires_grad_(requires_grad=False)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.frozen(self.used(values))
        return result


@pytest.mark.parametrize("set_to_none", [True, False])
def test_parameters_without_a_gradient_in_this_step_are_absent_and_never_stale(
    run: Path, set_to_none: bool
) -> None:
    model = Branches()
    inputs = torch.randn(4, 3)
    model.idle(inputs).sum().backward()
    with warned() as sentences, tb_layerview.LayerView(model, run, kinds="grad") as view:
        for step in range(2):
            with view.step(step):
                model(inputs).square().sum().backward()
                model.zero_grad(set_to_none=set_to_none)
    assert sentences == []
    assert keys(tb_layerview.open(run)) == {"used/grad.weight", "used/grad.bias"}


def test_a_gradient_that_is_set_by_hand_is_taken_when_the_step_ends(run: Path) -> None:
    model = nn.Linear(3, 2)
    model.bias.grad = torch.ones(2)
    gradient = torch.randn(2, 3)
    with tb_layerview.LayerView(model, run, kinds="grad") as view, view.step(0):
        model.weight.grad = gradient
        model.bias.grad.copy_(torch.full((2,), 3.0))
    log = tb_layerview.open(run)
    assert_same(log, "/grad.weight", gradient)
    assert_same(log, "/grad.bias", torch.full((2,), 3.0))


def test_a_backward_that_raised_hides_nothing_of_the_next_one(run: Path) -> None:
    """As where a batch for which there was no memory is halved."""
    model = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))

    def fail(_: torch.Tensor) -> None:
        raise MemoryError

    with tb_layerview.LayerView(model, run, kinds="grad") as view, view.step(0):
        hidden = model[0](torch.randn(4, 3))
        hidden.register_hook(fail)
        with pytest.raises(MemoryError):
            model[1](hidden).sum().backward()
        model.zero_grad()
        model(torch.randn(2, 3)).square().sum().backward()
        expected = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
        model.zero_grad()
    log = tb_layerview.open(run)
    assert len(expected) == len(keys(log)) == 4
    for name, gradient in expected.items():
        assert_same(log, name.replace(".", "/grad."), gradient)


@pytest.mark.parametrize(
    ("zeroed", "parts", "is_told"),
    [
        ("never", 1, True),
        ("before", 1, False),
        ("behind", 1, False),
        ("to zeros", 1, False),
        ("to zeros, outside", 1, False),
        ("behind", 3, False),
    ],
)
def test_gradients_that_nobody_zeroes_are_told_from_those_that_are_accumulated(
    run: Path, zeroed: str, parts: int, is_told: bool
) -> None:
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    with warned() as sentences, tb_layerview.LayerView(model, run, kinds=("grad",)) as view:
        for step in range(7):
            if zeroed == "to zeros, outside":
                optimizer.zero_grad(set_to_none=False)
            # A step for each part of a batch: what is accumulated is there when it begins.
            with view.step(step):
                if zeroed in ("before", "to zeros"):
                    optimizer.zero_grad(set_to_none=zeroed == "before")
                model(torch.randn(4, 3)).square().sum().backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                if step % parts == parts - 1:
                    optimizer.step()
                    if zeroed == "behind":
                        optimizer.zero_grad()
    assert [sentence.rpartition(": ")[2] for sentence in sentences] == (
        ["zero_grad() is missing"] if is_told else []
    )
    assert tb_layerview.open(run).problems == sentences
