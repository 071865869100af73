"""What plain PyTorch sees of a model: hooks and `state_dict()`, with none of the package's code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Seen = dict[str, Tensor]
"""By key: `conv2.0/output`, `conv2.0/param.weight`."""


def state(model: nn.Module) -> Seen:
    """Copies of the parameters and buffers as they are now."""
    buffers = dict(model.named_buffers())
    seen = {}
    for path, tensor in model.state_dict().items():
        module, _, name = path.rpartition(".")
        kind = "buffer" if path in buffers else "param"
        seen[f"{module}/{kind}.{name}"] = tensor.clone()
    return seen


@contextmanager
def outputs(model: nn.Module, samples: int) -> Iterator[Seen]:
    """Copies of the first ``samples`` items of what each module returns within the block."""
    seen: Seen = {}

    def note(path: str, output: Tensor) -> None:
        seen[f"{path}/output"] = output.detach()[:samples].clone(
            memory_format=torch.contiguous_format
        )

    handles = [
        module.register_forward_hook(lambda _, __, output, path=path: note(path, output))
        for path, module in model.named_modules()
    ]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()
