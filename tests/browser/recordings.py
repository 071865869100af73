"""Runs with what a page must cope with, and what plain PyTorch saw of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from demo.digits import bundled_digits
from demo.model import CNN
from tb_layerview import LayerView
from tests.fixtures import witness

BATCH: Final = 8

SPOILED_KEY: Final = "conv2.0/output"
SPOILED_STEP: Final = 1
SPOILED_STEPS: Final = (0, 1, 2)
SPOILED_SAMPLE: Final = 1
SPOILED: Final = {
    "NaN": (SPOILED_SAMPLE, 6, 3, 4),
    "+Inf": (SPOILED_SAMPLE, 7, 2, 2),
    "-Inf": (SPOILED_SAMPLE, 8, 11, 0),
}
"""By the name of a number that is none, the index of the one element that is it."""

MARKUP: Final = "<img src=x onerror=alert(1)>"
"""What a browser would run if it took a name for HTML."""


def record_spoiled(run: Path) -> dict[int, witness.Seen]:
    """Forwards of the demo's model; at one step a layer answers three numbers that are none."""
    torch.manual_seed(1)
    model = CNN()
    images = bundled_digits(seed=1)[0].images[:BATCH]

    def spoil(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        for name, index in SPOILED.items():
            output[index] = float(name)

    seen = {}
    with torch.no_grad(), LayerView(model, run) as view:
        for step in SPOILED_STEPS:
            spoiler = model.conv2[0].register_forward_hook(spoil) if step == SPOILED_STEP else None
            with view.step(step, inputs=images), witness.outputs(model) as outputs:
                model(images)
            if spoiler is not None:
                spoiler.remove()
            seen[step] = outputs
    assert math.isnan(seen[SPOILED_STEP][SPOILED_KEY][SPOILED["NaN"]])
    return seen


def record_spoiled_data(run: Path) -> None:
    """Forwards of the demo's model, with what every layer is given; a NaN is in the data of one."""
    model = CNN()
    images = bundled_digits(seed=1)[0].images[:BATCH].clone()
    kinds = ("param", "input", "output")
    with torch.no_grad(), LayerView(model, run, kinds=kinds) as view:
        for step in SPOILED_STEPS:
            images[SPOILED_SAMPLE, 0, 5, 6] = math.nan if step == SPOILED_STEP else 0
            with view.step(step, inputs=images):
                model(images)


class Markup(nn.Linear):
    """A layer that says something dangerous of itself."""

    def extra_repr(self) -> str:
        return f"{super().extra_repr()}, <script>alert(2)</script>"


def record_markup(run: Path) -> None:
    """One forward of a model whose layer is named like a piece of HTML."""
    model = nn.Sequential()
    model.add_module(MARKUP, Markup(4, 3))
    with torch.no_grad(), LayerView(model, run) as view:
        inputs = torch.ones(2, 4)
        with view.step(0, inputs=inputs):
            model(inputs)


class LiveRun:
    """A training that goes on as far as it is told to."""

    def __init__(self, run: Path) -> None:
        torch.manual_seed(2)
        self._model = nn.Linear(6, 5)
        self._optimizer = torch.optim.SGD(self._model.parameters(), lr=0.1)
        self._writer = SummaryWriter(run)
        self._view = LayerView(self._model, self._writer)
        self.weights: list[Tensor] = []
        """By step, the weight that made its outputs."""

    def train_a_step(self) -> int:
        """Train a step, and return its number when others can read what was recorded of it."""
        step = len(self.weights)
        self.weights.append(self._model.weight.detach().clone())
        inputs = torch.rand(3, 6)
        with self._view.step(step, inputs=inputs):
            loss = self._model(inputs).square().mean()
            loss.backward()
            self._optimizer.step()
            self._optimizer.zero_grad()
        self._writer.add_scalar("loss", loss.item(), step)
        self._view.flush()
        return step

    def close(self) -> None:
        """End the training."""
        self._view.close()
        self._writer.close()
