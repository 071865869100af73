"""A log that grows: findings are those of a log that is read for the first time."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview import Finding, LayerView

STEPS = 40


class Masked(nn.Module):
    """A layer that returns -Inf in some places, in every step, and NaN where it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.poison = 0.0

    def forward(self, x: Tensor) -> Tensor:
        """Masked scores."""
        return (x + self.poison).masked_fill(torch.eye(4, dtype=torch.bool), float("-inf"))


class Model(nn.Module):
    """Scores, a mask, a softmax and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.scores = nn.Linear(4, 4)
        self.mask = Masked()
        self.softmax = nn.Softmax(-1)
        self.last = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Something finite, while nothing is poisoned."""
        out: Tensor = self.last(self.softmax(self.mask(self.scores(x))))
        return out


def fresh(run: Path) -> list[Finding]:
    return tb_layerview.open(run).findings()


def test_findings_of_a_log_that_grows_are_those_of_a_new_reader(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Model()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    log = None
    with LayerView(model, tmp_path, kinds=("param", "grad", "output")) as view:
        for step in range(STEPS):
            # What happens for a while, for too short a while, and until the end.
            optimizer.param_groups[0]["lr"] = 50.0 if 12 <= step < 17 or step == 25 else 0.1
            if step == 30:
                model.scores.requires_grad_(False)
            inputs = torch.randn(4, 4) * (1e6 if step == 20 else 1)
            with view.step(step, inputs=inputs):
                optimizer.zero_grad()
                model(inputs).square().mean().backward()
                optimizer.step()
            if step % 3 == 2:
                view.flush()
                log = log or tb_layerview.open(tmp_path)
                log.refresh()
                assert log.findings() == fresh(tmp_path)
    rules = {finding.rule: finding for finding in fresh(tmp_path)}
    assert {"no_gradient", "outlying_inputs", "update_too_large"} <= rules.keys()
    assert rules["no_gradient"].first_step == 30
    assert rules["outlying_inputs"].first_step == 20


def test_findings_of_a_log_that_began_again_are_those_of_what_is_seen(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 3))
    log = None
    for start in (0, 5):
        with LayerView(model, tmp_path, kinds=("param", "output")) as view:
            for step in range(start, 15):
                inputs = torch.full((2, 3), float("nan") if (start, step) == (0, 9) else 1.0)
                with view.step(step, inputs=inputs):
                    model(inputs)
        log = log or tb_layerview.open(tmp_path)
        log.refresh()
        assert log.findings() == fresh(tmp_path)
        assert any(finding.rule == "non_finite" for finding in log.findings()) is (start == 0)


@pytest.mark.parametrize("poisoned", [None, 5])
def test_a_mask_is_no_fault_and_not_the_origin_of_one(poisoned: int | None, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = Model()
    with LayerView(model, tmp_path, kinds=("param", "output")) as view:
        for step in range(8):
            if step == poisoned:
                with torch.no_grad():
                    model.last.weight[0] = 3e38
                    model.last.bias.fill_(3e38)
            with view.step(step):
                model(torch.randn(4, 4))
    log = tb_layerview.open(tmp_path)
    errors = [finding for finding in log.findings() if finding.severity == "error"]
    assert log.origin(0) is None
    if poisoned is None:
        assert errors == []
    else:
        (error,) = errors
        assert (error.key, error.first_step) == ("last/output", poisoned)
