"""One step of a training as the flight recorder knows it, recorded or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch

from tb_layerview.capture.flight.start import StepStart
from tb_layerview.capture.notices import Guard, Notices

Again = Callable[[], object]
"""Computes the loss of a step's batch once more, and changes nothing else."""


@dataclass(eq=False)
class WatchedStep:
    """What is known of a step, for as long as it may have to be run again.

    ``on_trip`` is told why it tripped, if the step is recorded anyway.
    """

    number: int
    inputs: object = None
    targets: object = None
    predictions: object = None
    again: Again | None = None
    start: StepStart | None = None
    tripped: bool = False
    on_trip: Callable[[str], None] | None = None

    def forget(self) -> None:
        """Let go of what the step was given."""
        self.inputs = self.targets = self.predictions = self.again = self.start = None


class Watcher(Protocol):
    """Is told what happens in the steps of a training. What it raises goes no further."""

    def begin(self, step: WatchedStep) -> None:
        """The step begins."""
        ...

    def look(self, step: WatchedStep, name: str, value: object) -> None:
        """A value of the step is to be watched."""
        ...

    def end(self, step: WatchedStep) -> None:
        """The step ended."""
        ...


class StepEye:
    """Shows one step to a watcher. Its methods never raise."""

    def __init__(self, step: WatchedStep, watcher: Watcher, notices: Notices) -> None:
        self.step = step
        self._watcher = watcher
        self._notices = notices
        self._guard = Guard(notices, [], "Watching a step")

    def begin(self) -> None:
        """The step begins."""
        with self._guard:
            self._watcher.begin(self.step)

    def look(self, value: object, again: Again | None, name: str) -> None:
        """A user watches `value`; `again`, if given, computes it once more."""
        with self._guard:
            if torch.compiler.is_compiling():
                return
            if again is None or callable(again):
                self.step.again = again or self.step.again
            else:
                self._notices.say(
                    f"watch: expected again to be a function without arguments, received {again!r}"
                )
            self._watcher.look(self.step, name, value)

    def end(self) -> None:
        """The step ended."""
        with self._guard:
            self._watcher.end(self.step)
