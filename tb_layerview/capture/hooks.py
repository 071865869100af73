"""Forward hooks that exist while a step is recorded, and not a moment longer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from torch import nn
from torch.utils.hooks import RemovableHandle

from tb_layerview.capture.notices import Guard, Notices
from tb_layerview.capture.plan import Plan
from tb_layerview.capture.structure import Place

OnOutput = Callable[[Sequence[Place], object], None]
"""Called with all places of a module and with what its forward returned."""

OnRoot = Callable[[object], None]
"""Called with the positional and keyword arguments of the root's forward before it runs."""


class ForwardHooks:
    """The hooks of one step. What goes wrong inside of one is said, and never raised."""

    def __init__(self, notices: Notices, problems: list[str]) -> None:
        self._notices = notices
        self._problems = problems
        self._handles: list[RemovableHandle] = []
        self.seconds = 0.0
        """Time spent in the hooks of outputs so far."""

    def attach(self, plan: Plan, on_root: OnRoot, on_output: OnOutput) -> None:
        """Hook the root of `plan` and every chosen module."""
        with self._guard("Hooking the model"):
            self._attach_root(plan.model, on_root)
        for module, places in plan.modules.items():
            guard = self._guard(f"Recording the output of {places[0].path or 'the model'}")
            with guard:
                self._attach_module(module, places, guard, on_output)

    def remove(self) -> None:
        """Remove all hooks."""
        while self._handles:
            self._handles.pop().remove()

    def _guard(self, what: str) -> Guard:
        return Guard(self._notices, self._problems, what)

    def _attach_root(self, model: nn.Module, on_root: OnRoot) -> None:
        guard = self._guard("Looking at the inputs of the model")

        def before_forward(
            _module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
        ) -> None:
            with guard:
                on_root((args, kwargs))

        self._handles.append(model.register_forward_pre_hook(before_forward, with_kwargs=True))

    def _attach_module(
        self, module: nn.Module, places: Sequence[Place], guard: Guard, on_output: OnOutput
    ) -> None:
        def after_forward(_module: nn.Module, _args: tuple[Any, ...], output: object) -> None:
            begun = time.perf_counter()
            with guard:
                on_output(places, output)
            self.seconds += time.perf_counter() - begun

        self._handles.append(module.register_forward_hook(after_forward))
