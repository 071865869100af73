"""A way to record."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Way(NamedTuple):
    """``step`` is one step with the recording; ``finish`` is what may be done after it."""

    name: str
    step: Callable[[int], object]
    finish: Callable[[], object]
