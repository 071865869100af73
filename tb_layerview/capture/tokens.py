"""Which recorded integers are numbers of tokens: what an ``Embedding`` looks up, batch by time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from torch import nn

from tb_layerview.capture.captured import Captured

Shape = tuple[int, ...]

_INTEGERS: Final = frozenset({"int8", "int16", "int32", "int64", "uint8"})
_RANK: Final = len(("Sample", "Time"))


class Tokens:
    """Tells the tokens of one step.

    An ``Embedding`` that was called with ``[batch, time]`` is known by what it was given, or by
    what it returned, ``[batch, time, features]``. Integers of that very shape which the step or a
    module was given went there, or stand beside what did, as positions do. That it was the same
    tensor is not asked for: models reshape tokens, and move them to another device. Targets must
    have an answer for each of their places, too: labels of classes have none.
    """

    def __init__(self, items: Iterable[Captured], shape_of: Callable[[Captured], Shape]) -> None:
        """``shape_of`` tells the shape of what is kept of an item."""
        self._shape_of = shape_of
        self._looked_up: set[Shape] = set()
        self._answered: set[Shape] = set()
        for item in items:
            role = _role(item)
            if role == "predictions":
                self._answered.add(shape_of(item)[:-1])
            elif role in ("input", "output") and isinstance(item.place.module, nn.Embedding):
                shape = shape_of(item) if role == "input" else shape_of(item)[:-1]
                if len(shape) == _RANK and item.sample_axis == 0:
                    self._looked_up.add(shape)

    def __contains__(self, item: Captured) -> bool:
        """Whether the second of two axes counts tokens."""
        role = _role(item)
        if not self._looked_up or role not in ("input", "inputs", "targets"):
            return False
        if item.staged.dtype.name not in _INTEGERS or item.sample_axis != 0:
            return False
        shape = self._shape_of(item)
        return shape in self._looked_up and (role != "targets" or shape in self._answered)


def _role(item: Captured) -> str:
    """``inputs``, ``targets`` or ``predictions`` of what was given to the step; else the kind."""
    return item.name.partition(".")[0] if item.kind == "sample" else item.kind
