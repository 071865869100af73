"""One step of a training: the ``with`` block during which it is recorded, or not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from types import TracebackType

import torch

from tb_layerview.capture.captured import CapturedStep
from tb_layerview.capture.flight.step import Again, WatchedStep
from tb_layerview.capture.hooks import ForwardHooks
from tb_layerview.capture.notices import Guard, Notices, describe
from tb_layerview.capture.plan import Plan
from tb_layerview.capture.watch import StepWatch
from tb_layerview.errors import ArgumentError


class Recording:
    """What ``LayerView.step`` gives. This one is of a step that is not due: it does nothing."""

    __slots__ = ()

    def __enter__(self) -> Recording:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return None

    def predictions(self, predictions: object) -> None:
        """Keep the model's answers beside the inputs of this step; a second call replaces them.

        Args:
            predictions: a tensor, array or list of numbers whose axis 0 is the batch, or a
                container of these.
        """

    def watch(self, value: object, again: Again | None = None, *, name: str = "the loss") -> None:
        """Have the flight recorder look at a number of this step (see ``on_nonfinite``).

        Give it the loss before ``backward``; the gradients are looked at without being given.

        Args:
            value: a tensor of one element, or a number. On a GPU it is read a step later, so that
                the training does not wait for it.
            again: a function without arguments that computes the loss of this batch once more,
                and changes nothing: ``lambda: loss_fn(model(images), labels)``. Without it, a step
                that trips is run forward only, with the inputs that the step was given.
            name: what the value is called where it is told of.
        """


NOT_RECORDED = Recording()
"""Shared by all steps that are not recorded."""


class StepRecording(Recording):
    """Copies what the plan names. Between enter and exit it never raises."""

    def __init__(
        self,
        plan: Plan,
        hooks: ForwardHooks,
        captured: CapturedStep,
        notices: Notices,
        *,
        inputs: object,
        targets: object,
        on_enter: Callable[[StepRecording], None],
        on_exit: Callable[[StepRecording], None],
        watched: WatchedStep | None = None,
        reports_missing: bool = True,
    ) -> None:
        self.captured = captured
        self._given: tuple[object, object] = (inputs, targets)
        self._notices = notices
        self._watch = StepWatch(plan, hooks, captured, notices)
        self._on_enter = on_enter
        self._on_exit = on_exit
        self._watched = watched
        self._reports_missing = reports_missing
        self._state = "new"

    def __enter__(self) -> StepRecording:
        """Copy the state of the model and hook it.

        Raises:
            ArgumentError: this step was entered before, or within another one.
        """
        if self._state != "new":
            raise ArgumentError("step", "each step entered once", self.captured.step)
        self._on_enter(self)
        self._state = "entered"
        try:
            self._begin()
        except BaseException as error:
            # An interruption: Python does not call __exit__ of a block that was not entered.
            self._end(error)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._end(error)

    def predictions(self, predictions: object) -> None:
        """As `Recording.predictions`; outside of the step there is nothing to keep them beside."""
        if self._state != "entered":
            self._notices.say("Predictions are not recorded: they were given outside of their step")
            return
        begun = time.perf_counter()
        with self._guarded("Recording the predictions"):
            self._watch.collector.predictions(predictions)
        self.captured.training_seconds += time.perf_counter() - begun

    def watch(self, value: object, again: Again | None = None, *, name: str = "the loss") -> None:
        """As `Recording.watch`: the frame is marked if the step trips."""
        if self._watched is not None:
            self._watched.watcher.look(self._watched, value, again, name)

    def gradients(self, pairs: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> None:
        """Record gradients that no backward accumulates, each after its parameter."""
        with self._guarded("Recording the gradients"):
            self._watch.gradients(pairs)

    def _begin(self) -> None:
        if self._watched is not None:
            self._watched.watcher.begin(self._watched)
        begun = time.perf_counter()
        # A training holds its recording until the next one begins: its data must not live as long.
        given, self._given = self._given, (None, None)
        with self._guarded("Recording the inputs and targets"):
            self._watch.collector.given(*given)
        with self._guarded("Recording the parameters and buffers"):
            self._watch.state.place()
        self._watch.begin()
        self.captured.training_seconds += time.perf_counter() - begun

    def _end(self, error: BaseException | None) -> None:
        self._state = "left"
        # Whatever interrupts it: what was recorded until then is handed over.
        try:
            self._finish(error)
        finally:
            self._on_exit(self)

    def _finish(self, error: BaseException | None) -> None:
        begun = time.perf_counter()
        try:
            self._remove_hooks()
        finally:
            with self._guarded("Ending a recorded step"):
                self._conclude(error)
            with self._guarded("Sending what was recorded to the host"):
                self.captured.lease.transfers.sent()
            self.captured.training_seconds += time.perf_counter() - begun + self._watch.seconds
            if self._watched is not None:
                self._watched.watcher.end(self._watched)

    def _remove_hooks(self) -> None:
        try:
            self._watch.end()
        except BaseException:
            # An interruption: whoever handles it gets the model as it was.
            self._watch.end()
            raise

    def _conclude(self, error: BaseException | None) -> None:
        self._watch.conclude()
        if error is not None:
            self.captured.problems.append(
                f"Step {self.captured.step} ended with {describe(error)}: "
                "what was recorded before that is here"
            )
        elif self._reports_missing:
            self._watch.report_missing()

    def _guarded(self, what: str) -> Guard:
        return Guard(self._notices, self.captured.problems, what)
