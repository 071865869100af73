"""A small model, and what plain hooks see of one of its steps."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle


class SmallNet(nn.Module):
    """Two layers and an activation, named as in nobody's wrapper."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 8)
        self.activation = nn.ReLU()
        self.last = nn.Linear(8, 3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.last(self.activation(self.first(images)))
        return logits


LAYERS = ("first", "activation", "last")
OUTPUTS = ("/output", *(f"{layer}/output" for layer in LAYERS))
PARAMETERS = {
    f"{layer}/param.{name}": f"{layer}.{name}"
    for layer in ("first", "last")
    for name in ("weight", "bias")
}


def seen_by_hooks(model: nn.Module, images: torch.Tensor) -> dict[str, torch.Tensor]:
    """By key, what the modules of ``model`` return for ``images`` in an eager forward."""
    seen: dict[str, torch.Tensor] = {}

    def keep(path: str) -> RemovableHandle:
        def hook(_module: nn.Module, _args: object, output: torch.Tensor) -> None:
            seen[f"{path}/output"] = output.detach().clone()

        handle: RemovableHandle = modules[path].register_forward_hook(hook)
        return handle

    modules = dict(model.named_modules())
    handles = [keep(path) for path in modules]
    model(images)
    for handle in handles:
        handle.remove()
    return seen
