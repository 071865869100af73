"""All that is watched while one step runs: calls, gradients and taps."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

import torch

from tb_layerview.capture.calls import Call, Calls
from tb_layerview.capture.captured import CapturedStep
from tb_layerview.capture.collector import Collector
from tb_layerview.capture.compiled import EagerCode
from tb_layerview.capture.hooks import ForwardHooks
from tb_layerview.capture.intake import Intake
from tb_layerview.capture.notices import Guard, Notices
from tb_layerview.capture.output_gradients import OutputGradients
from tb_layerview.capture.parameter_gradients import ParameterGradients
from tb_layerview.capture.plan import STATE_KINDS, Plan
from tb_layerview.capture.prompt import PromptOutputs
from tb_layerview.capture.state import State
from tb_layerview.capture.taps import ignore, listen

_STEPS_ON_END: Final = 3
"""Who accumulates gradients has not so many recorded steps on end in which an optimizer steps."""


class StepWatch:
    """Between `begin` and `end` it is told what the model does; none of it raises."""

    def __init__(
        self, plan: Plan, hooks: ForwardHooks, captured: CapturedStep, notices: Notices
    ) -> None:
        self._kinds = plan.kinds
        self._plan = plan
        self._notices = notices
        self._captured = captured
        self._problems = captured.problems
        self._intake = Intake(captured, notices)
        self._calls = Calls()
        self._tap_guard = self._guard("Recording a tap")
        self._tap_seconds = 0.0
        self.collector = Collector(plan, self._intake)
        self.state = State(plan, self._intake)
        self.outputs = PromptOutputs(self._intake, self._calls, self.collector.was_called)
        self._hooks = hooks
        self._eager = EagerCode()
        guard = self._guard("Recording the gradients")
        self._parameter_gradients = ParameterGradients(plan, self._intake, guard)
        self._output_gradients = OutputGradients(self._intake, self._calls, guard)

    @property
    def seconds(self) -> float:
        """Time spent within forward and backward so far."""
        return sum(
            (
                self._hooks.seconds,
                self._tap_seconds,
                self._parameter_gradients.seconds,
                self._output_gradients.seconds,
            )
        )

    def begin(self) -> None:
        """Hook the model and its parameters, listen to taps, and copy what was placed."""
        if self._kinds - STATE_KINDS or self._hooks.sees_calls:
            with self._guard("Making compiled code run eagerly"):
                self._eager.begin()
        with self._guard("Hooking the model"):
            self.outputs.prepare(self._hooks.leaves, self._hooks.likes)
            self._hooks.attach(self, self._calls, self._problems)
        if "grad" in self._kinds:
            with self._guard("Hooking the parameters"):
                self._parameter_gradients.attach()
        if "tap" in self._kinds:
            listen(self)
        # Last, as what is copied drives all else out of the processor's caches.
        with self._guard("Recording the parameters and buffers"):
            self._intake.run()

    def end(self) -> None:
        """Leave nothing of this behind in the model or in a graph."""
        with self._guard("Letting compiled code run again"):
            self._eager.end()
        ignore(self)
        self._hooks.remove()
        self._parameter_gradients.remove()
        self._output_gradients.remove()

    def conclude(self) -> None:
        """Take what is only known when the step has ended."""
        with self._guard("Recording the outputs"):
            self._intake.settle()
            self._captured.lease.drop_ahead()
            self._hooks.likes = self.outputs.likes
        if "grad" in self._kinds:
            with self._guard("Recording the gradients"):
                self._parameter_gradients.conclude()
        with self._guard("Measuring the updates of the parameters"):
            self._captured.update_rms = self.state.updates()
        with self._guard("Measuring the updates of the parameters on their devices"):
            self._captured.update_sums = self.state.device_updates()
        # PyTorch swaps no tensor to which there is a weak reference, as `Module.to` may want to.
        self._intake.forget()
        self._parameter_gradients.forget()

    def gradients(self, pairs: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> None:
        """Take gradients that no backward accumulates, each after its parameter."""
        self._parameter_gradients.given(pairs)

    def report_missing(self) -> None:
        """Say what was asked for and did not come."""
        hidden = self._plan.hidden
        if hidden is not None and self._kinds - STATE_KINDS:
            self._intake.say(hidden, subject=hidden)
        self.collector.report_unfired()
        gradients = {
            "grad": self._parameter_gradients.fired,
            "output_grad": self._output_gradients.fired,
        }
        missing = [kind for kind, fired in gradients.items() if kind in self._kinds and not fired]
        if missing:
            self._intake.say(
                f"Nothing of kind {' or '.join(missing)}: in this step no gradient came to the "
                "chosen layers",
                subject="no gradients",
            )
        adds = self._parameter_gradients.adds_to_older
        if self._notices.on_end("older gradients", holds=adds) >= _STEPS_ON_END:
            self._intake.say(
                "Gradients are added to those of earlier steps, which the optimizer had applied, "
                f"in {_STEPS_ON_END} recorded steps on end: zero_grad() is missing",
                subject="older gradients",
            )
        if "tap" in self._kinds and not self.collector.tapped_any:
            self._intake.say(
                "Nothing of kind tap: in this step the forward of no chosen layer called tap",
                subject="no taps",
            )

    def root_called(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """As `hooks.Watcher`. Frames hold what made the outputs beside it: the first call's."""
        if not self.collector.root_ran:
            with self._intake.lock:
                self.state.renew()
        self.collector.root_called(args, kwargs)

    def called(self, call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """As `hooks.Watcher`. What gradient checkpointing repeats is no other call."""
        if call.segment is None:
            self.collector.called(call, args, kwargs)

    def returned(self, call: Call, output: object) -> None:
        """As `hooks.Watcher`."""
        if call.segment is None:
            self.outputs.note(call.module, output)
            self.collector.returned(call, output)
        if "output_grad" in self._kinds:
            self._output_gradients.watch(call, output)

    def innermost(self) -> Call | None:
        """As `taps.Listener`."""
        return self._calls.innermost()

    def tapped(self, call: Call, value: object, name: str) -> None:
        """As `taps.Listener`."""
        begun = time.perf_counter()
        with self._tap_guard:
            if call.places and call.segment is None:
                self.collector.tapped(call, value, name)
        self._tap_seconds += time.perf_counter() - begun

    def _guard(self, what: str) -> Guard:
        return Guard(self._notices, self._problems, what)
