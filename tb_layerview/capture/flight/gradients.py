"""Looks for what is not finite in gradients, at the speed at which memory is read."""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from typing import Final

import torch
from torch.optim import Optimizer

_FEW: Final = 1 << 16
"""Elements up to which the extremes are found about as fast as the sum."""


def applied_gradients(
    optimizer: Optimizer, parameters: Container[int]
) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Those that `optimizer` is about to apply: on the host, and elsewhere.

    Of `parameters`, which are told by their ``id``. Sparse gradients, and shards of what lies in
    several processes, are let be.
    """
    here: list[torch.Tensor] = []
    elsewhere: list[torch.Tensor] = []
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            gradient = parameter.grad
            if (
                type(gradient) is torch.Tensor
                and gradient.layout is torch.strided
                and id(parameter) in parameters
            ):
                (here if gradient.is_cpu else elsewhere).append(gradient)
    return here, elsewhere


def seem_finite(gradients: Iterable[torch.Tensor]) -> bool:
    """Whether all elements of `gradients` on the host are finite, and no sum of them overflows.

    One pass over each, without a copy: ``isfinite().all()`` takes ten times as long. NaN and
    infinities reach the extremes and the sum. Both extremes of a small tensor are there sooner:
    code for sums takes longer to get into the processor's caches, out of which backward drove it.
    """
    reach: complex = 0.0
    for gradient in gradients:
        if gradient.numel() <= _FEW and gradient.is_contiguous():
            try:
                low, high = torch.aminmax(gradient)
            except RuntimeError:
                # There are none of complex numbers, nor of no numbers.
                reach += gradient.sum().item()
            else:
                reach += high.item() - low.item()
        else:
            reach += gradient.sum().item()
    return reach - reach == 0.0


def first_not_finite(gradients: Iterable[torch.Tensor]) -> torch.Tensor | None:
    """That with an element that is not finite, if there is one; it reads all of them slowly."""
    return next((gradient for gradient in gradients if not bool(gradient.isfinite().all())), None)


@torch.no_grad()
def largest_magnitude(gradients: list[torch.Tensor]) -> torch.Tensor:
    """Of all elements, NaN if one is: a tensor of one element, on the device of the first."""
    groups: dict[tuple[torch.device, torch.dtype], list[torch.Tensor]] = {}
    for gradient in gradients:
        groups.setdefault((gradient.device, gradient.dtype), []).append(gradient)
    norms = [
        torch.stack(torch._foreach_norm(group, math.inf)).amax()  # noqa: SLF001 - one launch
        for group in groups.values()
    ]
    return torch.stack([norm.to(norms[0]) for norm in norms]).amax()
