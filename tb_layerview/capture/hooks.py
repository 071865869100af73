"""Hooks of modules that exist while a step is recorded, and not a moment longer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, Protocol

import torch
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


class _Hook:
    """A hook of the model that is recorded; what a copy of that model gets does nothing.

    A model may be copied or saved in the middle of a step, and hooks go with it: the copy would be
    recorded as the model, and a file could only be loaded where this package is.
    """

    def __init__(self, hook: Callable[..., None]) -> None:
        self._hook = hook

    def __call__(self, *args: object) -> None:
        # What is traced becomes part of a graph that outlives the step.
        if torch._C._get_tracing_state() is None:  # noqa: SLF001 - its public name has no type
            self._hook(*args)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, str]]:
        """Copy or pickle as a function of the standard library that takes anything."""
        return getattr, (nullcontext(), "__exit__")


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
        """Remove all hooks. If it was interrupted, it may be called again."""
        while self._handles:
            with self._guard("Removing a hook"):
                self._handles[-1].remove()
            self._handles.pop()

    def _guard(self, what: str) -> Guard:
        return Guard(self._notices, self._problems, what)

    def _attach_root(self, model: nn.Module, watcher: Watcher) -> None:
        guard = self._guard("Looking at the inputs of the model")

        def before_forward(_module: nn.Module, args: Args, kwargs: Kwargs) -> None:
            begun = time.perf_counter()
            with guard:
                watcher.root_called(args, kwargs)
            self.seconds += time.perf_counter() - begun

        self._handles.append(
            model.register_forward_pre_hook(_Hook(before_forward), with_kwargs=True)
        )

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

        self._handles.append(
            module.register_forward_pre_hook(_Hook(before_forward), with_kwargs=True)
        )
        self._handles.append(module.register_forward_hook(_Hook(after_forward)))
