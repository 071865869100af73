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
            RuntimeError: the step begins inside of compiled code, or something was compiled and
                this PyTorch (before 2.6) cannot run it eagerly.
        """
        # The compiler takes seconds to import, and whoever compiled something has imported it.
        if "torch._dynamo" not in sys.modules:
            return
        set_stance = getattr(torch.compiler, "set_stance", None)
        if set_stance is not None:
            self._restore = set_stance("force_eager").__exit__
        elif _something_was_compiled():
            raise RuntimeError(
                "torch.compiler.set_stance begins with PyTorch 2.6: what was compiled stays so, "
                "and what it computes is not seen"
            )

    def end(self) -> None:
        """Let compiled code run again; a second call does nothing."""
        restore, self._restore = self._restore, None
        if restore is not None:
            restore(None, None, None)


def _something_was_compiled() -> bool:
    # Optimizers import the compiler without using it. Its own count of the functions that it
    # looked at is not public, but is asked of releases alone that will not change any more.
    return getattr(sys.modules.get("torch._dynamo.convert_frame"), "FRAME_COUNTER", 0) > 0
