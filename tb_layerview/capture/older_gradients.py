"""Whether gradients are added to those of earlier steps, as without ``optimizer.zero_grad()``."""

from __future__ import annotations

import weakref
from typing import Final

import torch

from tb_layerview.capture.tensors import PLAIN, version_of

_LARGEST: Final = 65_536
"""Elements of a gradient that is looked at: most models have a smaller one."""

_MOST_LOOKS: Final = 4
"""Where the first gradients are zero, as ``zero_grad(set_to_none=False)`` leaves them, all are."""


class OlderGradient:
    """One gradient that is there when a step begins, and what becomes of it.

    Backward that adds to it writes to it once, in place; zeroing it before makes that twice, or
    another tensor. To say that of one is enough, and it must lie in host memory: nothing waits for
    a device.
    """

    def __init__(self) -> None:
        self.parameter: torch.Tensor | None = None
        self._gradient: weakref.ref[torch.Tensor] | None = None
        self._version: int | None = None
        self._parameter_version: int | None = None
        self._looks = 0

    def found(self, parameter: torch.Tensor, gradient: torch.Tensor) -> None:
        """Take this one if it is small, in host memory and not zero."""
        if gradient.numel() > _LARGEST or self._looks == _MOST_LOOKS:
            return
        is_plain = type(gradient) in PLAIN and gradient.layout is torch.strided
        if not (is_plain and gradient.is_cpu):
            return
        self._looks += 1
        if bool(gradient.detach().any()):
            self.parameter = parameter
            self._gradient = weakref.ref(gradient)
            self._version = version_of(gradient)

    def arrived(self) -> None:
        """Look at it at the end of the first backward that brings it something."""
        parameter = self.parameter
        if parameter is None or self._gradient is None:
            return
        gradient = parameter.grad
        is_added_to = (
            gradient is not None
            and gradient is self._gradient()
            and self._version is not None
            and version_of(gradient) == self._version + 1
        )
        if is_added_to:
            self._parameter_version = version_of(parameter)
        self._gradient = None

    def is_applied(self) -> bool:
        """Whether the sum was made, and the parameter has changed since."""
        before = self._parameter_version
        return (
            self.parameter is not None
            and before is not None
            and version_of(self.parameter) != before
        )

    def forget(self) -> None:
        """Let go of the gradient."""
        self.parameter = self._gradient = None
