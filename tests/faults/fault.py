"""What a planted fault is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.faults.training import Training


class Fault(NamedTuple):
    """A fault, the rule that must name it, in which layer, and at which step first.

    ``layers`` are the paths of the modules of which any is right; ``first`` is the recorded step at
    which the fault is there.
    """

    name: str
    model: str
    rule: str
    layers: tuple[str, ...]
    first: int
    make: Callable[[], Training]
