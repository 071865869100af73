"""The recording of a step that is not due, and is recorded only if it trips."""

from __future__ import annotations

from types import TracebackType

from tb_layerview.capture.flight.step import Again, WatchedStep
from tb_layerview.capture.recording import Recording
from tb_layerview.errors import ArgumentError


class WatchedRecording(Recording):
    """Shows what happens in the step to the flight recorder."""

    __slots__ = ("_entered", "_step")

    def __init__(self, step: WatchedStep) -> None:
        self._step = step
        self._entered = False

    def __enter__(self) -> Recording:
        """Begin to watch.

        Raises:
            ArgumentError: this step was entered before.
        """
        if self._entered:
            raise ArgumentError("step", "each step entered once", self._step.number)
        self._entered = True
        self._step.watcher.begin(self._step)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._step.watcher.end(self._step)

    def predictions(self, predictions: object) -> None:
        """As `Recording.predictions`: kept beside the inputs if the step is run again."""
        self._step.predictions = predictions

    def watch(self, value: object, again: Again | None = None, *, name: str = "the loss") -> None:
        """As `Recording.watch`."""
        self._step.watcher.look(self._step, value, again, name)
