"""Looks for what is not finite in gradients, at the speed at which memory is read."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch


def not_finite_on_host(gradients: Sequence[torch.Tensor]) -> torch.Tensor | None:
    """The first of `gradients`, in host memory, with an element that is not finite.

    A sum is not finite if one of its terms is not. So one pass that does nothing but add finds
    almost always that there is nothing to find; finite terms whose sum overflows are told apart
    by a second pass.
    """
    if not gradients:
        return None
    sums = [gradient.sum() for gradient in gradients]
    if any(each.dtype is not torch.float32 for each in sums):
        sums = [torch.view_as_real(each).sum() if each.is_complex() else each for each in sums]
        sums = [each.double() for each in sums]
    if math.isfinite(torch.stack(sums).sum().item()):
        return None
    return next((gradient for gradient in gradients if not bool(gradient.isfinite().all())), None)


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
