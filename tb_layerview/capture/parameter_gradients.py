"""Gradients of parameters, copied as backward accumulates them.

Each is copied once for each backward of the step, over the copy before: the last one is recorded.
"""

from __future__ import annotations

import time
import weakref
from collections.abc import Iterable

import torch
from torch.nn.parameter import is_lazy
from torch.utils.hooks import RemovableHandle

from tb_layerview.capture.averaging import after_backward, is_averaged_later
from tb_layerview.capture.captured import Spot
from tb_layerview.capture.hooks import remove_all
from tb_layerview.capture.intake import Intake
from tb_layerview.capture.notices import Guard
from tb_layerview.capture.plan import Plan
from tb_layerview.capture.staged import Staged
from tb_layerview.capture.structure import own_parameters
from tb_layerview.capture.tensors import PLAIN, version_of


class ParameterGradients:
    """Gradients of the chosen parameters, as they are after backward has accumulated them."""

    def __init__(self, plan: Plan, intake: Intake, guard: Guard) -> None:
        self._plan = plan
        self._intake = intake
        self._guard = guard
        self._parameters: dict[int, _Parameter] = {}
        self._handles: list[RemovableHandle] = []
        self._arrived: list[_Parameter] = []
        self.seconds = 0.0
        """Time spent in the hooks so far."""

    def attach(self) -> None:
        """Hook every chosen parameter that may get a gradient."""
        for place in self._plan.places:
            for name, tensor in own_parameters(place.module):
                known = self._parameters.get(id(tensor))
                if known is not None:
                    known.spots.append(Spot(place, name))
                    continue
                parameter = _Parameter(tensor, [Spot(place, name)])
                self._parameters[id(tensor)] = parameter
                if parameter.can_be_hooked:
                    self._hook(parameter)

    def remove(self) -> None:
        """Remove all hooks. If it was interrupted, it may be called again."""
        remove_all(self._handles, self._guard)

    @property
    def fired(self) -> bool:
        """Whether any parameter got a gradient."""
        return any(parameter.fired for parameter in self._parameters.values())

    def conclude(self) -> None:
        """Take what came without backward, at the end of the step."""
        with self._intake.lock:
            for parameter in self._parameters.values():
                if not parameter.fired and parameter.was_written():
                    self._take(parameter)
            self._intake.run()

    def _hook(self, parameter: _Parameter) -> None:
        tensor = parameter.tensor

        def accumulated(_: torch.Tensor) -> None:
            # It is called for each parameter within backward: it does no more than it must.
            if parameter.is_shared or not self._arrived:
                self._accumulated(parameter)
            self._arrived.append(parameter)

        handle = tensor.register_post_accumulate_grad_hook(accumulated)
        self._handles.append(handle)
        # A hook of the user may run the optimizer and drop the gradient: ours comes first. PyTorch
        # calls them in the order in which its dictionary got them, and has no other way to ask.
        hooks = tensor._post_accumulate_grad_hooks  # noqa: SLF001
        if len(hooks) > 1:
            parameter.is_shared = True
            for other in [key for key in hooks if key != handle.id]:
                hooks[other] = hooks.pop(other)

    def _accumulated(self, parameter: _Parameter) -> None:
        begun = time.perf_counter()
        with self._guard:
            if parameter.is_shared:
                self._take_now([parameter])
            # The others wait for the end of backward: between its operations the memory of each
            # look at a tensor has left the processor's caches, which costs more than the copy.
            if not self._arrived:
                after_backward(self._backward_ended)
        self.seconds += time.perf_counter() - begun

    def _backward_ended(self) -> None:
        begun = time.perf_counter()
        arrived, self._arrived = self._arrived, []
        with self._guard:
            self._take_now(
                parameter
                for parameter in arrived
                if not parameter.is_shared or is_averaged_later(parameter.tensor)
            )
        self.seconds += time.perf_counter() - begun

    def _take_now(self, parameters: Iterable[_Parameter]) -> None:
        with self._intake.lock:
            fresh: list[_Parameter] = []
            gradients: list[tuple[list[Spot], torch.Tensor, str]] = []
            # Checkpoints within one backward accumulate into the same gradient several times.
            for parameter in dict.fromkeys(parameters):
                gradient = parameter.tensor.grad
                if gradient is None:
                    continue
                if parameter.fired:
                    self._place(parameter, gradient)
                else:
                    parameter.fired = True
                    fresh.append(parameter)
                    gradients.append((parameter.spots, gradient, "grad"))
            places = self._intake.place_each(gradients, shared=False)
            for parameter, staged in zip(fresh, places, strict=True):
                parameter.staged = staged
            self._intake.run()

    def given(self, gradients: Iterable[tuple[torch.Tensor, torch.Tensor]]) -> None:
        """Take gradients that were computed, not accumulated; each stands after its parameter."""
        with self._intake.lock:
            for tensor, gradient in gradients:
                parameter = self._parameters.get(id(tensor))
                if parameter is not None:
                    self._place(parameter, gradient)
            self._intake.run()

    def _take(self, parameter: _Parameter) -> None:
        gradient = parameter.tensor.grad
        if gradient is not None:
            self._place(parameter, gradient)

    def _place(self, parameter: _Parameter, gradient: torch.Tensor) -> None:
        parameter.fired = True
        parameter.staged = self._intake.place_again(
            parameter.staged, parameter.spots, gradient, "grad"
        )


class _Parameter:
    """A parameter, where it stands, and its gradient when the step began.

    ``can_be_hooked`` says whether backward can accumulate a gradient into it: one that is not
    initialized yet is looked at in the end. ``is_shared`` says whether the user has hooks of the
    same kind on it.
    """

    __slots__ = (
        "before", "can_be_hooked", "fired", "is_shared", "spots", "staged", "tensor", "version",
    )  # fmt: skip

    def __init__(self, tensor: torch.Tensor, spots: list[Spot]) -> None:
        self.tensor = tensor
        self.spots = spots
        self.fired = False
        self.is_shared = False
        self.staged: Staged | None = None
        self.before: weakref.ref[torch.Tensor] | None = None
        self.version: int | None = None
        lazy = type(tensor) not in PLAIN and is_lazy(tensor)
        self.can_be_hooked = not lazy and tensor.requires_grad and tensor.is_leaf
        gradient = None if lazy else tensor.grad
        if gradient is not None:
            self.before, self.version = weakref.ref(gradient), version_of(gradient)

    def was_written(self) -> bool:
        """Whether the gradient is one of this step, though no backward accumulated it.

        One that was only zeroed is not: nor does `Optimizer.zero_grad` make a gradient.
        """
        gradient = None if is_lazy(self.tensor) else self.tensor.grad
        if gradient is None:
            return False
        if self.before is None or self.before() is not gradient:
            return True
        if version_of(gradient) == self.version:
            return False
        return gradient.layout is not torch.strided or bool(gradient.detach().any())
