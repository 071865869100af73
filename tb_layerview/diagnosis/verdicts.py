"""What was answered to the kept samples at some steps of a log."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy.typing as npt

from tb_layerview.diagnosis.judging import Task, Verdict, judge
from tb_layerview.errors import LayerViewError
from tb_layerview.log.chosen_steps import spread
from tb_layerview.log.reader import LogReader

MAX_ELEMENTS: Final = 16_777_216
"""Of targets and predictions of one step: larger ones are not looked at."""

_MAX_ELEMENTS_OF_ALL: Final = 67_108_864
"""Of all steps that are answered at once: with more, fewer steps are."""


@dataclass(frozen=True, slots=True)
class StepVerdicts:
    """Of each kept sample, in their order, what was answered at a step."""

    step: int
    task: Task
    verdicts: tuple[Verdict, ...]


def verdicts_at(log: LogReader, steps: Iterable[int]) -> list[StepVerdicts]:
    """What was answered at each of these steps; of a step without predictions, unknown ones."""
    keys = [role_key(log, role) for role in ("targets", "predictions")]
    count = len(log.schema().samples)
    found = []
    for step in steps:
        task, verdicts = judge(*(_elements(log, key, step) for key in keys))
        known = [*verdicts[:count], *[Verdict()] * (count - len(verdicts))]
        found.append(StepVerdicts(step, task, tuple(known)))
    return found


def spread_steps(log: LogReader, most: int) -> list[int]:
    """At most ``most`` steps with elements, as `chosen_steps.spread`; fewer of large ones."""
    per_step = sum(
        math.prod(log[key].spec.shape)
        for key in (role_key(log, role) for role in ("targets", "predictions"))
        if key is not None
    )
    affordable = max(2, _MAX_ELEMENTS_OF_ALL // max(1, per_step))
    return spread(log.whole_steps, min(most, affordable))


def role_key(log: LogReader, role: str) -> str | None:
    """The key of what a step was given as ``role``: of several tensors, the first."""
    own = f"/sample.{role}"
    keys: Sequence[str] = log.keys()
    if own in keys:
        return own
    return next((key for key in keys if key.startswith(f"{own}.")), None)


def _elements(log: LogReader, key: str | None, step: int) -> npt.NDArray[Any] | None:
    if key is None:
        return None
    try:
        tensor = log[key].at(step)
        if math.prod(tensor.shape) > MAX_ELEMENTS:
            return None
        elements: npt.NDArray[Any] = tensor[...]
    except LayerViewError:
        # Not given at this step, not kept whole, or damaged, which the log tells of elsewhere.
        return None
    return elements
