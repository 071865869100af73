"""How far samples part, and what carried a class, beside PyTorch's own sums."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview import LayerView

STEP = 3
KEPT = (1, 3, 5)


class Model(nn.Module):
    """A convolution, a linear layer, and probabilities."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU())
        self.fc = nn.Sequential(nn.Linear(3 * 4 * 4, 5), nn.Softmax(-1))

    def forward(self, x: Tensor) -> Tensor:
        """Probabilities of five classes."""
        out: Tensor = self.fc(self.conv(x).flatten(1))
        return out


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Model, Tensor, Path]:
    """A model, its batch, and the run with both."""
    torch.manual_seed(0)
    model, inputs = Model(), torch.randn(6, 1, 6, 6)
    kinds = ("param", "input", "output")
    with LayerView(model, tmp_path, kinds=kinds, samples=slice(1, 6, 2)) as view:
        view.probe(inputs[:4], torch.arange(4))
        with view.step(STEP, inputs=inputs, targets=torch.arange(6) % 5):
            model(inputs)
    return model, inputs, tmp_path


def test_layers_are_ranked_by_the_distance_of_two_samples(
    recorded: tuple[Model, Tensor, Path],
) -> None:
    model, inputs, run = recorded
    with torch.no_grad():
        conv = model.conv[0](inputs).flatten(1)
        outputs = {
            "conv.0/output": conv,
            "conv.1/output": conv.relu(),
            "fc.0/output": model.fc[0](conv.relu()),
            "fc.1/output": model(inputs),
        }

    def distance(values: Tensor, a: int, b: int) -> float:
        x, y = values[a].double(), values[b].double()
        return float((x - y).norm() / (x.norm() ** 2 + y.norm() ** 2).sqrt())

    found = tb_layerview.open(run).apart(STEP, 1, 5)
    assert [each.distance for each in found] == sorted((e.distance for e in found), reverse=True)
    by_key = {each.key: each for each in found}
    for key, values in outputs.items():
        assert by_key[key].distance == pytest.approx(distance(values, 1, 5), rel=1e-5)
        usual = np.median([distance(values, a, b) for a, b in ((1, 3), (1, 5), (3, 5))])
        assert by_key[key].usual == pytest.approx(usual, rel=1e-5)
    turns = [by_key[key].turn for key in outputs]
    assert turns == sorted(turns)


def test_a_sample_is_not_apart_from_itself(recorded: tuple[Model, Tensor, Path]) -> None:
    assert {each.distance for each in tb_layerview.open(recorded[2]).apart(STEP, 3, 3)} == {0.0}


