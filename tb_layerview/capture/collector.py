"""Copies the tensors of one step, each once, together with what they are."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Final

import torch
from torch import nn

from tb_layerview.capture.captured import Captured, CapturedStep
from tb_layerview.capture.copies import Copies
from tb_layerview.capture.nested import named_tensors
from tb_layerview.capture.notices import Notices, describe
from tb_layerview.capture.plan import Plan
from tb_layerview.capture.samples import batch_size, sample_values
from tb_layerview.capture.structure import Place
from tb_layerview.capture.tensors import UnrecordableError

_NAMES_IN_A_SENTENCE: Final = 5
"""Modules that one sentence names before it counts the others."""


class Collector:
    """Fills a `CapturedStep`. Its methods may raise: hooks call them within a guard."""

    def __init__(self, plan: Plan, captured: CapturedStep, notices: Notices) -> None:
        self._plan = plan
        self._captured = captured
        self._notices = notices
        self._root = plan.structure.places[0]
        self._copies = Copies(captured.lease)
        self._pending: list[Captured] = []
        # Replicas of a module run in threads of their own.
        self._lock = threading.Lock()
        self._calls: Counter[nn.Module] = Counter()
        self._batch: int | None = None
        self._batch_is_given = False
        self._root_ran = False

    def state(self) -> None:
        """Copy the parameters and buffers of the chosen modules as they are now."""
        for place in self._plan.places:
            if "param" in self._plan.kinds:
                for name, parameter in place.module.named_parameters(
                    recurse=False, remove_duplicate=False
                ):
                    self._keep([place], parameter, "param", name)
            if "buffer" in self._plan.kinds:
                for name, buffer in place.module.named_buffers(
                    recurse=False, remove_duplicate=False
                ):
                    self._keep([place], buffer, "buffer", name)
        self._run_copies()

    def given(self, inputs: object, targets: object) -> None:
        """Copy what the step was given; `inputs` say how many samples the batch has."""
        values = list(sample_values("inputs", inputs))
        size = batch_size([value for _, value in values])
        if size is not None:
            self._batch_is_given = True
            self._set_batch(size)
        for name, value in [*values, *sample_values("targets", targets)]:
            self._keep_sample(name, value)
        self._run_copies()

    def predictions(self, predictions: object) -> None:
        """Copy the model's answers, in place of any that were given before."""
        tensors = self._captured.tensors
        tensors[:] = [item for item in tensors if not _is_prediction(item)]
        for name, value in sample_values("predictions", predictions):
            self._keep_sample(name, self._of_this_batch(value))
        self._run_copies()

    def root_called(self, arguments: object) -> None:
        """Take the size of the batch from the arguments of the model's forward."""
        self._root_ran = True
        if not self._batch_is_given:
            self._set_batch(batch_size(arguments))

    def output(self, places: Sequence[Place], output: object) -> None:
        """Copy what a module returned. A later call of it in this step is a key of its own."""
        with self._lock:
            module = places[0].module
            call = self._calls[module]
            self._calls[module] += 1
            if call == 0:
                self._captured.fired.extend(place.path for place in places)
            for name, tensor in named_tensors(output):
                self._keep(places, tensor, "output", name, call=call, batch=self._batch)
            self._run_copies()

    def report_unfired(self) -> None:
        """Say which chosen modules returned nothing."""
        if not self._root_ran:
            if not self._calls:
                self._say(
                    "No outputs: the model was not called in this step, or only as code that was "
                    "compiled or traced before",
                    subject="not called",
                )
            return
        missed = [
            places[0].path
            for module, places in self._plan.modules.items()
            # A ModuleList and its like have no forward: nobody expects an output of them.
            if not self._calls[module] and type(module).forward is not nn.Module.forward
        ]
        if missed:
            names = ", ".join(missed[:_NAMES_IN_A_SENTENCE])
            others = len(missed) - _NAMES_IN_A_SENTENCE
            self._say(
                f"No output of {names}{f' and {others} more' if others > 0 else ''}: "
                "the forward of the model did not call them as modules",
                subject="unfired",
            )

    def _set_batch(self, size: int | None) -> None:
        self._batch = size
        if size is not None:
            self._captured.batch = max(size, self._captured.batch or 0)

    @staticmethod
    def _is_batched(tensor: torch.Tensor, batch: int | None) -> bool:
        return batch is not None and tensor.ndim > 0 and tensor.shape[0] == batch

    def _of_this_batch(self, value: torch.Tensor | str) -> torch.Tensor | str:
        """`value`, or why it says nothing about the samples of this batch."""
        if isinstance(value, str) or self._batch is None or self._is_batched(value, self._batch):
            return value
        return f"its shape is {tuple(value.shape)}, the batch has {self._batch} samples"

    def _keep_sample(self, name: str, value: torch.Tensor | str) -> None:
        if isinstance(value, str):
            self._refuse(self._root, "sample", name, value)
        else:
            self._keep([self._root], value, "sample", name, batch=self._batch)

    def _keep(
        self,
        places: Sequence[Place],
        tensor: torch.Tensor,
        kind: str,
        name: str,
        *,
        call: int = 0,
        batch: int | None = None,
    ) -> None:
        try:
            staged = self._copies.place(tensor)
        except UnrecordableError as reason:
            self._refuse(places[0], kind, name, str(reason))
        except (RuntimeError, TypeError, ValueError) as error:
            self._refuse(places[0], kind, name, describe(error))
        else:
            if staged is not None:
                counted = batch if self._is_batched(tensor, batch) else None
                self._pending += [
                    Captured(place, kind, name, call, staged, counted) for place in places
                ]

    def _run_copies(self) -> None:
        """Copy what was kept since the last time: only what has its elements is captured."""
        items, self._pending = self._pending, []
        failed = self._copies.run()
        for item in items:
            if id(item.staged) in failed:
                self._refuse(item.place, item.kind, item.name, failed[id(item.staged)])
            else:
                self._captured.tensors.append(item)

    def _refuse(self, place: Place, kind: str, name: str, reason: str) -> None:
        what = ".".join(part for part in (kind, name) if part)
        self._say(f"{place.path}/{what} is not recorded: {reason}", subject=reason)

    def _say(self, sentence: str, *, subject: str) -> None:
        self._captured.problems.append(self._notices.say(sentence, subject))


def _is_prediction(item: Captured) -> bool:
    return item.kind == "sample" and item.name.partition(".")[0] == "predictions"
