"""A training on a GPU, what plain hooks see of it, and how one tells that the host waited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy.typing as npt
import torch
from torch import Tensor, nn

from demo.model import CNN

DEVICE: Final = torch.device("cuda", 0)
ABOUT_A_SECOND: Final = 2_000_000_000
"""Of the clock of a GPU, in ticks."""


@contextmanager
def raising_where_the_host_waits() -> Iterator[None]:
    """Has PyTorch raise from what makes the host wait for the device."""
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


class Training:
    """The demo's model on the GPU; `seen` are clones of what plain hooks see, by key."""

    def __init__(self) -> None:
        self.model = CNN().to(DEVICE)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1, momentum=0.9)
        self.images = torch.randn(32, 1, 28, 28, device=DEVICE)
        self.labels = torch.randint(10, (32,), device=DEVICE)
        self.seen: dict[str, Tensor] = {}

    def step(self) -> Tensor:
        self.optimizer.zero_grad()
        loss = nn.functional.nll_loss(self.model(self.images).log(), self.labels)
        loss.backward()
        self.optimizer.step()
        return loss

    def watch(self) -> None:
        """Note parameters now, outputs and gradients when they come."""
        for name, parameter in self.model.named_parameters():
            path, _, own = name.rpartition(".")
            self.seen[f"{path}/param.{own}"] = parameter.detach().clone()
            parameter.register_post_accumulate_grad_hook(
                lambda p, key=f"{path}/grad.{own}": self.note(key, p.grad)
            )
        for path, module in self.model.named_modules():
            module.register_forward_hook(
                lambda _m, _i, output, key=f"{path}/output": self.note(key, output)
            )

    def note(self, key: str, tensor: Tensor) -> None:
        self.seen[key] = tensor.detach().clone()


def keep_busy(ticks: int) -> None:
    """Have the device do nothing else for so long."""
    torch.cuda._sleep(ticks)  # noqa: SLF001 - no other name


def host(tensor: Tensor) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = tensor.detach().cpu().numpy()
    return array
