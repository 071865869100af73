"""A fixed set of samples that is run at every recorded step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview.errors import ArgumentError, ClosedError
from tests.capture.recorded import assert_same, elements, warned
from tests.capture.test_flight import Model

IMAGES = torch.rand(6, 1, 8, 8, generator=torch.Generator().manual_seed(5))
TARGETS = [0, 1, 2, 0, 1, 2]
IDS = ["a", "b", "c", "d", "e", "f"]


def train(model: nn.Module, view: tb_layerview.LayerView, step: int) -> None:
    images = torch.rand(4, 1, 8, 8)
    with view.step(step, inputs=images):
        loss = model(images).square().mean()
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                assert parameter.grad is not None
                parameter.sub_(parameter.grad, alpha=0.1)


def test_the_outputs_of_a_probe_are_those_of_the_model_in_evaluation_at_each_recorded_step(
    run: Path,
) -> None:
    model = Model()
    view = tb_layerview.LayerView(model, run, every=2, labels=["cat", "dog", "emu"])
    view.probe(IMAGES, TARGETS, IDS)
    expected = {}
    for step in range(5):
        copy = Model()
        copy.load_state_dict(model.state_dict())
        expected[step] = copy.eval()(IMAGES).detach()
        train(model, view, step)
    view.close()
    log = tb_layerview.open(run / "probe")
    assert log.steps == tb_layerview.open(run).steps == [0, 2, 4]
    for step in log.steps:
        assert_same(log, "/output", expected[step], step=step)
        assert_same(log, "/sample.predictions", expected[step], step=step)
        assert_same(log, "/sample.inputs", IMAGES, step=step)
        assert elements(log, "/sample.targets", step).tolist() == TARGETS
    schema = log.schema()
    assert schema.sample_ids == tuple(IDS)
    assert schema.samples == tuple(range(6))
    assert schema.labels == tb_layerview.open(run).schema().labels == ("cat", "dog", "emu")
    assert not any(tensor.kind == "param" for tensor in schema.tensors)
    assert log.problems == []


def test_a_training_with_a_probe_is_bit_for_bit_the_one_without(run: Path) -> None:
    def trained(folder: Path, *, probed: bool) -> tuple[dict[str, torch.Tensor], torch.Tensor, int]:
        torch.manual_seed(3)
        model = Model()
        with tb_layerview.LayerView(model, folder) as view:
            if probed:
                view.probe(IMAGES)
            for step in range(3):
                train(model, view, step)
        assert all(module.training for module in model.modules())
        return model.state_dict(), torch.get_rng_state(), model.calls

    with_it, generator, calls = trained(run / "with", probed=True)
    without, expected, expected_calls = trained(run / "without", probed=False)
    assert all(torch.equal(with_it[name], tensor) for name, tensor in without.items())
    assert torch.equal(generator, expected)
    assert calls == expected_calls == 3


def test_what_is_changed_in_the_given_tensors_later_does_not_change_the_probe(run: Path) -> None:
    images = IMAGES.clone()
    model = nn.Flatten()
    model.register_buffer("mean", torch.zeros(1))
    with tb_layerview.LayerView(model, run) as view:
        view.probe(images)
        images.zero_()
        with view.step(0):
            model(images)
    assert_same(tb_layerview.open(run / "probe"), "/output", IMAGES.flatten(1))


def test_a_model_with_several_arguments_is_probed_by_a_tuple_or_by_names(run: Path) -> None:
    model = nn.Bilinear(2, 3, 4)
    left, right = torch.rand(5, 2), torch.rand(5, 3)
    for name, inputs in [("tuple", (left, right)), ("names", {"input1": left, "input2": right})]:
        with tb_layerview.LayerView(model, run / name) as view:
            view.probe(inputs)
            with view.step(0):
                pass
        assert_same(tb_layerview.open(run / name / "probe"), "/output", model(left, right))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"inputs": torch.zeros(2, 3)}, r"^inputs: expected what the forward of the model takes"),
        ({"inputs": torch.zeros(0, 1, 8, 8)}, "^inputs: expected tensors whose first axis"),
        ({"inputs": 3}, "^inputs: expected tensors whose first axis"),
        ({"inputs": IMAGES, "targets": [1, 2]}, "^targets: expected one for each of 6 samples"),
        ({"inputs": IMAGES, "targets": torch.zeros(7)}, "^targets: expected one for each of 6"),
        ({"inputs": IMAGES, "targets": 5}, "^targets: expected one for each of 6 samples"),
        ({"inputs": IMAGES, "targets": list("abcabc")}, "^targets: .*the number of the class"),
        ({"inputs": IMAGES, "targets": [object()] * 6}, "^targets: .*a object is no tensor"),
        ({"inputs": IMAGES, "targets": (torch.zeros(6), torch.zeros(2))}, "^targets: expected one"),
        ({"inputs": IMAGES, "ids": ["a"]}, "^ids: expected 6 names or numbers"),
        ({"inputs": IMAGES, "ids": list("aabcde")}, "^ids: expected 6 names or numbers"),
        ({"inputs": IMAGES, "ids": "abcdef"}, "^ids: expected 6 names or numbers"),
        ({"inputs": IMAGES, "ids": [1.5] * 6}, "^ids: expected 6 names or numbers"),
    ],
)
def test_a_probe_that_does_not_fit_is_refused_and_the_training_goes_on(
    run: Path, arguments: dict[str, Any], message: str
) -> None:
    model = Model()
    with tb_layerview.LayerView(model, run) as view:
        with pytest.raises(ArgumentError, match=message):
            view.probe(**arguments)
        train(model, view, 0)
        view.probe(IMAGES, ids=np.arange(6))  # type: ignore[arg-type]
        with pytest.raises(ArgumentError, match=r"^probe: expected one call"):
            view.probe(IMAGES)
        train(model, view, 1)
    assert tb_layerview.open(run).steps == [0, 1]
    assert tb_layerview.open(run / "probe").steps == [1]
    with pytest.raises(ClosedError):
        view.probe(IMAGES)


def test_a_probe_that_raises_later_is_said_once_and_the_training_goes_on(run: Path) -> None:
    class Moody(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(2, 2)
            self.fails = False

        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            if self.fails and not self.training:
                raise ValueError("not in this mood")
            output: torch.Tensor = self.linear(inputs)
            return output

    model = Moody()
    with warned() as sentences, tb_layerview.LayerView(model, run) as view:
        view.probe(torch.rand(3, 2))
        for step in range(3):
            model.fails = step > 0
            with view.step(step, inputs=torch.rand(1, 2)):
                model(torch.rand(1, 2))
    assert [s for s in sentences if "probe" in s] == [
        "Running the probe failed with ValueError: not in this mood"
    ]
    assert tb_layerview.open(run).steps == [0, 1, 2]


@pytest.mark.parametrize("labels", ["cat", 3, ["cat", 4], []])
def test_labels_that_are_no_names_are_refused(run: Path, labels: Any) -> None:  # noqa: ANN401
    with pytest.raises(ArgumentError, match=r"^labels: expected"):
        tb_layerview.LayerView(nn.Linear(1, 1), run, labels=labels)


def test_the_report_tells_what_a_probe_costs(run: Path) -> None:
    model = Model()
    with tb_layerview.LayerView(model, run) as view:
        view.probe(IMAGES)
        train(model, view, 0)
        assert "probe: 6 samples, " in view.report()
