"""Copies the tensors of one step, each once, together with what they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import torch
from torch import nn
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear
from torch.nn.utils.parametrize import ParametrizationList

from tb_layerview.capture.batches import batch_of
from tb_layerview.capture.calls import Call
from tb_layerview.capture.captured import Captured, CapturedStep, Spot
from tb_layerview.capture.derived import beside, owner_of
from tb_layerview.capture.intake import Intake
from tb_layerview.capture.nested import named_tensors
from tb_layerview.capture.plan import Plan
from tb_layerview.capture.samples import batch_size, sample_values
from tb_layerview.capture.structure import Place

_NAMES_IN_A_SENTENCE: Final = 5
"""Modules that one sentence names before it counts the others."""


class Collector:
    """Fills a `CapturedStep`. Its methods may raise: hooks call them within a guard."""

    def __init__(self, plan: Plan, intake: Intake) -> None:
        self._plan = plan
        self._intake = intake
        self._root = plan.structure.places[0]
        self._batch_is_given = False
        self.root_ran = False
        """Whether the model was called."""
        self._returned: set[nn.Module] = set()
        self._taps: Counter[tuple[nn.Module, str]] = Counter()

    @property
    def _captured(self) -> CapturedStep:
        return self._intake.captured

    @property
    def tapped_any(self) -> bool:
        """Whether anything was tapped."""
        return bool(self._taps)

    def given(self, inputs: object, targets: object) -> None:
        """Copy what the step was given; `inputs` say how many samples the batch has.

        Lone `targets` of another number of samples say nothing about these.
        """
        values = list(sample_values("inputs", inputs))
        size = batch_size([value for _, value in values])
        if size is not None:
            self._batch_is_given = True
            self._set_batch(size)
        for name, value in values:
            self._keep_sample(name, value)
        for name, value in sample_values("targets", targets):
            is_lone = name == "targets" and not isinstance(value, str) and value.dim() > 0
            self._keep_sample(name, self._of_this_batch(value) if is_lone else value)
        self._intake.run()

    def predictions(self, predictions: object) -> None:
        """Copy the model's answers, in place of any that were given before."""
        self._intake.settle()
        tensors = self._captured.tensors
        tensors[:] = [item for item in tensors if not _is_prediction(item)]
        for name, value in sample_values("predictions", predictions):
            self._keep_sample(name, self._of_this_batch(value))
        self._intake.run()

    def root_called(self, args: Sequence[object], kwargs: Mapping[str, object]) -> None:
        """Take the size of the batch from the arguments of the model's forward."""
        self.root_ran = True
        if not self._batch_is_given:
            self._set_batch(batch_of(self._root, _named_arguments(args, kwargs)))

    def called(self, call: Call, args: Sequence[object], kwargs: Mapping[str, object]) -> None:
        """Copy what a module is given, before its forward may write to it."""
        if "input" not in self._plan.kinds:
            return
        with self._intake.lock:
            for name, tensor in _named_arguments(args, kwargs):
                self._intake.place(call.spots(name), tensor, "input")
            self._intake.run()

    def returned(self, call: Call, output: object) -> None:
        """Copy what a module returned. A later call of it in this step is a key of its own."""
        with self._intake.lock:
            self.was_called(call.module, call.places, call.number)
            if call.number == 0 and "param" in self._plan.kinds:
                self._weights_of(call, output)
            if "output" in self._plan.kinds:
                if isinstance(output, torch.Tensor):
                    self._intake.place(call.spots(""), output, "output")
                else:
                    for name, tensor in named_tensors(output):
                        self._intake.place(call.spots(name), tensor, "output")
            self._intake.run()

    def was_called(self, module: nn.Module, places: Sequence[Place], number: int) -> None:
        """Note that the call `number` of a module that stands in `places` returned."""
        self._returned.add(module)
        if number == 0:
            self._captured.fired += [place.path for place in places]

    def report_unfired(self) -> None:
        """Say which chosen modules were not called."""
        kinds = [kind for kind in ("output", "input") if kind in self._plan.kinds]
        if not kinds:
            return
        if not self.root_ran:
            if not self._returned:
                self._intake.say(
                    f"No {kinds[0]}s: the model was not called in this step, or only as code that "
                    "was compiled or traced before",
                    subject="not called",
                )
            return
        missed = [
            places[0].path
            for module, places in self._plan.modules.items()
            # A ModuleList and its like have no forward, and of its own output layer PyTorch's
            # attention takes the weights and never calls it: nobody expects outputs of these.
            if module not in self._returned
            and type(module).forward is not nn.Module.forward
            and not isinstance(module, NonDynamicallyQuantizableLinear)
        ]
        if missed:
            names = ", ".join(missed[:_NAMES_IN_A_SENTENCE])
            others = len(missed) - _NAMES_IN_A_SENTENCE
            self._intake.say(
                f"No {kinds[0]} of {names}{f' and {others} more' if others > 0 else ''}: "
                "the forward of the model did not call them as modules",
                subject="unfired",
            )

    def tapped(self, call: Call, value: object, name: str) -> None:
        """Copy what was tapped in a call. Later taps of this name there are keys of their own."""
        with self._intake.lock:
            number = self._taps[call.module, name]
            self._taps[call.module, name] += 1
            tensors = list(named_tensors(value, name))
            for full_name, tensor in tensors:
                spots = [Spot(place, full_name, number) for place in call.places]
                self._intake.place(spots, tensor, "tap")
            if not tensors:
                reason = f"a {type(value).__name__} is no tensor"
                self._intake.refuse(call.places[0], "tap", name, reason)
            self._intake.run()

    def _weights_of(self, call: Call, output: object) -> None:
        """Copy the weights that a module computed in its call."""
        for name, weight in beside(call.module):
            self._intake.place([Spot(place, name) for place in call.places], weight, "param")
        if isinstance(call.module, ParametrizationList) and isinstance(output, torch.Tensor):
            chosen = {place.path: place for place in self._plan.places}
            for owner in filter(None, (owner_of(place, chosen) for place in call.places)):
                self._intake.place([Spot(*owner)], output, "param")

    def _set_batch(self, size: int | None) -> None:
        with self._intake.lock:
            self._intake.settle()
            self._intake.batch = size
        if size is not None:
            self._captured.batch = max(size, self._captured.batch or 0)

    def _of_this_batch(self, value: torch.Tensor | str) -> torch.Tensor | str:
        """`value`, or why it says nothing about the samples of this batch."""
        batch = self._intake.batch
        if isinstance(value, str) or batch is None or (value.dim() and value.size(0) == batch):
            return value
        return (
            f"expected the {batch} samples of the batch on axis 0, "
            f"received the shape {tuple(value.shape)}"
        )

    def _keep_sample(self, name: str, value: torch.Tensor | str) -> None:
        if isinstance(value, str):
            self._intake.refuse(self._root, "sample", name, value)
        else:
            self._intake.place([Spot(self._root, name)], value, "sample")


def _named_arguments(
    args: Sequence[object], kwargs: Mapping[str, object]
) -> list[tuple[str, torch.Tensor]]:
    """The tensors that a forward is given: ``0``, ``1.0``, ``mask``, ``mask.0``."""
    return [*named_tensors(tuple(args)), *named_tensors(kwargs)]


def _is_prediction(item: Captured) -> bool:
    return item.kind == "sample" and item.name.partition(".")[0] == "predictions"
