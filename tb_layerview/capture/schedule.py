"""Which steps are recorded: ``every`` of a `LayerView`."""

from __future__ import annotations

from collections.abc import Callable

from tb_layerview.capture.arguments import whole_number
from tb_layerview.errors import ArgumentError

Every = int | Callable[[int], bool]
"""Record the steps that this number divides, or those for which this function answers true."""


def due_steps(every: Every) -> Callable[[int], bool]:
    """A function that tells of a step whether it is recorded.

    Raises:
        ArgumentError: `every` is neither a number from 1 on nor a function.
    """
    interval = whole_number(every)
    if interval is not None and interval >= 1:
        return lambda step: step % interval == 0
    if interval is None and callable(every):
        return every
    raise ArgumentError("every", "a number from 1 on, or a function of the step", every)


def is_step(number: int) -> bool:
    """Whether an event file can hold it: a signed integer of 64 bits."""
    return -(2**63) <= number < 2**63


def step_number(step: object) -> int:
    """`step` as an int.

    Raises:
        ArgumentError: `step` is no whole number, or one that an event file cannot hold.
    """
    number = whole_number(step)
    if number is None or not is_step(number):
        raise ArgumentError("step", "a whole number of 64 bits", step)
    return number
