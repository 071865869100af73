"""Makes compiled code run as it was written, for the time of a recorded step."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, Final

import torch


class EagerCode:
    """From `begin` to `end`, what `torch.compile` made runs eagerly, in the whole process.

    A hook that comes after the compilation does not fire in compiled code. Afterwards that code
    is used again as it is: PyTorch's guards find the modules as they were, without hooks.
    """

    def __init__(self) -> None:
        self._is_running = False

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
            _running.begin(set_stance)
            self._is_running = True
        elif _something_was_compiled():
            raise RuntimeError(
                "torch.compiler.set_stance begins with PyTorch 2.6: what was compiled stays so, "
                "and what it computes is not seen"
            )

    def end(self) -> None:
        """Let compiled code run again; a second call does nothing."""
        was_running, self._is_running = self._is_running, False
        if was_running:
            _running.end()


class _Running:
    """All recorded steps of this process that want eager code.

    Those of models that are trained in threads need not end in the order in which they began: the
    last one to end restores what the first one found.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steps = 0
        self._restore: Callable[..., Any] | None = None

    def begin(self, set_stance: Callable[[str], Any]) -> None:
        with self._lock:
            if self._steps == 0:
                self._restore = set_stance("force_eager").__exit__
            self._steps += 1

    def end(self) -> None:
        with self._lock:
            self._steps -= 1
            if self._steps == 0 and self._restore is not None:
                restore, self._restore = self._restore, None
                restore(None, None, None)


_running: Final = _Running()


def _something_was_compiled() -> bool:
    # Optimizers import the compiler without using it. Its own count of the functions that it
    # looked at is not public, but is asked of releases alone that will not change any more.
    return getattr(sys.modules.get("torch._dynamo.convert_frame"), "FRAME_COUNTER", 0) > 0
