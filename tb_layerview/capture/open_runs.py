"""The runs that this process records into: two recordings of one run would hide each other.

A reader takes the later of two logs for a restart of the training, which replaces the frames of
the earlier one from its first step on.
"""

from __future__ import annotations

import os
import threading
from typing import Final

from tb_layerview.errors import ArgumentError

# The garbage collector may close a forgotten view wherever Python runs, within these locks, too.
_LOCK: Final = threading.RLock()
_OPEN: Final[dict[tuple[int, str], str]] = {}
"""By process and directory, of what the model is: a process that is forked has none of these."""


class OpenRun:
    """A directory that one `LayerView` of this process has for itself until `release`."""

    def __init__(self, directory: str, model: str) -> None:
        """Take `directory` for the `LayerView` of a model whose class is `model`.

        Raises:
            ArgumentError: another one has it.
        """
        self._key = (os.getpid(), os.path.realpath(directory))
        with _LOCK:
            other = _OPEN.get(self._key)
            if other is None:
                _OPEN[self._key] = model
        if other is not None:
            raise ArgumentError(
                "writer",
                f"a run that no open LayerView records into (that of {other} does: close it "
                "first, record into another directory, or both models as one nn.ModuleDict)",
                directory,
            )

    def release(self) -> None:
        """Give the directory back. A second call does nothing."""
        with _LOCK:
            _OPEN.pop(self._key, None)
