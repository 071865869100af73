"""Looks for what is not finite in gradients, at the speed at which memory is read."""

from __future__ import annotations

import math
from collections.abc import Container
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn.parameter import is_lazy

_FEW: Final = 1 << 17
"""Elements up to which a gradient is looked at together with others: of more, a sum is there as
soon, and writes nothing."""


class AppliedGradients:
    """The gradients of those parameters of a model that an optimizer changes.

    The parameters are found once, as they are looked at in each step of a training. Sparse
    gradients, and shards of what lies in several processes, are let be.
    """

    def __init__(self, groups: list[dict[str, Any]], parameters: Container[int]) -> None:
        """Of the ``param_groups`` of an optimizer; of `parameters`, told by their ``id``."""
        # Kept, so that no other list gets the ``id`` of this one.
        self._groups = groups
        self.count = len(groups)
        """How many groups there were."""
        self._parameters: list[Tensor] = [
            parameter
            for group in groups
            for parameter in group["params"]
            if id(parameter) in parameters
        ]
        self._together = [p for p in self._parameters if _goes_together(p)]
        self._alone = [p for p in self._parameters if not _goes_together(p)]
        self._found = torch.zeros(1, device="cpu")
        self._scale = torch.ones(1, device="cpu")

    def look(self) -> tuple[bool, list[Tensor]]:
        """Whether those on the host seem to be finite, and those elsewhere, unseen.

        They do not if an element is not finite, or if a sum of them overflows. It takes one pass
        over each, without a copy: ``isfinite().all()`` takes ten times as long.
        """
        finite = True
        together: list[Tensor] = []
        alone: list[Tensor] = []
        for parameter in self._together:
            gradient = parameter.grad
            # One that was made with ``create_graph`` may be differentiated: it is only read.
            if type(gradient) is Tensor and not gradient.requires_grad:
                together.append(gradient)
            elif gradient is not None:
                alone.append(gradient)
        if together:
            try:
                self._check(together)
            except RuntimeError:
                self._set_apart()
                return self.look()
            finite = self._found.tolist() == [0.0]
            if not finite:
                self._found.zero_()
        if alone or self._alone:
            alone += [gradient for p in self._alone if (gradient := p.grad) is not None]
            return self._look_alone(alone, finite=finite)
        return finite, []

    def _check(self, gradients: list[Tensor]) -> None:
        """Set `_found` if an element is not finite.

        What a ``GradScaler`` unscales gradients with is all of PyTorch that looks at a list of
        tensors at once: asking for each one's extremes takes twice as long, as code for that has to
        get into the processor's caches, out of which backward drove it. It writes to the gradients,
        with a scale of 1 what is there.
        """
        torch._amp_foreach_non_finite_check_and_unscale_(gradients, self._found, self._scale)

    def _set_apart(self) -> None:
        """Have those looked at alone that cannot be written to.

        They are sparse, have elements that share a place in memory, or are elsewhere by now.
        """
        together = []
        for parameter in self._together:
            gradient = parameter.grad
            try:
                if type(gradient) is Tensor and not gradient.requires_grad:
                    self._check([gradient])
                together.append(parameter)
            except RuntimeError:
                self._alone.append(parameter)
        if len(together) == len(self._together):
            # None is refused by itself: never try all of them again.
            together, self._alone = [], self._parameters
        self._together = together

    @staticmethod
    def _look_alone(gradients: list[Tensor], *, finite: bool) -> tuple[bool, list[Tensor]]:
        reach: complex = 0.0
        elsewhere = []
        for gradient in gradients:
            if type(gradient) is not Tensor or gradient.layout is not torch.strided:
                continue
            if gradient.is_cpu:
                # NaN and infinities reach the sum.
                reach += gradient.sum().item()
            else:
                elsewhere.append(gradient)
        return finite and reach - reach == 0.0, elsewhere

    def first_not_finite(self) -> Tensor | None:
        """The parameter whose gradient on the host has an element that is not finite, if one has.

        All gradients are read, slowly.
        """
        for parameter in self._parameters:
            gradient = parameter.grad
            if (
                type(gradient) is Tensor
                and gradient.layout is torch.strided
                and gradient.is_cpu
                and not bool(gradient.isfinite().all())
            ):
                return parameter
        return None


def _goes_together(parameter: Tensor) -> bool:
    # Of a lazy one, nothing is known yet. Another process may write to what is shared meanwhile.
    # Sums of float16 overflow too easily.
    return (
        not is_lazy(parameter)
        and parameter.is_cpu
        and parameter.is_floating_point()
        and (parameter.numel() <= _FEW or parameter.dtype == torch.float16)
        and not parameter.is_shared()
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
