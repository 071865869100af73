"""Which steps are recorded: ``every`` of a `LayerView`."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import SupportsIndex

from tb_layerview.errors import ArgumentError

Every = int | Callable[[int], bool]
"""Record the steps that this number divides, or those for which this function answers true."""


def due_steps(every: Every) -> Callable[[int], bool]:
    """A function that tells of a step whether it is recorded.

    Raises:
        ArgumentError: `every` is neither a number from 1 on nor a function.
    """
    if isinstance(every, int) and not isinstance(every, bool):
        if every >= 1:
            interval = every
            return lambda step: step % interval == 0
    elif callable(every):
        return every
    raise ArgumentError("every", "a number from 1 on, or a function of the step", every)


def step_number(step: SupportsIndex) -> int:
    """`step` as an int: what NumPy and PyTorch have as whole numbers is one, too.

    Raises:
        ArgumentError: `step` is no whole number.
    """
    try:
        return operator.index(step)
    except TypeError:
        raise ArgumentError("step", "a whole number", step) from None
