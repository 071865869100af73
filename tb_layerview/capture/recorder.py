"""Decides for each step of a training whether it is recorded, and sees it through."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Final

from tb_layerview.capture.captured import CapturedStep
from tb_layerview.capture.device_reduction import DeviceReducer
from tb_layerview.capture.notices import Guard, Notices
from tb_layerview.capture.plan import Planner
from tb_layerview.capture.recording import NOT_RECORDED, Recording, StepRecording
from tb_layerview.capture.report import TrainingCosts, first_step_text, report_text
from tb_layerview.capture.staging import Staging
from tb_layerview.capture.worker import Worker
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
        reducer: DeviceReducer | None = None,
    ) -> None:
        self.worker = worker
        self._costs = TrainingCosts()
        self._planner = planner
        self._notices = notices
        self._is_due = is_due
        self._staging = staging
        self._waits = waits
        self._reducer = reducer
        self._active: StepRecording | None = None
        self._last_step: int | None = None
        worker.on_first(self._log_first_step)

    def step(self, number: int, inputs: object, targets: object) -> Recording:
        """The recording of step `number`, or one that does nothing."""
        problems: list[str] = []
        due = False
        with Guard(self._notices, problems, "The function given as every"):
            due = bool(self._is_due(number))
        if not due or not self._can_record():
            return NOT_RECORDED
        with Guard(self._notices, problems, "Finding the layers again"):
            self._planner.refresh()
        captured = CapturedStep(
            step=number,
            wall_time=time.time(),
            structure=self._planner.plan.structure,
            lease=self._staging.lease(wait_while=self.worker.is_alive if self._waits else None),
            reducer=self._reducer,
            problems=problems,
        )
        return StepRecording(
            self._planner.plan,
            captured,
            self._notices,
            inputs=inputs,
            targets=targets,
            on_enter=self._enter,
            on_exit=self._leave,
        )

    def report(self) -> str:
        """Lines of text about what is recorded, and at which cost."""
        layers = len(self._planner.plan.modules)
        return report_text(layers, self._costs, self.worker.counts, self._notices.counts())

    def _log_first_step(self) -> None:
        layers = len(self._planner.plan.modules)
        counts = self._notices.counts()
        _LOGGER.info("%s", first_step_text(layers, self._costs, self.worker.counts, counts))

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
        self._active = recording
        if self._last_step is not None and number <= self._last_step:
            self._notices.say(
                f"Step {number} comes after step {self._last_step}: taken as a restart, which "
                f"replaces what was recorded from step {number} on",
                "restart",
            )

    def _leave(self, recording: StepRecording) -> None:
        self._active = None
        captured = recording.captured
        self._costs.seconds += captured.training_seconds
        self._costs.captured += 1
        needed = captured.lease.needed
        if captured.lease.full or not self.worker.is_alive():
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
        self._costs.frame_bytes = needed
        self._last_step = captured.step
        captured.skipped = self._costs.skipped
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
