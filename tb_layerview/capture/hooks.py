"""Hooks of modules that exist while a step is recorded, and not a moment longer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import Any, Final, NamedTuple, Protocol

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from tb_layerview.capture.calls import Call, Calls
from tb_layerview.capture.notices import Guard, Notices
from tb_layerview.capture.plan import Plan
from tb_layerview.capture.prompt import Likes, PromptOutputs
from tb_layerview.capture.structure import Place

_LAYERS_OF_PYTORCH: Final = "torch.nn.modules."

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

    @property
    def outputs(self) -> PromptOutputs:
        """What may take the output of a module that makes no calls, in place of `returned`."""
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
    """The hooks of the modules of one plan; they are made once, and registered for each step.

    What goes wrong inside of one is said, and never raised. One step at a time has them.
    """

    def __init__(self, plan: Plan, notices: Notices) -> None:
        self.plan = plan
        self._root = _RootHook(self, plan.model, notices)
        self._modules = [
            _ModuleHooks(self, module, places, notices, plan.wants_outputs_alone)
            for module, places in plan.called_modules().items()
        ]
        self._removing = Guard(notices, [], "Removing a hook")
        self._handles: list[RemovableHandle] = []
        self.step: _Step | None = None
        """The step that is recorded; None between two."""
        self.likes: Likes = {}
        """What the modules returned in the step before."""
        self.seconds = 0.0
        """Time spent in the hooks in this step so far."""

    @property
    def sees_calls(self) -> bool:
        """Whether the plan wants to see any calls."""
        return bool(self._modules)

    @property
    def leaves(self) -> list[nn.Module]:
        """Modules of which nothing is seen but what they return."""
        return [hooks.module for hooks in self._modules if hooks.sees_output_alone]

    def attach(self, watcher: Watcher, calls: Calls, problems: list[str]) -> None:
        """Hook the model and every module whose calls the plan wants to see.

        Args:
            watcher: what is told of the calls.
            calls: what numbers them.
            problems: what goes wrong is added to these sentences.
        """
        self.seconds = 0.0
        self._removing.problems = problems
        if not self._modules:
            return
        self.step = _Step(watcher, calls, watcher.outputs.take)
        all_hooks: list[_RootHook | _ModuleHooks] = [self._root, *self._modules]
        for hooks in all_hooks:
            hooks.guard.problems = problems
            with hooks.guard:
                hooks.register(self._handles)

    def remove(self) -> None:
        """Remove all hooks. If it was interrupted, it may be called again."""
        remove_all(self._handles, self._removing)
        # What the step captured must not live as long as the plan.
        self.step = None


class _Step(NamedTuple):
    watcher: Watcher
    calls: Calls
    take: Callable[[nn.Module, Sequence[Place], object], bool]


class _RootHook:
    """Looks at what the model itself is called with."""

    def __init__(self, owner: ForwardHooks, model: nn.Module, notices: Notices) -> None:
        self.guard = Guard(notices, [], "Looking at the inputs of the model")
        self._owner = owner
        self._model = model
        self._hook = _Hook(self._before_forward)

    def register(self, handles: list[RemovableHandle]) -> None:
        handles.append(self._model.register_forward_pre_hook(self._hook, with_kwargs=True))

    def _before_forward(self, _module: nn.Module, args: Args, kwargs: Kwargs) -> None:
        begun = time.perf_counter()
        step = self._owner.step
        if step is not None:
            with self.guard:
                step.watcher.root_called(args, kwargs)
        self._owner.seconds += time.perf_counter() - begun


class _ModuleHooks:
    """Tells of the calls of one module, which stands in `places`: none, if it was not chosen."""

    def __init__(
        self,
        owner: ForwardHooks,
        module: nn.Module,
        places: Sequence[Place],
        notices: Notices,
        wants_output_alone: bool,
    ) -> None:
        name = next((place.path for place in places), type(module).__name__)
        self.guard = Guard(notices, [], f"Recording the output of {name or 'the model'}")
        self._owner = owner
        self.module = module
        self.sees_output_alone: Final = wants_output_alone and _makes_no_calls(module)
        self._places = places
        self._before = _Hook(self._before_forward)
        self._after = _Hook(self._output_alone if self.sees_output_alone else self._after_forward)

    def register(self, handles: list[RemovableHandle]) -> None:
        module = self.module
        if not self.sees_output_alone:
            handles.append(module.register_forward_pre_hook(self._before, with_kwargs=True))
        handles.append(module.register_forward_hook(self._after))

    def _before_forward(self, _module: nn.Module, args: Args, kwargs: Kwargs) -> None:
        begun = time.perf_counter()
        step = self._owner.step
        if step is not None:
            with self.guard:
                call = step.calls.begin(self.module, self._places)
                if self._places:
                    step.watcher.called(call, args, kwargs)
        self._owner.seconds += time.perf_counter() - begun

    def _output_alone(self, module: nn.Module, args: Args, output: object) -> None:
        begun = time.perf_counter()
        owner = self._owner
        step = owner.step
        if step is None:
            return
        try:
            # In a replica the module that is called is another one.
            taken = step.take(self.module, self._places, output)
            if not taken:
                step.calls.begin(self.module, self._places)
        except Exception as error:  # noqa: BLE001 - what a guard does, in less of its time
            self.guard.failed(error)
            taken = True
        owner.seconds += time.perf_counter() - begun
        if not taken:
            self._after_forward(module, args, output)

    def _after_forward(self, _module: nn.Module, _args: Args, output: object) -> None:
        begun = time.perf_counter()
        step = self._owner.step
        if step is not None:
            with self.guard:
                call = step.calls.end(self.module)
                if call is not None and self._places:
                    step.watcher.returned(call, output)
        self._owner.seconds += time.perf_counter() - begun


def remove_all(handles: list[RemovableHandle], guard: Guard) -> None:
    """Remove these hooks. If it was interrupted, it may be called again with those that are left.

    One that cannot be removed is told of by `guard`, and keeps no other from it.
    """
    while handles:
        with guard:
            while handles:
                handles[-1].remove()
                handles.pop()
        if handles:
            handles.pop()


def _makes_no_calls(module: nn.Module) -> bool:
    """Whether no call begins within one of `module`, not even of itself.

    Then nothing is lost if only its end is seen.
    """
    return not module._modules and type(module).__module__.startswith(_LAYERS_OF_PYTORCH)  # noqa: SLF001 - half the time of `children()`
