"""The flight recorder of a training: looks at each step, and has those run again that trip."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeGuard

import torch
from torch import nn
from torch.optim.optimizer import Optimizer, register_optimizer_step_pre_hook

from tb_layerview.capture.flight.gradients import largest_magnitude, not_finite_on_host
from tb_layerview.capture.flight.readings import Reading, reading_of
from tb_layerview.capture.flight.start import StepStart
from tb_layerview.capture.flight.step import WatchedStep
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
    """Watches values and gradients. Its methods may raise: they are called within a guard."""

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
        self._active: WatchedStep | None = None
        self._under_way: deque[_Watched] = deque()
        self._starts: list[StepStart] = []
        self._parameters: dict[int, str] = {}
        self._steps = 0

    @property
    def rests(self) -> bool:
        """Whether it has seen as many trips as it may, and does nothing any more."""
        return self._trips >= self._limit

    def begin(self, step: WatchedStep) -> None:
        """As `Watcher`. Values of earlier steps that have arrived by now are looked at first."""
        self._settle(all_of_them=False)
        if self.rests:
            return
        if self._steps % _REFRESH == 0:
            self._parameters = {id(p): name for name, p in self._model.named_parameters()}
        self._steps += 1
        if step.on_trip is None:
            step.start = self._starts.pop() if self._starts else StepStart(self._model)
            step.start.note()
        self._active = step

    def end(self, step: WatchedStep) -> None:
        """As `Watcher`. What the step was given lives on only while a value is under way."""
        self._active = None
        if not any(watched.step is step for watched in self._under_way):
            self._release(step)

    def look(self, step: WatchedStep, name: str, value: object) -> None:
        """As `Watcher`."""
        if self.rests or step.tripped:
            return
        reading = reading_of(value)
        if reading is None:
            self._notices.say(
                f"watch: expected one number or a real tensor of one element, received "
                f"{_described(value)}: it is not watched",
            )
            return
        self._watch(_Watched(step, name, reading))

    def before_optimizer(self, optimizer: Optimizer, _args: Any, _kwargs: Any) -> None:  # noqa: ANN401
        """Look at the gradients that an optimizer is about to apply; a hook of PyTorch's."""
        # First of all: of a compiled optimizer, what follows would be traced into its graph.
        if torch.compiler.is_compiling():
            return
        step = self._active
        if step is None or step.tripped or not self._wire.nonfinite:
            return
        with Guard(self._notices, [], "Watching the gradients"), torch.no_grad():
            here: list[torch.Tensor] = []
            elsewhere: list[torch.Tensor] = []
            for group in optimizer.param_groups:
                for parameter in group["params"]:
                    gradient = parameter.grad
                    if id(parameter) in self._parameters and _can_be_added(gradient):
                        (here if gradient.is_cpu else elsewhere).append(gradient)
            found = not_finite_on_host(here)
            if found is not None:
                name = self._name_of(found, optimizer)
                self._trip(step, f"the gradient of {name} is not finite")
            if elsewhere:
                reading = reading_of(largest_magnitude(elsewhere))
                if reading is not None:
                    self._watch(_Watched(step, _GRADIENTS, reading))

    def _name_of(self, gradient: torch.Tensor, optimizer: Optimizer) -> str:
        """That of the parameter whose `gradient` an optimizer is about to apply."""
        parameters = (p for group in optimizer.param_groups for p in group["params"])
        return next(self._parameters[id(p)] for p in parameters if p.grad is gradient)

    def settle(self) -> None:
        """Wait for all values that are under way, and look at them."""
        self._settle(all_of_them=True)

    def _watch(self, watched: _Watched) -> None:
        if watched.reading.ready() and not self._under_way:
            self._decide(watched)
        else:
            self._under_way.append(watched)

    def _settle(self, *, all_of_them: bool) -> None:
        while self._under_way:
            steps = {id(watched.step) for watched in self._under_way}
            watched = self._under_way[0]
            if not (all_of_them or len(steps) > _UNDER_WAY or watched.reading.ready()):
                return
            self._under_way.popleft()
            self._decide(watched)
            if not any(other.step is watched.step for other in self._under_way):
                self._release(watched.step)

    def _decide(self, watched: _Watched) -> None:
        value = watched.reading.value()
        reason = self._wire.reason(watched.name, value, may_spike=watched.name != _GRADIENTS)
        if reason is not None:
            self._trip(watched.step, reason)

    def _trip(self, step: WatchedStep, reason: str) -> None:
        if self.rests or step.tripped:
            return
        step.tripped = True
        self._trips += 1
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
        step.forget()


def watch_optimizers(flight: FlightRecorder) -> Callable[[], None]:
    """Have `flight` see the gradients of every optimizer's step; answers what ends that."""
    return register_optimizer_step_pre_hook(flight.before_optimizer).remove


def _can_be_added(gradient: torch.Tensor | None) -> TypeGuard[torch.Tensor]:
    """Whether it is a plain tensor: sparse ones, and shards of other processes, are let be."""
    return type(gradient) is torch.Tensor and gradient.layout is torch.strided


def _described(value: object) -> str:
    if isinstance(value, torch.Tensor):
        return f"a tensor of {value.dtype} and shape {tuple(value.shape)}"
    return repr(value)
