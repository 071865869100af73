"""Makes compiled code run as it was written, for the time of a recorded step."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import torch


class EagerCode:
    """From `begin` to `end`, what `torch.compile` made runs eagerly, in the whole process.

    A hook that comes after the compilation does not fire in compiled code. Afterwards that code
    is used again as it is: PyTorch's guards find the modules as they were, without hooks.
    """

    def __init__(self) -> None:
        self._restore: Callable[..., Any] | None = None

    def begin(self) -> None:
        """Force eager code, if anything can have been compiled in this process.

        Raises:
            RuntimeError: the step begins inside of compiled code.
            AttributeError: this PyTorch (before 2.6) cannot.
        """
        # The compiler takes seconds to import, and whoever compiled something has imported it.
        if "torch._dynamo" in sys.modules:
            self._restore = torch.compiler.set_stance("force_eager").__exit__

    def end(self) -> None:
        """Let compiled code run again; a second call does nothing."""
        restore, self._restore = self._restore, None
        if restore is not None:
            restore(None, None, None)
