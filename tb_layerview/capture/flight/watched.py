"""The recording of a step that is not due, and is recorded only if it trips."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from tb_layerview.capture.flight.step import Again, WatchedStep
from tb_layerview.capture.recording import Recording
from tb_layerview.errors import ArgumentError


@dataclass(eq=False, slots=True)
class WatchedRecording(WatchedStep, Recording):
    """Shows what happens in the step to the flight recorder."""

    was_entered: bool = False

    def __enter__(self) -> Recording:
        """Begin to watch.

        Raises:
            ArgumentError: this step was entered before.
        """
        if self.was_entered:
            raise ArgumentError("step", "each step entered once", self.number)
        self.was_entered = True
        self.watcher.begin(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.watcher.end(self)

    def predictions(self, predictions: object) -> None:
        """As `Recording.predictions`: kept beside the inputs if the step is run again."""
        self.predicted = predictions

    def watch(self, value: object, again: Again | None = None, *, name: str = "the loss") -> None:
        """As `Recording.watch`."""
        self.watcher.look(self, value, again, name)
