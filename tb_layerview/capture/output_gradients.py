"""Gradients of what modules returned, copied as backward makes them.

Hooks of tensors rather than of modules: those wrap what a module is given and returns, after which
nothing can be done to it in place.
"""

from __future__ import annotations

import time
import weakref
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle, unserializable_hook

from tb_layerview.capture.calls import Call, Calls, Segment
from tb_layerview.capture.captured import Spot
from tb_layerview.capture.hooks import remove_all
from tb_layerview.capture.intake import Intake
from tb_layerview.capture.nested import named_tensors
from tb_layerview.capture.notices import Guard
from tb_layerview.capture.staged import Staged
from tb_layerview.capture.tensors import version_of


class OutputGradients:
    """Gradients of what the chosen modules returned."""

    def __init__(self, intake: Intake, calls: Calls, guard: Guard) -> None:
        self._intake = intake
        self._calls = calls
        self._guard = guard
        self._outputs: dict[int, _Output] = {}
        self._handles: list[RemovableHandle] = []
        self._without_graph: dict[nn.Module, list[int]] = {}
        self._repeated: dict[tuple[Segment, nn.Module], list[int]] = {}
        self.seconds = 0.0
        """Time spent in the hooks so far."""
        self.fired = False
        """Whether any gradient came."""

    def watch(self, call: Call, output: object) -> None:
        """Hook the tensors that a call returned."""
        with self._intake.lock:
            named = list(named_tensors(output))
            for name, tensor in named:
                if tensor.requires_grad:
                    self._watch(call, name, tensor)
            if call.segment is None and not any(tensor.requires_grad for _, tensor in named):
                self._without_graph.setdefault(call.module, []).append(call.number)

    def remove(self) -> None:
        """Remove all hooks. If it was interrupted, it may be called again."""
        remove_all(self._handles, self._guard)

    def _watch(self, call: Call, name: str, tensor: torch.Tensor) -> None:
        known = self._outputs.get(id(tensor))
        # A container returns the very tensor of its last layer; one written to since is another.
        if known is not None and known.is_of(tensor):
            known.calls.append((call, name))
            return
        output = _Output(weakref.ref(tensor), version_of(tensor), [(call, name)])
        self._outputs[id(tensor)] = output

        def arrived(gradient: torch.Tensor | None) -> None:
            begun = time.perf_counter()
            with self._guard:
                # There is none of an output that the loss does not depend on, if an operation has
                # several: those of cuDNN's recurrent layers have.
                if gradient is not None:
                    self._arrived(output, gradient)
            self.seconds += time.perf_counter() - begun

        # Unmarked, it would make PyTorch warn a user who saves the output.
        self._handles.append(tensor.register_hook(unserializable_hook(arrived)))

    def _arrived(self, output: _Output, gradient: torch.Tensor) -> None:
        with self._intake.lock:
            self.fired = True
            spots = [
                Spot(place, name, number)
                for call, name in output.calls
                if (number := self._number(call)) is not None
                for place in call.places
            ]
            if spots:
                output.staged = self._intake.place_again(
                    output.staged, spots, gradient, "output_grad"
                )
                self._intake.run()

    def _number(self, call: Call) -> int | None:
        """The number of the call that made an output first.

        Checkpointing that is reentrant runs a segment of the forward without a graph, and repeats
        it with one before it goes backward through it: the last segment first, each in its order.
        """
        if call.segment is None:
            return call.number
        repeated = call.segment, call.module
        numbers = self._repeated.get(repeated)
        if numbers is None:
            open_numbers = self._without_graph.get(call.module, [])
            first = max(0, len(open_numbers) - self._calls.repeated(call))
            numbers = self._repeated[repeated] = open_numbers[first:]
            del open_numbers[first:]
        return numbers[call.number] if call.number < len(numbers) else None


@dataclass(eq=False)
class _Output:
    """A tensor that was returned, and the calls that returned it, each with its name there."""

    reference: weakref.ref[torch.Tensor]
    version: int | None
    calls: list[tuple[Call, str]]
    staged: Staged | None = None

    def is_of(self, tensor: torch.Tensor) -> bool:
        """Whether this is `tensor` as it is now."""
        return self.reference() is tensor and self.version == version_of(tensor)
