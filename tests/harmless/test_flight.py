"""A step that is run again in the middle of a training leaves the training as it is."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

import tb_layerview
from tb_layerview.capture.recording import NOT_RECORDED, Recording
from tb_layerview.capture.running import call
from tests.harmless.models import TRAININGS
from tests.harmless.test_bit_identical import differences, expected, made, trace
from tests.harmless.training import Training

TRIPS = 100
"""More than there are steps: each is run again."""


class Tripping:
    """Trips the flight recorder of each model in each step, right behind its first forward.

    There the graph of the training is alive, and everything that a second run could break.
    """

    def __init__(self, training: Training, root: Path) -> None:
        self.views = {
            name: tb_layerview.LayerView(
                model, root / name, every=lambda _: False, on_nonfinite="record", max_trips=TRIPS
            )
            for name, model in training.models.items()
        }
        self._models = training.models
        self._steps = dict.fromkeys(training.models, 0)
        self._again: dict[str, Callable[[], Tensor] | None] = dict.fromkeys(training.models)
        self._recordings = dict.fromkeys(training.models, NOT_RECORDED)
        for name, model in training.models.items():
            model.register_forward_hook(lambda _m, _i, _o, name=name: self._trip(name))

    def __call__(self, name: str, *, inputs: object = None, targets: object = None) -> Recording:
        model = self._models[name]
        self._again[name] = None if inputs is None else lambda: _some_loss(model, inputs)
        recording = self.views[name].step(self._steps[name], inputs=inputs, targets=targets)
        self._steps[name] += 1
        self._recordings[name] = recording
        return recording

    def close(self) -> None:
        for view in self.views.values():
            view.close()

    def _trip(self, name: str) -> None:
        self._recordings[name].watch(math.nan, self._again[name])


def _some_loss(model: nn.Module, inputs: object) -> Tensor:
    outputs = [leaf for leaf in pytree.tree_leaves(call(model, inputs)) if torch.is_tensor(leaf)]
    return torch.stack([output.float().square().mean() for output in outputs]).sum()


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_whose_every_step_is_run_again_is_bit_for_bit_the_one_without(
    tmp_path: Path, name: str
) -> None:
    training = made(name)
    begin = Tripping(training, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tb_layerview.LayerViewWarning)
        found = trace(training, begin)
        begin.close()
    for step, (with_it, without) in enumerate(zip(found, expected(name), strict=True)):
        different = differences(with_it, without)
        # A hook of the user that keeps what it sees keeps what it sees the second time, too.
        assert {what for what in different if "noted" not in what} == set(), f"in step {step}"
    for model in training.models:
        log = tb_layerview.open(tmp_path / model)
        assert log.steps
        assert log.marks == dict.fromkeys(log.steps, "the loss is nan")
