"""Trains a small model for a few dozen steps, with everything recorded, and plants a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from tb_layerview import LayerView

STEPS: Final = 32
PLANTED: Final = 12
"""The step at which faults that come in the middle of a training are planted."""

KINDS: Final = ("param", "buffer", "grad", "input", "output", "output_grad", "tap")

Batch = tuple[Tensor, Tensor]


def cross_entropy(output: object, _inputs: Tensor, targets: Tensor) -> Tensor:
    """Of logits."""
    assert isinstance(output, Tensor)
    return functional.cross_entropy(output.float(), targets)


def evidence_bound(output: object, inputs: Tensor, _targets: Tensor) -> Tensor:
    """The loss of a variational autoencoder."""
    assert isinstance(output, tuple)
    reconstruction, mean, log_variance = output
    divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean()
    bound: Tensor = functional.mse_loss(reconstruction, inputs) + 0.01 * divergence
    return bound


def nothing(_step: int, _training: Training) -> None:
    """Plant no fault."""


@dataclass
class Training:
    """A model, what it is trained with, and what happens before each step."""

    model: nn.Module
    batch: Callable[[int], Batch]
    optimizer: type[torch.optim.Optimizer] = torch.optim.Adam
    rate: float = 2e-3
    loss: Callable[[object, Tensor, Tensor], Tensor] = cross_entropy
    before: Callable[[int, Training], None] = nothing
    trained: Callable[[nn.Module], Iterable[nn.Parameter]] = nn.Module.parameters
    autocast: torch.dtype | None = None
    steps: int = STEPS
    compiled: bool = False

    def record(self, run: Path, kinds: tuple[str, ...] = KINDS) -> None:
        """Train, and record every step whole into ``run``."""
        stepper = self.optimizer(self.trained(self.model), lr=self.rate)  # type: ignore[call-arg]
        self.optimizers = [stepper]
        call = torch.compile(self.model, backend="eager") if self.compiled else self.model
        with LayerView(self.model, run, kinds=kinds, samples=slice(None)) as view:
            for step in range(self.steps):
                self.before(step, self)
                inputs, targets = self.batch(step)
                with view.step(step, inputs=inputs, targets=targets):
                    stepper.zero_grad()
                    enabled = self.autocast is not None
                    with torch.autocast("cpu", self.autocast or torch.bfloat16, enabled=enabled):
                        output = call(inputs)
                    loss = self.loss(output, inputs, targets)
                    if loss.requires_grad:
                        loss.backward()
                        stepper.step()
