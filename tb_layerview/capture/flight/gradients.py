"""Looks for what is not finite in gradients, at the speed at which memory is read."""

from __future__ import annotations

import math
from collections.abc import Container
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn.parameter import is_lazy

_FEW: Final = 1 << 16
"""Elements up to which the extremes are found about as fast as the sum."""


class AppliedGradients:
    """The gradients of those parameters of a model that an optimizer changes.

    The parameters are found once, as they are looked at in each step of a training. Sparse
    gradients, and shards of what lies in several processes, are let be.
    """

    def __init__(self, groups: list[dict[str, Any]], parameters: Container[int]) -> None:
        """Of the ``param_groups`` of an optimizer; of `parameters`, told by their ``id``."""
        self._groups = groups
        self._count = len(groups)
        self._parameters: list[tuple[Tensor, bool]] = [
            (parameter, _is_small(parameter))
            for group in groups
            for parameter in group["params"]
            if id(parameter) in parameters
        ]

    def are_all(self) -> bool:
        """Whether the optimizer was given no further parameters since."""
        return len(self._groups) == self._count

    def look(self) -> tuple[bool, list[Tensor]]:
        """Whether those on the host seem to be finite, and those elsewhere, unseen.

        They do not if an element is not finite, or if a sum of them overflows. It takes one pass
        over each, without a copy: ``isfinite().all()`` takes ten times as long.

        NaN and infinities reach the extremes and the sum. Both extremes of a small tensor are there
        sooner: code for sums takes longer to get into the processor's caches, out of which backward
        drove it. For the same reason nothing is called here that was known before.
        """
        reach: complex = 0.0
        elsewhere = []
        for parameter, is_small in self._parameters:
            gradient = parameter.grad
            if type(gradient) is not Tensor or gradient.layout is not torch.strided:
                continue
            if not gradient.is_cpu:
                elsewhere.append(gradient)
            elif is_small:
                low, high = gradient.aminmax()
                reach += high.item() - low.item()
            else:
                reach += gradient.sum().item()
        return reach - reach == 0.0, elsewhere

    def first_not_finite(self) -> Tensor | None:
        """The parameter whose gradient on the host has an element that is not finite, if one has.

        All gradients are read, slowly.
        """
        for parameter, _ in self._parameters:
            gradient = parameter.grad
            if (
                type(gradient) is Tensor
                and gradient.layout is torch.strided
                and gradient.is_cpu
                and not bool(gradient.isfinite().all())
            ):
                return parameter
        return None


def _is_small(parameter: Tensor) -> bool:
    # Of a lazy one, nothing is known yet; of complex numbers, and of none, there are no extremes.
    return (
        not is_lazy(parameter)
        and 0 < parameter.numel() <= _FEW
        and parameter.is_contiguous()
        and not parameter.is_complex()
    )


@torch.no_grad()
def largest_magnitude(gradients: list[Tensor]) -> Tensor:
    """Of all elements, NaN if one is: a tensor of one element, on the device of the first."""
    groups: dict[tuple[torch.device, torch.dtype], list[Tensor]] = {}
    for gradient in gradients:
        groups.setdefault((gradient.device, gradient.dtype), []).append(gradient)
    norms = [
        torch.stack(torch._foreach_norm(group, math.inf)).amax()  # noqa: SLF001 - one launch
        for group in groups.values()
    ]
    return torch.stack([norm.to(norms[0]) for norm in norms]).amax()
