"""One step of a training as the flight recorder knows it, recorded or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tb_layerview.capture.flight.start import StepStart

Again = Callable[[], object]
"""Computes the loss of a step's batch once more, and changes nothing else."""


@dataclass(eq=False, slots=True)
class WatchedStep:
    """What is known of a step, for as long as it may have to be run again.

    ``watcher`` is who has to be told of it. ``on_trip`` is told why it tripped, if the step is
    recorded anyway. ``runs`` is whether it has begun and not ended.
    """

    number: int
    watcher: Watcher
    inputs: object = None
    targets: object = None
    predicted: object = None
    again: Again | None = None
    start: StepStart | None = None
    runs: bool = False
    tripped: bool = False
    on_trip: Callable[[str], None] | None = None


class Watcher(Protocol):
    """Is told what happens in the steps of a training. None of it raises."""

    def begin(self, step: WatchedStep) -> None:
        """The step begins."""
        ...

    def look(self, step: WatchedStep, value: object, again: Again | None, name: str) -> None:
        """A user watches `value` of the step; `again`, if given, computes it once more."""
        ...

    def end(self, step: WatchedStep) -> None:
        """The step ended."""
        ...
