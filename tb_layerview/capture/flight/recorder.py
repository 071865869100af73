"""The flight recorder of a training: looks at each step, and has those run again that trip."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import torch
from torch import nn
from torch.compiler import is_compiling, is_dynamo_compiling
from torch.optim.optimizer import Optimizer, register_optimizer_step_pre_hook

from tb_layerview.capture.flight.draws import Draws
from tb_layerview.capture.flight.gradients import AppliedGradients, largest_magnitude
from tb_layerview.capture.flight.readings import Reading, number_at_once, reading_of
from tb_layerview.capture.flight.start import StepStart
from tb_layerview.capture.flight.step import Again, WatchedStep
from tb_layerview.capture.flight.trips import TripWire
from tb_layerview.capture.notices import Guard, Notices

_GRADIENTS: Final = "the largest magnitude of the gradients"

_UNDER_WAY: Final = 2
"""Steps of an accelerator whose values need not have arrived: the training is not that far ahead,
and each may need a copy of the parameters."""

_REFRESH: Final = 256
"""Steps after which the parameters of the model are listed anew."""

RunAgain = Callable[[WatchedStep, str], None]


class _Watched(NamedTuple):
    step: WatchedStep
    name: str
    reading: Reading


class FlightRecorder:
    """Watches values and gradients. What the training calls of it never raises."""

    def __init__(
        self, model: nn.Module, wire: TripWire, limit: int, notices: Notices, run_again: RunAgain
    ) -> None:
        """Of `model`; at most `limit` steps that trip the `wire` are given to `run_again`."""
        self._model = model
        self._wire = wire
        self._limit = limit
        self._notices = notices
        self._run_again = run_again
        self._trips = 0
        self.rests = False
        """Whether it has seen as many trips as it may, and does nothing any more."""
        self._active: WatchedStep | None = None
        self._under_way: deque[_Watched] = deque()
        self._starts: list[StepStart] = []
        self._draws = Draws()
        self._parameters: dict[int, str] = {}
        self._applied: dict[int, AppliedGradients] = {}
        self._steps = 0

    def begin(self, step: WatchedStep) -> None:
        """As `Watcher`. Values of earlier steps that have arrived by now are looked at first."""
        step.runs = True
        try:
            if self._under_way:
                self._settle(all_of_them=False)
            if self.rests:
                return
            if self._steps % _REFRESH == 0:
                self._list_parameters()
                self._applied.clear()
            self._steps += 1
            if step.on_trip is None:
                step.start = self._starts.pop() if self._starts else StepStart(self._model)
                step.start.note(draws=self._draws.are_likely or not self._draws.unseen)
            self._active = step
        except Exception as error:  # noqa: BLE001 - none of ours may end the training
            self._failed(error)

    def end(self, step: WatchedStep) -> None:
        """As `Watcher`. What the step was given lives on only while a value is under way."""
        self._active = None
        step.runs = False
        if step.start is not None:
            if self._draws.unseen:
                self._draws.unseen -= 1
            else:
                self._see_draws(step.start)
        if not (self._under_way and any(watched.step is step for watched in self._under_way)):
            self._release(step)

    def look(self, step: WatchedStep, value: object, again: Again | None, name: str) -> None:
        """As `Watcher`."""
        # First of all: of a compiled step, what follows would be traced into its graph.
        if is_dynamo_compiling():
            return
        try:
            if not step.runs:
                self._notices.say(f"watch: {name} is not watched: it was given outside of its step")
                return
            if again is not None:
                if callable(again):
                    step.again = again
                else:
                    self._refuse(again)
            if step.tripped or self.rests:
                return
            number = number_at_once(value)
            if number is None or self._under_way:
                self._look_later(step, value, name)
            elif self._wire.spreads is not None or number - number != 0.0:
                self._decide(step, name, number)
        except Exception as error:  # noqa: BLE001 - none of ours may end the training
            self._failed(error)

    def before_optimizer(self, optimizer: Optimizer, _args: Any, _kwargs: Any) -> None:  # noqa: ANN401
        """Look at the gradients that an optimizer is about to apply; a hook of PyTorch's."""
        if is_dynamo_compiling():
            return
        step = self._active
        if step is None or step.tripped:
            return
        try:
            groups = optimizer.param_groups
            applied = self._applied.get(id(groups))
            if applied is None or applied.count != len(groups):
                applied = self._applied[id(groups)] = self._applied_of(groups)
            seem_finite, elsewhere = applied.look()
            if not seem_finite:
                found = applied.first_not_finite()
                if found is not None:
                    name = self._parameters[id(found)]
                    self._trip(step, f"the gradient of {name} is not finite")
            if elsewhere:
                reading = reading_of(largest_magnitude(elsewhere))
                if reading is not None:
                    self._watch(_Watched(step, _GRADIENTS, reading))
        except Exception as error:  # noqa: BLE001 - none of ours may end the training
            self._failed(error, "Watching the gradients")

    def _applied_of(self, groups: list[dict[str, Any]]) -> AppliedGradients:
        # What is not known may be of another model, or of a layer that took another one's place.
        if any(id(p) not in self._parameters for group in groups for p in group["params"]):
            self._list_parameters()
        return AppliedGradients(groups, self._parameters)

    def _list_parameters(self) -> None:
        self._parameters = {id(p): name for name, p in self._model.named_parameters()}

    def _see_draws(self, start: StepStart) -> None:
        try:
            self._draws.saw(drew=start.drew())
        except Exception as error:  # noqa: BLE001 - none of ours may end the training
            self._failed(error)

    def settle(self) -> None:
        """Wait for all values that are under way, and look at them."""
        self._settle(all_of_them=True)

    def _refuse(self, again: object) -> None:
        self._notices.say(
            f"watch: expected again to be a function without arguments, received {again!r}"
        )

    def _look_later(self, step: WatchedStep, value: object, name: str) -> None:
        # Other tracers than Dynamo have tensors of their own: only those come here.
        if is_compiling():
            return
        reading = reading_of(value)
        if reading is None:
            self._notices.say(
                f"watch: expected one number or a real tensor of one element, received "
                f"{_described(value)}: it is not watched",
            )
            return
        self._watch(_Watched(step, name, reading))

    def _watch(self, watched: _Watched) -> None:
        if watched.reading.ready() and not self._under_way:
            self._decide(watched.step, watched.name, watched.reading.value())
        else:
            self._under_way.append(watched)

    def _settle(self, *, all_of_them: bool) -> None:
        while self._under_way:
            steps = {id(watched.step) for watched in self._under_way}
            watched = self._under_way[0]
            if not (all_of_them or len(steps) > _UNDER_WAY or watched.reading.ready()):
                return
            self._under_way.popleft()
            self._decide(watched.step, watched.name, watched.reading.value())
            if not any(other.step is watched.step for other in self._under_way):
                self._release(watched.step)

    def _decide(self, step: WatchedStep, name: str, value: float) -> None:
        reason = self._wire.reason(name, value, may_spike=name != _GRADIENTS)
        if reason is not None:
            self._trip(step, reason)

    def _trip(self, step: WatchedStep, reason: str) -> None:
        if self.rests or step.tripped:
            return
        step.tripped = True
        self._trips += 1
        self.rests = self._trips >= self._limit
        if step.on_trip is not None:
            step.on_trip(reason)
        else:
            self._run_again(step, reason)
        if self.rests:
            self._notices.say(
                f"The flight recorder rests: it has seen {self._trips} steps that went wrong, as "
                "many as max_trips allows"
            )

    def _release(self, step: WatchedStep) -> None:
        """Let go of what the step was given."""
        if step.start is not None:
            self._starts.append(step.start)
        step.inputs = step.targets = step.predicted = step.again = step.start = None

    def _failed(self, error: Exception, what: str = "Watching a step") -> None:
        Guard(self._notices, [], what).failed(error)


def watch_optimizers(flight: FlightRecorder) -> Callable[[], None]:
    """Have `flight` see the gradients of every optimizer's step; answers what ends that."""
    return register_optimizer_step_pre_hook(flight.before_optimizer).remove


def _described(value: object) -> str:
    if isinstance(value, torch.Tensor):
        return f"a tensor of {value.dtype} and shape {tuple(value.shape)}"
    return repr(value)
