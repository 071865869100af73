"""What was answered to the kept samples at some steps of a log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy.typing as npt

from tb_layerview.diagnosis.judging import Task, Verdict, judge
from tb_layerview.errors import DamagedLogError, GoneError, NotFoundError, TooLargeError
from tb_layerview.log.chosen_steps import spread
from tb_layerview.log.reader import LogReader
from tb_layerview.log.tensor import TensorSlice

MAX_ELEMENTS: Final = 16_777_216
"""Of targets and predictions of one step: larger ones are not looked at."""

MAX_ELEMENTS_OF_ALL: Final = 67_108_864
"""Of all steps that are answered at once: they are read, and take some seconds."""

MAX_VERDICTS: Final = 262_144
"""Samples times steps that are answered at once: a verdict takes some hundred bytes."""

MAX_STEPS: Final = 1_000
"""Steps that are answered at once: each is looked up, opened and read."""


@dataclass(frozen=True, slots=True)
class StepVerdicts:
    """Of each kept sample, in their order, what was answered at a step."""

    step: int
    task: Task
    verdicts: tuple[Verdict, ...]


def verdicts_at(log: LogReader, steps: Iterable[int]) -> Iterator[StepVerdicts]:
    """What was answered at each of these steps; of a step without predictions, unknown ones."""
    keys = [role_key(log, role) for role in ("targets", "predictions")]
    count = len(log.schema().samples)
    for step in steps:
        task, verdicts = judge(*(_elements(log, key, step) for key in keys))
        known = [*verdicts[:count], *[Verdict()] * (count - len(verdicts))]
        yield StepVerdicts(step, task, tuple(known))


def spread_steps(log: LogReader, most: int) -> list[int]:
    """At most ``most`` steps with elements, as `chosen_steps.spread`; fewer of large ones."""
    samples = max(1, len(log.schema().samples))
    most = min(most, MAX_STEPS, max(1, MAX_VERDICTS // samples))
    while True:
        steps = spread(log.whole_steps, most)
        elements = elements_at(log, steps)
        if elements <= MAX_ELEMENTS_OF_ALL:
            return steps
        most = max(1, min(most - 1, most * MAX_ELEMENTS_OF_ALL // elements))


def elements_at(log: LogReader, steps: Sequence[int]) -> int:
    """How many elements `verdicts_at` would read; nothing is read to tell."""
    keys = [role_key(log, role) for role in ("targets", "predictions")]
    found = (_looked_at(log, key, step) for key in keys if key is not None for step in steps)
    return sum(tensor.size for tensor in found if tensor is not None)


def check_bounds(log: LogReader, steps: Sequence[int]) -> None:
    """Whether so much may be answered at once.

    Raises:
        TooLargeError: there are more than `MAX_STEPS`, `MAX_VERDICTS` or `MAX_ELEMENTS_OF_ALL`.
    """
    _at_most("steps", MAX_STEPS, len(steps))
    _at_most("samples times steps", MAX_VERDICTS, len(log.schema().samples) * len(steps))
    what = "elements of the targets and predictions of all steps"
    _at_most(what, MAX_ELEMENTS_OF_ALL, elements_at(log, steps))


def _at_most(what: str, limit: int, received: int) -> None:
    if received > limit:
        raise TooLargeError(what, limit, received)


def role_key(log: LogReader, role: str) -> str | None:
    """The key of what a step was given as ``role``: of several tensors, the first."""
    own = f"/sample.{role}"
    keys: Sequence[str] = log.keys()
    if own in keys:
        return own
    return next((key for key in keys if key.startswith(f"{own}.")), None)


def _looked_at(log: LogReader, key: str, step: int) -> TensorSlice | None:
    """The tensor at a step; None where it was not given then, or is too large."""
    try:
        tensor = log[key].at(step)
    except NotFoundError:
        return None
    is_large = tensor.size > MAX_ELEMENTS or max(tensor.shape[:1], default=0) > MAX_VERDICTS
    return None if is_large else tensor


def _elements(log: LogReader, key: str | None, step: int) -> npt.NDArray[Any] | None:
    tensor = None if key is None else _looked_at(log, key, step)
    if tensor is None:
        return None
    try:
        elements: npt.NDArray[Any] = tensor[...]
    except GoneError:
        # Removed since the log was looked at: it is another answer then, not an unknown one.
        raise
    except NotFoundError:
        # It was not kept whole.
        return None
    except DamagedLogError as error:
        log.tell(error)
        return None
    return elements
