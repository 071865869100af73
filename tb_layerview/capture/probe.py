"""A fixed set of samples that is run beside the training, so that steps can be compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.parameter import is_lazy
from torch.utils import _pytree as pytree

from tb_layerview.capture.flight.start import StepStart
from tb_layerview.capture.notices import Guard, Notices, describe
from tb_layerview.capture.recording import Recording
from tb_layerview.capture.running import call, evaluation, uncached_casts
from tb_layerview.capture.samples import batch_size, sample_values
from tb_layerview.errors import ArgumentError


class ProbeSamples(NamedTuple):
    """What a probe is made of; nobody else holds its tensors. ``ids`` are empty without any."""

    inputs: object
    targets: object
    ids: tuple[str, ...]
    size: int


class Probe:
    """Runs the samples in evaluation mode; the training is afterwards as it was before."""

    def __init__(
        self,
        model: nn.Module,
        samples: ProbeSamples,
        begin: Callable[[int, object, object], Recording],
        notices: Notices,
    ) -> None:
        """`begin` is given a step, inputs and targets, and answers their recording."""
        self._model = model
        self._samples = samples
        self._begin = begin
        self._notices = notices
        # A forward does not change parameters: no copy of them is needed, as one is on a GPU.
        self._start = StepStart(model, with_parameters=False)
        self._seconds = 0.0
        self._runs = 0

    def run(self, step: int) -> None:
        """Record the samples at `step`. What goes wrong is said, and goes no further."""
        begun = time.perf_counter()
        with Guard(self._notices, [], "Running the probe"):
            samples = self._samples
            recording = self._begin(step, samples.inputs, samples.targets)
            with undisturbed(self._model, self._start), recording:
                recording.predictions(call(self._model, samples.inputs))
        self._seconds += time.perf_counter() - begun
        self._runs += 1

    def report(self) -> str:
        """A line about what it costs the training thread."""
        milliseconds = 1e3 * self._seconds / max(1, self._runs)
        return f"probe: {self._samples.size} samples, {milliseconds:.2f} ms a recorded step"


@contextmanager
def undisturbed(model: nn.Module, start: StepStart) -> Iterator[None]:
    """Within, `model` evaluates and has no gradients; afterwards all is as it was."""
    start.note()
    with start.restored(), uncached_casts(), evaluation(model), torch.no_grad():
        yield


def checked_probe(
    model: nn.Module, inputs: object, targets: object, ids: Sequence[object] | None
) -> ProbeSamples:
    """Copies of what a user gave as a probe, after the model was run on it once.

    Raises:
        ArgumentError: `inputs` have no samples or are not what the model takes, or the others do
            not fit them.
    """
    count = batch_size(inputs)
    if not count:
        expected = "tensors whose first axis counts the samples of the probe, at least one"
        raise ArgumentError("inputs", expected, _described(inputs))
    _check_targets(targets, count)
    samples = ProbeSamples(_copied(inputs), _copied(targets), _checked_ids(ids, count), count)
    if not any(is_lazy(parameter) for parameter in model.parameters()):
        try:
            with undisturbed(model, StepStart(model, with_parameters=False)):
                call(model, samples.inputs)
        except Exception as error:
            expected = f"what the forward of the model takes (it raised {describe(error)})"
            raise ArgumentError("inputs", expected, _described(inputs)) from error
    return samples


def checked_labels(labels: Sequence[object] | None) -> tuple[str, ...]:
    """The names of classes, as a user gives them.

    Raises:
        ArgumentError: they are no sequence of texts.
    """
    if labels is None:
        return ()
    names = () if isinstance(labels, str) or not isinstance(labels, Sequence) else tuple(labels)
    texts = tuple(name for name in names if isinstance(name, str))
    if not texts or len(texts) != len(names):
        raise ArgumentError("labels", "a sequence of names of classes, or None", labels)
    return texts


def _checked_ids(ids: Sequence[object] | None, count: int) -> tuple[str, ...]:
    if ids is None:
        return ()
    expected = f"{count} names or numbers, one for each sample, all different"
    is_sequence = isinstance(ids, (Sequence, torch.Tensor)) or hasattr(ids, "tolist")
    if isinstance(ids, str) or not is_sequence:
        raise ArgumentError("ids", expected, ids)
    values = ids.tolist() if hasattr(ids, "tolist") else list(ids)
    if not isinstance(values, list) or not all(isinstance(value, (str, int)) for value in values):
        raise ArgumentError("ids", expected, ids)
    names = tuple(map(str, values))
    if len(names) != count or len(set(names)) != count:
        raise ArgumentError("ids", expected, ids)
    return names


def _check_targets(targets: object, count: int) -> None:
    """Raises ArgumentError where `targets` cannot be those of `count` samples."""
    expected = f"one for each of {count} samples"
    items = targets if isinstance(targets, (list, tuple)) else ()
    if len(items) == count and all(isinstance(item, Mapping) for item in items):
        # One mapping a sample, as of boxes and their classes: each has lengths of its own.
        return
    for _, value in sample_values("targets", targets):
        if isinstance(value, str):
            raise ArgumentError("targets", f"{expected} ({value})", _described(targets))
        if value.dim() == 0 or value.size(0) != count:
            raise ArgumentError("targets", expected, _described(targets))


def _copied(value: object) -> object:
    return pytree.tree_map_only(torch.Tensor, lambda tensor: tensor.detach().clone(), value)


def _described(value: object) -> object:
    """Shapes rather than elements: an error is to be read."""
    return pytree.tree_map_only(
        torch.Tensor, lambda tensor: f"tensor of shape {tuple(tensor.shape)}", value
    )