def test_of_a_tensor_too_large_to_be_read_whole_the_two_samples_are(
    recorded: tuple[Model, Tensor, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tb_layerview.open(recorded[2])
    expected = {each.key: each.distance for each in log.apart(STEP, 1, 5)}
    monkeypatch.setattr("tb_layerview.diagnosis.evidence._MAX_ELEMENTS", 3 * 4 * 4)
    found = {each.key: each for each in log.apart(STEP, 1, 5)}
    assert {key: each.distance for key, each in found.items()} == pytest.approx(expected)
    assert found["conv.0/output"].usual is None
    assert found["fc.0/output"].usual is not None


def test_what_is_not_finite_is_left_out_and_counted(tmp_path: Path) -> None:
    inputs = torch.tensor([[1.0, 0.0, float("nan")], [0.0, 1.0, 2.0], [3e38, 3e38, 3e38]])
    tb_layerview.snapshot(nn.Sequential(nn.Identity()), tmp_path, STEP, inputs=inputs)
    log = tb_layerview.open(tmp_path)
    found = {each.key: each for each in log.apart(STEP, 0, 1)}["0/output"]
    assert found.distance == pytest.approx(1.0)
    assert found.skipped == 1
    # The squares of 3e38 are far beyond float32.
    far = {each.key: each for each in log.apart(STEP, 1, 2)}["0/output"]
    assert far.distance == pytest.approx(1.0)


def test_contributions_add_up_to_the_logits(recorded: tuple[Model, Tensor, Path]) -> None:
    model, inputs, run = recorded
    log = tb_layerview.open(run)
    features = 3 * 4 * 4
    with torch.no_grad():
        given = model.conv(inputs).flatten(1)
        logits = model.fc[0](given)
    for sample in KEPT:
        found = log.contributions(STEP, sample, most=features)
        assert (found.layer, found.chosen) == ("fc.0", int(logits[sample].argmax()))
        assert found.right == sample % 5
        weight = model.fc[0].get_parameter("weight").detach().double()
        for feature in found.features:
            value = float(given[sample, feature.index])
            assert feature.value == pytest.approx(value)
            weights = weight[[found.chosen, found.right], feature.index].tolist()
            assert [feature.chosen_weight, feature.right_weight] == weights
            assert feature.to_chosen == pytest.approx(
                value * float(weight[found.chosen, feature.index])
            )
        total = sum(feature.to_right for feature in found.features) + found.right_bias
        assert total == pytest.approx(float(logits[sample, found.right]), abs=1e-5)
        assert found.right_logit == pytest.approx(total)
        telling = [abs(feature.to_chosen - feature.to_right) for feature in found.features]
        assert telling == sorted(telling, reverse=True)
        assert log.contributions(STEP, sample, most=2).features == found.features[:2]


def test_features_are_found_in_the_maps_that_they_are_elements_of(
    recorded: tuple[Model, Tensor, Path],
) -> None:
    found = tb_layerview.open(recorded[2]).contributions(STEP, 1)
    assert (found.map_key, found.map_shape, found.classes) == ("conv.1/output", (3, 4, 4), 5)
    maps = tb_layerview.open(recorded[2])["conv.1/output"].at(STEP)[0]
    for feature in found.features:
        assert maps[np.unravel_index(feature.index, found.map_shape)] == np.float32(feature.value)


def test_features_that_are_means_of_maps_are_found_there(tmp_path: Path) -> None:
    torch.manual_seed(0)
    pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = nn.Sequential(nn.Conv2d(1, 4, 3), *pool, nn.Linear(4, 3))
    with LayerView(model, tmp_path) as view, view.step(STEP):
        model(torch.randn(2, 1, 6, 6))
    found = tb_layerview.open(tmp_path).contributions(STEP, 0, right=1)
    # Maps of 1 x 1 are no maps any more: the features are the means of those before.
    assert (found.map_key, found.map_shape) == ("0/output", (4,))


def test_a_probe_takes_the_weights_of_its_run(recorded: tuple[Model, Tensor, Path]) -> None:
    model, inputs, run = recorded
    probe = tb_layerview.open(run / "probe")
    found = probe.contributions(STEP, 2, weights=tb_layerview.open(run))
    with torch.no_grad():
        logits = model.fc[0](model.conv(inputs).flatten(1))
    assert found.chosen_logit == pytest.approx(float(logits[2].max()), abs=1e-5)
    with pytest.raises(tb_layerview.NotFoundError, match="record the kind param"):
        probe.contributions(STEP, 2)


def test_without_inputs_an_output_that_makes_the_logits_is_found(tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Dropout(0.0), nn.Linear(4, 3))
    model_inputs = torch.randn(2, 4)
    with LayerView(model, tmp_path) as view, view.step(STEP):
        model(model_inputs)
    assert tb_layerview.open(tmp_path).contributions(STEP, 0, right=1).source == "2/output"


@pytest.mark.parametrize(
    ("step", "sample", "right", "words"),
    [
        (STEP, 2, None, "one of the kept positions in the batch \\(1, 3, 5\\)"),
        (STEP, 1, 5, "a class from 0 to 4"),
        (4, 1, None, "the nearest is 3"),
    ],
)
def test_what_cannot_be_told_is_said(
    recorded: tuple[Model, Tensor, Path], step: int, sample: int, right: int | None, words: str
) -> None:
    with pytest.raises((tb_layerview.NotFoundError, tb_layerview.ArgumentError), match=words):
        tb_layerview.open(recorded[2]).contributions(step, sample, right=right)
