"""Decides for each step of a training whether it is recorded, and sees it through."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from torch import nn

from tb_layerview.capture.captured import CapturedStep
from tb_layerview.capture.flight.recorder import FlightRecorder, watch_optimizers
from tb_layerview.capture.flight.replay import run_again
from tb_layerview.capture.flight.step import WatchedStep
from tb_layerview.capture.flight.trips import TripWire
from tb_layerview.capture.flight.watched import WatchedRecording
from tb_layerview.capture.hooks import ForwardHooks
from tb_layerview.capture.notices import Guard, Notices
from tb_layerview.capture.plan import Planner
from tb_layerview.capture.probe import Probe
from tb_layerview.capture.recording import NOT_RECORDED, Recording, StepRecording
from tb_layerview.capture.reduction import Reducer
from tb_layerview.capture.report import TrainingCosts, first_step_text, report_text
from tb_layerview.capture.staging import Staging
from tb_layerview.capture.worker import Worker
from tb_layerview.capture.wrappers import unwrapped
from tb_layerview.errors import ArgumentError

_LOGGER: Final = logging.getLogger("tb_layerview")

_NO_WORKER: Final = (
    "A step is not recorded: the thread that writes has ended, because the LayerView was closed "
    "or this process was forked"
)


class Recorder:
    """The recording of one model into one run."""

    def __init__(
        self,
        planner: Planner,
        is_due: Callable[[int], bool],
        staging: Staging,
        worker: Worker,
        notices: Notices,
        *,
        waits: bool,
        reducer: Reducer | None = None,
        of_probe: bool = False,
    ) -> None:
        self.worker = worker
        self._costs = TrainingCosts()
        self._planner = planner
        self._hooks = ForwardHooks(planner.plan, notices)
        self._notices = notices
        self._is_due = is_due
        self._staging = staging
        self._waits = waits
        self._reducer = reducer
        self._active: StepRecording | None = None
        self._last_step: int | None = None
        self._of_probe = of_probe
        self.flight: FlightRecorder | None = None
        self.probe: Probe | None = None
        worker.on_first(self._log_first_step)

    def step(self, number: int, inputs: object, targets: object) -> Recording:
        """The recording of step `number`, or one that does nothing."""
        problems: list[str] = []
        # Here and in what it calls for a step that is not due, little is done, and that without
        # contexts and helpers: after a step of the training, code is out of the processor's caches.
        try:
            due = bool(self._is_due(number))
        except Exception as error:  # noqa: BLE001 - the user's code
            due = False
            Guard(self._notices, problems, "The function given as every").failed(error)
        flight = self.flight
        watched = None
        if flight is not None and not flight.rests:
            watched = WatchedRecording(number, flight, inputs, targets)
        if due and self._can_record():
            # The frame of an earlier step must be written before that of this one.
            self.settle()
            if self.probe is not None:
                self.probe.run(number)
            return self._recording(number, inputs, targets, problems, watched)
        return NOT_RECORDED if watched is None else watched

    def watch(self, model: nn.Module, wire: TripWire, limit: int) -> Callable[[], None] | None:
        """Watch the steps that are not due, too; answers what ends that, if anything has to.

        At most `limit` of those that trip the `wire` are recorded.
        """

        def run(step: WatchedStep, reason: str) -> None:
            run_again(model, step, reason, self._everything, self._notices)

        self.flight = FlightRecorder(unwrapped(model), wire, limit, self._notices, run)
        return watch_optimizers(self.flight) if wire.nonfinite else None

    def settle(self) -> None:
        """Wait for the values that the flight recorder was given, and record what trips."""
        if self.flight is not None and self.worker.is_alive():
            with Guard(self._notices, [], "Watching a step"):
                self.flight.settle()

    def _everything(self, step: WatchedStep, reason: str) -> StepRecording:
        """The recording of all that the model has, in which a step is run again."""
        recording = self._recording(
            step.number, step.inputs, step.targets, [], None, everything=True
        )
        recording.captured.mark = reason
        return recording

    def _recording(
        self,
        number: int,
        inputs: object,
        targets: object,
        problems: list[str],
        watched: WatchedStep | None,
        *,
        everything: bool = False,
    ) -> StepRecording:
        with Guard(self._notices, problems, "Finding the layers again"):
            self._planner.refresh()
        plan, hooks = self._planner.plan, self._hooks
        if everything:
            plan = plan.of_everything()
            hooks = ForwardHooks(plan, self._notices)
        elif hooks.plan is not plan:
            hooks = self._hooks = ForwardHooks(plan, self._notices)
        waits = self._waits or everything
        captured = CapturedStep(
            step=number,
            wall_time=time.time(),
            structure=plan.structure,
            lease=self._staging.lease(wait_while=self.worker.is_alive if waits else None),
            reducer=self._reducer,
            problems=problems,
        )
        if watched is not None:
            watched.on_trip = captured.tripped
        return StepRecording(
            plan,
            hooks,
            captured,
            self._notices,
            inputs=inputs,
            targets=targets,
            on_enter=self._enter,
            on_exit=self._leave,
            watched=watched,
            # Of everything there is, nobody expects that all of it comes.
            reports_missing=not (self._of_probe or everything),
        )

    def report(self) -> str:
        """Lines of text about what is recorded, and at which cost."""
        layers = len(self._planner.plan.modules)
        text = report_text(
            layers,
            self._costs,
            self.worker.counts,
            self._notices.counts(),
            self.worker.usage(),
        )
        return text if self.probe is None else f"{text}\n{self.probe.report()}"

    def _log_first_step(self) -> None:
        layers = len(self._planner.plan.modules)
        counts = self._notices.counts()
        _LOGGER.info(
            "%s",
            first_step_text(
                layers, self._costs, self.worker.counts, counts, of_probe=self._of_probe
            ),
        )

    def _can_record(self) -> bool:
        if not self.worker.is_alive():
            self._skip(_NO_WORKER, subject="worker")
            return False
        if not self._waits and not self._staging.has_room(self._costs.frame_bytes):
            self._skip_full_queue()
            return False
        return True

    def _enter(self, recording: StepRecording) -> None:
        number = recording.captured.step
        if self._active is not None:
            raise ArgumentError("step", "one that begins after the step before it ended", number)
        if self._last_step is not None and number <= self._last_step:
            self._notices.say(
                f"Step {number} comes after step {self._last_step}: taken as a restart, which "
                f"replaces what was recorded from step {number} on",
                "restart",
            )
        self._active = recording

    def _leave(self, recording: StepRecording) -> None:
        try:
            self._hand_over(recording)
        except BaseException:
            # An interruption: as long as the step is the active one, no other can begin.
            if self._active is recording:
                self._hand_over(recording)
            raise

    def _hand_over(self, recording: StepRecording) -> None:
        captured = recording.captured
        self._costs.seconds += captured.training_seconds
        self._costs.captured += 1
        needed = captured.lease.needed
        if captured.lease.full or not self.worker.is_alive():
            self._active = None
            captured.lease.release()
            if needed > self._staging.capacity:
                self._skip(
                    f"A step is not recorded: it needs {needed:,} bytes and queue_bytes is "
                    f"{self._staging.capacity:,}; allow more, or choose fewer layers",
                    subject="too large",
                )
            elif captured.lease.full:
                self._skip_full_queue()
            else:
                self._skip(_NO_WORKER, subject="worker")
            return
        if captured.lease.spared > 0:
            self._notices.say(
                f"A step needs {needed + captured.lease.spared:,} bytes and queue_bytes is "
                f"{self._staging.capacity:,}, of which three quarters are for whole tensors: those "
                "for which there is no room are measured by the training thread, which takes it "
                "longer, and of some less is kept; allow more, or choose fewer layers",
                "measured where they are",
            )
        self._costs.frame_bytes = needed
        self._last_step = captured.step
        captured.skipped = self._costs.skipped
        self._active = None
        self.worker.submit(captured)

    def _skip_full_queue(self) -> None:
        self._skip(
            "A step is not recorded: the disk is slower than the training and the queue is full; "
            "raise every or queue_bytes, choose fewer layers, or wait with when_full='wait'",
            subject="queue",
        )

    def _skip(self, sentence: str, *, subject: str) -> None:
        self._costs.skipped += 1
        self._notices.say(sentence, subject)
