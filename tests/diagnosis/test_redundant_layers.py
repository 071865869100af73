"""Linear layers with nothing between them, and those that are two on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview import LayerView

FORGOTTEN: Final = {
    "1": nn.Sequential(nn.Linear(6, 16), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2)),
    "3": nn.Sequential(nn.Linear(6, 16), nn.Identity(), nn.Flatten(), nn.Linear(16, 2)),
    "2": nn.Sequential(nn.Unflatten(1, (1, 2, 3)), nn.Conv2d(1, 9, 1), nn.Conv2d(9, 4, (2, 3))),
}
INTENDED: Final = {
    "an activation": nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2)),
    "low rank": nn.Sequential(nn.Linear(6, 3), nn.Linear(3, 8)),
    "depthwise": nn.Sequential(
        nn.Unflatten(1, (2, 1, 3)), nn.Conv2d(2, 2, 1, groups=2), nn.Conv2d(2, 2, 1)
    ),
    "branches": nn.ModuleList([nn.Linear(6, 8), nn.Linear(6, 8)]),
}


def redundant(model: nn.Module, run: Path) -> list[tuple[str, int]]:
    """The layers that are found so, and from which step on, in a log of two steps."""
    torch.manual_seed(0)
    with LayerView(model, run, kinds=("param", "input", "output")) as view:
        for step in (3, 5):
            inputs = torch.randn(4, 6)
            with view.step(step, inputs=inputs):
                for layer in model if isinstance(model, nn.ModuleList) else [model]:
                    layer(inputs)
    found = tb_layerview.open(run).findings()
    return [(f.key, f.first_step) for f in found if f.rule == "nothing_between"]


@pytest.mark.parametrize("layer", FORGOTTEN)
def test_a_forgotten_activation_is_found_at_the_layer_after_it(layer: str, tmp_path: Path) -> None:
    assert redundant(FORGOTTEN[layer], tmp_path) == [(f"{layer}/param.weight", 3)]


@pytest.mark.parametrize("name", INTENDED)
def test_layers_that_are_two_on_purpose_are_let_be(name: str, tmp_path: Path) -> None:
    assert redundant(INTENDED[name], tmp_path) == []
