"""Layers that are wrong, and models made for one layer to be so."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from tests.faults import models


class Standardise(nn.Module):
    """Divides by the standard deviation of each feature over the batch, as it is."""

    def forward(self, x: Tensor) -> Tensor:
        """Of unit variance."""
        return (x - x.mean(0)) / x.std(0)


class Log(nn.Module):
    """The logarithm, as it is."""

    def forward(self, x: Tensor) -> Tensor:
        """Of each element."""
        return x.log()


class Root(nn.Module):
    """The square root, whose derivative at 0 is infinite."""

    def forward(self, x: Tensor) -> Tensor:
        """Of each element."""
        return x.sqrt()


class Between(nn.Module):
    """An MLP with something between its layers."""

    def __init__(self, between: nn.Module) -> None:
        super().__init__()
        self.first = nn.Linear(models.FEATURES, 16)
        self.act = nn.ReLU()
        self.between = between
        self.last = nn.Linear(16, models.CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        out: Tensor = self.last(self.between(self.act(self.first(x))))
        return out


class Branches(nn.Module):
    """Two branches of which one may be detached or left out."""

    def __init__(self, join: Callable[[Tensor, nn.Module, Tensor], Tensor]) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(models.FEATURES, 16), nn.ReLU())
        self.branch = nn.Sequential(nn.Linear(models.FEATURES, 16), nn.ReLU())
        self.head = nn.Linear(16, models.CLASSES)
        self.join = join

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        out: Tensor = self.head(self.join(self.trunk(x), self.branch, x))
        return out


class LostInput(nn.Module):
    """Loses what it is given from step `PLANTED` on."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = 1.0
        self.linear = nn.Linear(16, 16)

    def forward(self, x: Tensor) -> Tensor:
        """Of nothing, when it is lost."""
        out: Tensor = self.linear(self.factor * x)
        return out
