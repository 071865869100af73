"""Runs with samples of every sort, and what PyTorch saw of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tb_layerview import LayerView
from tests.fixtures import witness

STEPS: Final = 6
UPDATES: Final = 12
"""From one recorded step to the next."""
CLASSES: Final = ("circle", "bar", "cross")
IDS: Final = tuple(f"shape {letter}" for letter in "abcdefghijkl")
SIDE: Final = 8
TEXTS: Final = ("a plain sentence", "Grüße & <b>", "")


class Shapes(nn.Module):
    """A convolution whose maps are averaged, and a linear layer: three classes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.ReLU())
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flat = nn.Flatten()
        self.head = nn.Linear(6, len(CLASSES))

    def forward(self, images: Tensor) -> Tensor:
        """Logits."""
        logits: Tensor = self.head(self.flat(self.pool(self.conv(images))))
        return logits


class Probed(NamedTuple):
    """The samples of the probe, and by step what plain PyTorch made of them."""

    images: Tensor
    targets: Tensor
    seen: list[witness.Seen]
    weight: list[Tensor]
    bias: list[Tensor]


def record_probed(run: Path) -> Probed:
    """A short training beside a probe, in which answers change."""
    torch.manual_seed(3)
    targets = torch.arange(len(IDS)) % len(CLASSES)
    even = (torch.arange(SIDE) % 2).float()
    patterns = torch.stack(
        [even[:, None] * even, even.expand(SIDE, SIDE), even.expand(SIDE, SIDE).T]
    )
    images = (patterns[targets] * 0.4 + torch.rand(len(IDS), SIDE, SIDE))[:, None]
    model = Shapes()
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    probed = Probed(images, targets, [], [], [])
    with LayerView(model, run, labels=CLASSES, samples=2) as view:
        view.probe(images, targets, IDS)
        for step in range(STEPS):
            with torch.no_grad(), witness.outputs(model) as outputs:
                model(images)
            probed.seen.append(outputs)
            probed.weight.append(model.head.weight.detach().clone())
            probed.bias.append(model.head.bias.detach().clone())
            with view.step(step, inputs=images[:4], targets=targets[:4]) as recording:
                logits = model(images[:4])
                recording.predictions(logits)
                functional.cross_entropy(logits, targets[:4]).backward()
            for _ in range(UPDATES):
                optimizer.zero_grad()
                functional.cross_entropy(model(images), targets).backward()
                optimizer.step()
    return probed


def record_sorts(logdir: Path) -> dict[str, tuple[Tensor, Tensor]]:
    """A run of each sort of target: its targets and predictions."""
    torch.manual_seed(8)
    inputs = {
        "numbers": torch.rand(3, 5),
        "labels": torch.rand(3, 40),
        "places": torch.rand(3, 1, SIDE, SIDE),
        "tokens": torch.randint(0, 50, (3, 6)),
        "texts": {"ids": torch.randint(0, 50, (3, 6)), "text": list(TEXTS)},
    }
    answers = {
        "numbers": (torch.rand(3, 1), torch.rand(3, 1)),
        "labels": (torch.tensor([[1, 0, 1], [0, 0, 0], [0, 1, 0]]), torch.randn(3, 3)),
        "places": (torch.randint(0, 3, (3, SIDE, SIDE)), torch.randn(3, 3, SIDE, SIDE)),
        "tokens": (torch.tensor([0, 1, 1]), torch.randn(3, 2)),
        "texts": (torch.tensor([0, 1, 1]), torch.randn(3, 2)),
    }
    for name, (targets, predictions) in answers.items():
        model = nn.Sequential(nn.Identity(), nn.Linear(1, 1))
        labels = None if name == "places" else ["cat", "dog", "emu"]
        with (
            LayerView(model, logdir / name, labels=labels, kinds="param") as view,
            view.step(0, inputs=inputs[name], targets=targets) as recording,
        ):
            recording.predictions(predictions)
    return answers
