"""The models that are measured, each with a batch to train with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from demo.model import CNN

LAYERS, WIDTH, HEADS, SEQUENCE = 6, 384, 6, 256
CNN_BATCH, TRANSFORMER_BATCH = 64, 4


class Workload(NamedTuple):
    """A model and the batch that it is trained with."""

    name: str
    model: nn.Module
    batch: Tensor

    def step(self) -> None:
        """Forward and backward, as in training; the gradients stay until `clear`."""
        self.model(self.batch).square().mean().backward()

    def clear(self) -> None:
        """What an optimizer's ``zero_grad()`` does."""
        self.model.zero_grad()


class Block(nn.Module):
    """A transformer layer out of plain parts, so that every leaf is a module that is called."""

    def __init__(self) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(WIDTH)
        self.attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.norm_2 = nn.LayerNorm(WIDTH)
        self.up = nn.Linear(WIDTH, 4 * WIDTH)
        self.activation = nn.GELU()
        self.down = nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, features: Tensor) -> Tensor:
        """Features (batch, time, feature) to features of the same shape."""
        normed = self.norm_1(features)
        features = features + self.attention(normed, normed, normed, need_weights=False)[0]
        widened = self.activation(self.up(self.norm_2(features)))
        narrowed: Tensor = self.down(widened)
        return features + narrowed


def demo_cnn() -> Workload:
    """The demo's model on random pictures."""
    torch.manual_seed(0)
    return Workload("demo CNN", CNN(), torch.rand(CNN_BATCH, 1, 28, 28))


def small_transformer() -> Workload:
    """Six layers of width 384."""
    torch.manual_seed(0)
    model = nn.Sequential(*(Block() for _ in range(LAYERS)), nn.LayerNorm(WIDTH))
    return Workload("transformer", model, torch.randn(TRANSFORMER_BATCH, SEQUENCE, WIDTH))


WORKLOADS: Final[dict[str, Callable[[], Workload]]] = {
    "demo CNN": demo_cnn,
    "transformer": small_transformer,
}
