"""Hooks of parameters that are called when backward has accumulated a gradient."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, MutableMapping

import torch

from tb_layerview.capture.notices import Guard

Hook = Callable[[torch.Tensor], None]


def has_hooks(tensor: torch.Tensor) -> bool:
    """Whether a leaf has hooks of this kind."""
    return bool(tensor._post_accumulate_grad_hooks)  # noqa: SLF001 - no other name


class GradientHooks:
    """The hooks of one step."""

    def __init__(self) -> None:
        self._of_tensors: list[MutableMapping[object, Hook]] = []

    def put(self, tensor: torch.Tensor, hook: Hook) -> None:
        """Have `hook` called for a leaf that requires a gradient, before hooks of the user."""
        # What `register_post_accumulate_grad_hook` does, in a tenth of its time: each recorded step
        # does it for each parameter.
        hooks = tensor._post_accumulate_grad_hooks  # noqa: SLF001 - see above
        if hooks is None:
            hooks = tensor._post_accumulate_grad_hooks = OrderedDict()  # noqa: SLF001 - see above
        self._of_tensors.append(hooks)
        others = [*hooks]
        hooks[self] = hook
        # A hook of the user may run the optimizer and drop the gradient: ours comes first. PyTorch
        # calls them in the order in which its dictionary got them, and has no other way to ask.
        for other in others:
            hooks[other] = hooks.pop(other)

    def remove(self, guard: Guard) -> None:
        """Remove all hooks. If it was interrupted, it may be called again.

        One that cannot be removed is told of by `guard`, and keeps no other from it.
        """
        while self._of_tensors:
            with guard:
                while self._of_tensors:
                    self._of_tensors[-1].pop(self, None)
                    self._of_tensors.pop()
            if self._of_tensors:
                self._of_tensors.pop()
