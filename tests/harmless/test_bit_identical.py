"""Losses, gradients, weights and random generators are those of a training that is not recorded."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils import _pytree as pytree

import tb_layerview
from tb_layerview.capture.layer_view import QUEUE_BYTES
from tb_layerview.capture.plan import CAPTURED_KINDS
from tb_layerview.capture.recording import NOT_RECORDED, Recording
from tests.harmless.models import TRAININGS
from tests.harmless.training import Begin, Seen, Training, hooks, seed, seen

Each = Callable[[Training], object]
"""What is looked at after each step."""


WITHOUT_ELEMENTS = {"torch.func"}
"""Trainings in which layers return wrappers that stand for the tensors of many samples."""


def unrecorded(_name: str, **_given: object) -> Recording:
    return NOT_RECORDED


class Recorded:
    """Records each model of a training into a run of its own."""

    def __init__(
        self, training: Training, root: Path, every: int, queue_bytes: int = QUEUE_BYTES
    ) -> None:
        self._open = ExitStack()
        self._steps = dict.fromkeys(training.models, 0)
        self._views = {
            name: self._open.enter_context(
                tb_layerview.LayerView(
                    model,
                    root / name,
                    kinds=CAPTURED_KINDS,
                    every=every,
                    queue_bytes=queue_bytes,
                    when_full="wait",
                )
            )
            for name, model in training.models.items()
        }
        self.last: Recording = NOT_RECORDED
        """As the variable of a training: it holds the last recording until the next begins."""

    def __call__(self, name: str, *, inputs: object = None, targets: object = None) -> Recording:
        step = self._steps[name]
        self._steps[name] += 1
        self.last = self._views[name].step(step, inputs=inputs, targets=targets)
        return self.last

    def begun(self, name: str) -> int:
        """How many steps there were."""
        return self._steps[name]

    def close(self) -> None:
        self._open.close()


@contextmanager
def recorded(
    training: Training, root: Path, every: int, queue_bytes: int = QUEUE_BYTES
) -> Iterator[Recorded]:
    begin = Recorded(training, root, every, queue_bytes)
    try:
        yield begin
    finally:
        begin.close()


def trace(training: Training, begin: Begin) -> list[Seen]:
    """All that the training is after each step."""
    seed(1)
    return [seen(training, training.step(begin)) for _ in range(training.steps)]


def made(name: str) -> Training:
    seed(0)
    return TRAININGS[name]()


@cache
def expected(name: str) -> list[Seen]:
    """The same training without a recording; it is run once for all tests."""
    return trace(made(name), unrecorded)


def differences(found: Seen, wanted: Seen) -> set[str]:
    return {name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name)}


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_without_a_recording_repeats_itself_bit_by_bit(name: str) -> None:
    """Without this, the comparisons below would say nothing."""
    again = trace(made(name), unrecorded)
    for wanted, found in zip(expected(name), again, strict=True):
        assert differences(found, wanted) == set()
    assert again[0] != again[1]


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("name", TRAININGS)
def test_a_recorded_training_is_bit_for_bit_the_one_without(
    tmp_path: Path, name: str, every: int
) -> None:
    training = made(name)
    with recorded(training, tmp_path, every) as begin:
        found = trace(training, begin)
        steps = {model: begin.begun(model) for model in training.models}
    for step, (with_it, without) in enumerate(zip(found, expected(name), strict=True)):
        assert differences(with_it, without) == set(), f"in step {step}"
    for model, count in steps.items():
        log = tb_layerview.open(tmp_path / model)
        assert log.steps == list(range(0, count, every))
        if name not in WITHOUT_ELEMENTS:
            assert not [problem for problem in log.problems if "Error" in problem]


@pytest.mark.filterwarnings("ignore::tb_layerview.LayerViewWarning")
@pytest.mark.parametrize("name", TRAININGS)
def test_so_is_one_of_which_tensors_are_measured_where_they_are(tmp_path: Path, name: str) -> None:
    training = made(name)
    with recorded(training, tmp_path, 1, queue_bytes=1 << 20) as begin:
        found = trace(training, begin)
    for step, (with_it, without) in enumerate(zip(found, expected(name), strict=True)):
        assert differences(with_it, without) == set(), f"in step {step}"


@pytest.mark.parametrize("name", TRAININGS)
def test_hooks_are_gone_after_each_step(tmp_path: Path, name: str) -> None:
    training = made(name)
    before = hooks(training)
    with recorded(training, tmp_path, every=2) as begin:
        for _ in range(3):
            training.step(begin)
            after = hooks(training)
            assert {where: count for where, count in after.items() if count} == {
                where: count for where, count in before.items() if count
            }


@pytest.mark.parametrize("name", TRAININGS)
def test_what_a_step_computed_dies_when_it_does_without_a_recording(
    tmp_path: Path, name: str
) -> None:
    without = lifetimes(made(name), lambda training: unrecorded)  # noqa: ARG005
    with ExitStack() as views:
        with_it = lifetimes(
            made(name),
            lambda training: views.enter_context(recorded(training, tmp_path, every=1)),
        )
    assert without
    assert with_it == without


def lifetimes(training: Training, begin_of: Callable[[Training], Begin]) -> list[bool]:
    """Of the memory of each input and output of each layer: whether it is gone after the step."""
    dead: list[Callable[[], bool]] = []

    def note(_module: object, args: object, output: object) -> None:
        leaves = pytree.tree_leaves((args, output))
        dead.extend(_death_of(value) for value in leaves if isinstance(value, torch.Tensor))

    for model in training.models.values():
        for module in model.modules():
            module.register_forward_hook(note)
    begin = begin_of(training)
    seed(1)
    training.step(begin)
    return [is_dead() for is_dead in dead]


def _death_of(tensor: torch.Tensor) -> Callable[[], bool]:
    """Tells whether the memory of `tensor` is gone; of one that has none, whether itself is."""
    try:
        return StorageWeakRef(tensor.untyped_storage()).expired
    except NotImplementedError:  # a tensor of torch.func wraps another one
        reference = weakref.ref(tensor)
        return lambda: reference() is None
