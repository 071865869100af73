"""Hooks of modules that exist while a step is recorded, and not a moment longer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol

from torch import nn
from torch.utils.hooks import RemovableHandle

from tb_layerview.capture.calls import Call, Calls
from tb_layerview.capture.notices import Guard, Notices
from tb_layerview.capture.plan import Plan
from tb_layerview.capture.structure import Place

Args = tuple[Any, ...]
Kwargs = dict[str, Any]


class Watcher(Protocol):
    """What is told of the calls of modules. What it raises is said, and goes no further."""

    def root_called(self, args: Args, kwargs: Kwargs) -> None:
        """The model itself is called with these arguments."""
        ...

    def called(self, call: Call, args: Args, kwargs: Kwargs) -> None:
        """A chosen module is called with these arguments."""
        ...

    def returned(self, call: Call, output: object) -> None:
        """A chosen module returned."""
        ...


class ForwardHooks:
    """The hooks of one step. What goes wrong inside of one is said, and never raised."""

    def __init__(self, notices: Notices, problems: list[str], calls: Calls) -> None:
        self._notices = notices
        self._problems = problems
        self._calls = calls
        self._handles: list[RemovableHandle] = []
        self.seconds = 0.0
        """Time spent in the hooks so far."""

    def attach(self, plan: Plan, watcher: Watcher) -> None:
        """Hook the root of `plan` and every module whose calls it wants to see."""
        hooked = plan.called_modules()
        if not hooked:
            return
        with self._guard("Hooking the model"):
            self._attach_root(plan.model, watcher)
        for module, places in hooked.items():
            name = next((place.path for place in places), type(module).__name__)
            guard = self._guard(f"Recording the output of {name or 'the model'}")
            with guard:
                self._attach_module(module, places, guard, watcher)

    def remove(self) -> None:
        """Remove all hooks."""
        while self._handles:
            self._handles.pop().remove()

    def _guard(self, what: str) -> Guard:
        return Guard(self._notices, self._problems, what)

    def _attach_root(self, model: nn.Module, watcher: Watcher) -> None:
        guard = self._guard("Looking at the inputs of the model")

        def before_forward(_module: nn.Module, args: Args, kwargs: Kwargs) -> None:
            with guard:
                watcher.root_called(args, kwargs)

        self._handles.append(model.register_forward_pre_hook(before_forward, with_kwargs=True))

    def _attach_module(
        self, module: nn.Module, places: Sequence[Place], guard: Guard, watcher: Watcher
    ) -> None:
        def before_forward(_module: nn.Module, args: Args, kwargs: Kwargs) -> None:
            begun = time.perf_counter()
            with guard:
                call = self._calls.begin(module, places)
                if places:
                    watcher.called(call, args, kwargs)
            self.seconds += time.perf_counter() - begun

        def after_forward(_module: nn.Module, _args: Args, output: object) -> None:
            begun = time.perf_counter()
            with guard:
                call = self._calls.end(module)
                if call is not None and places:
                    watcher.returned(call, output)
            self.seconds += time.perf_counter() - begun

        self._handles.append(module.register_forward_pre_hook(before_forward, with_kwargs=True))
        self._handles.append(module.register_forward_hook(after_forward))
