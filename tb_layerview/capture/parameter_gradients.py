"""Gradients of parameters, copied as backward accumulates them.

Each is copied once for each backward of the step, over the copy before: the last one is recorded.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterable
from functools import partial
from operator import attrgetter
from typing import Final

import torch
from torch.nn.parameter import is_lazy

from tb_layerview.capture.averaging import after_backward, is_averaged_later
from tb_layerview.capture.gradient_hooks import GradientHooks, Hook, has_hooks
from tb_layerview.capture.intake import Intake
from tb_layerview.capture.notices import Guard
from tb_layerview.capture.older_gradients import OlderGradient
from tb_layerview.capture.plan import Plan
from tb_layerview.capture.staged import Staged
from tb_layerview.capture.tensors import PLAIN, version_of

_LOOK: Final = attrgetter("requires_grad", "is_leaf", "grad")

_running_backward: Final = torch._C._current_graph_task_id  # noqa: SLF001 - as in `calls`


class ParameterGradients:
    """Gradients of the chosen parameters, as they are after backward has accumulated them.

    Parameters are told apart by their positions in the inventory.
    """

    def __init__(self, plan: Plan, intake: Intake, guard: Guard) -> None:
        self._inventory = plan.parameters
        self._intake = intake
        self._guard = guard
        self._parameters: list[torch.Tensor] = []
        self._before: dict[int, tuple[weakref.ref[torch.Tensor], int | None]] = {}
        """Gradients that were there when the step began, and their versions."""
        self._shared: set[int] = set()
        """Parameters that the user has hooks of the same kind on."""
        self._staged: dict[int, Staged | None] = {}
        """The copies of those that got gradients."""
        self._older = OlderGradient()
        self.adds_to_older = False
        """Whether gradients were added to older ones, and the sum was applied; known in the end."""
        self._hooks = GradientHooks()
        self._backward: int | None = None
        """That in which a gradient arrived last, if it goes on."""
        self._arrived: list[torch.Tensor] = []
        """Parameters that got theirs in it."""
        self._arrived_in: dict[int, list[torch.Tensor]] = {}
        """Those of each backward that has not come to its end: one may run within another, and one
        that raised never will."""
        self.seconds = 0.0
        """Time spent in the hooks so far."""

    def attach(self) -> None:
        """Hook every chosen parameter that may get a gradient."""
        self._parameters = self._inventory.tensors()

        def note(parameter: torch.Tensor) -> None:
            # It is called for each parameter within backward: it does no more than it must.
            backward = _running_backward()
            if backward != self._backward:
                self._arrival_begun(backward)
            self._arrived.append(parameter)

        for position, parameter in enumerate(self._parameters):
            # One that is not initialized yet is looked at in the end.
            if type(parameter) not in PLAIN and is_lazy(parameter):
                continue
            requires_grad, is_leaf, gradient = _LOOK(parameter)
            if gradient is not None:
                self._before[position] = weakref.ref(gradient), version_of(gradient)
                if self._older.parameter is None:
                    self._older.found(parameter, gradient)
            if not (requires_grad and is_leaf):
                continue
            if has_hooks(parameter):
                self._shared.add(position)
                self._hooks.put(parameter, self._at_once(position, note))
            else:
                self._hooks.put(parameter, note)

    def remove(self) -> None:
        """Remove all hooks. If it was interrupted, it may be called again."""
        self._hooks.remove(self._guard)

    @property
    def fired(self) -> bool:
        """Whether any parameter got a gradient."""
        return bool(self._staged)

    def conclude(self) -> None:
        """Take what came without backward, at the end of the step."""
        self.adds_to_older = self._older.is_applied()
        if len(self._staged) == len(self._parameters):
            return
        with self._intake.lock:
            for position in range(len(self._parameters)):
                if position not in self._staged and self._was_written(position):
                    self._take(position)
            self._intake.run()

    def forget(self) -> None:
        """Let go of the gradients that were there before."""
        self._before.clear()
        self._older.forget()

    def given(self, gradients: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> None:
        """Take gradients that were computed, not accumulated; each stands after its parameter."""
        with self._intake.lock:
            for tensor, gradient in gradients:
                position = self._inventory.index.get(id(tensor))
                if position is not None and self._parameters:
                    self._place(position, gradient)
            self._intake.run()

    def _at_once(self, position: int, note: Hook) -> Hook:
        """The hook of a parameter that the user has hooks on, too: these may drop its gradient."""

        def take(parameter: torch.Tensor) -> None:
            begun = time.perf_counter()
            with self._guard:
                self._take_now([position])
            self.seconds += time.perf_counter() - begun
            note(parameter)

        return take

    def _arrival_begun(self, backward: int) -> None:
        begun = time.perf_counter()
        self._backward = backward
        self._arrived = self._arrived_in.setdefault(backward, [])
        if not self._arrived:
            with self._guard:
                # Gradients wait for the end of backward: between its operations the memory of each
                # look at a tensor has left the processor's caches, which costs more than the copy.
                after_backward(partial(self._backward_ended, backward))
        self.seconds += time.perf_counter() - begun

    def _backward_ended(self, backward: int) -> None:
        begun = time.perf_counter()
        index, shared = self._inventory.index, self._shared
        arrived = self._arrived_in.pop(backward, [])
        self._backward = None
        with self._guard:
            looked_at = self._older.parameter
            if looked_at is not None and any(each is looked_at for each in arrived):
                self._older.arrived()
            # Checkpoints within one backward accumulate into the same gradient several times.
            positions = sorted({index[id(parameter)] for parameter in arrived})
            if shared:
                positions = [
                    position
                    for position in positions
                    if position not in shared or is_averaged_later(self._parameters[position])
                ]
            self._take_now(positions)
        self.seconds += time.perf_counter() - begun

    def _take_now(self, positions: Iterable[int]) -> None:
        with self._intake.lock:
            fresh: list[int] = []
            gradients: list[torch.Tensor] = []
            for position in positions:
                gradient = self._parameters[position].grad
                if gradient is None:
                    continue
                if position in self._staged:
                    self._place(position, gradient)
                else:
                    fresh.append(position)
                    gradients.append(gradient)
            group = self._inventory.gradients(tuple(fresh))
            placed = self._intake.place_group(group, gradients, shared=False)
            self._staged.update(zip(fresh, placed.places, strict=True))
            self._intake.run()

    def _take(self, position: int) -> None:
        gradient = self._parameters[position].grad
        if gradient is not None:
            self._place(position, gradient)

    def _place(self, position: int, gradient: torch.Tensor) -> None:
        spots = self._inventory.group.stands[position].spots
        before = self._staged.get(position)
        self._staged[position] = self._intake.place_again(before, spots, gradient, "grad")

    def _was_written(self, position: int) -> bool:
        """Whether the gradient is one of this step, though no backward accumulated it.

        One that was only zeroed is not: nor does `Optimizer.zero_grad` make a gradient.
        """
        parameter = self._parameters[position]
        gradient = None if is_lazy(parameter) else parameter.grad
        if gradient is None:
            return False
        before, version = self._before.get(position, (None, None))
        if before is None or before() is not gradient:
            return True
        if version_of(gradient) == version:
            return False
        return gradient.layout is not torch.strided or bool(gradient.detach().any())
