"""What the rules find in real trainings with a planted fault."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview import Finding, LayerView, NotFoundError
from tb_layerview.diagnosis.rules import RULES

STEPS: Final = 8
KINDS: Final = ("param", "grad", "output")


def train(
    model: nn.Module,
    run: Path,
    *,
    rate: float = 0.05,
    spoil: Callable[[int, Tensor], None] = lambda *_: None,
    trained: list[nn.Parameter] | None = None,
) -> list[Finding]:
    """A few steps of regression on noise; what is found in the log of it."""
    torch.manual_seed(1)
    parameters = [p for p in (trained or model.parameters()) if p.requires_grad]
    optimizer = torch.optim.SGD(parameters, lr=rate)
    inputs = torch.randn(32, 6)
    targets = inputs[:, :2].sin()
    with LayerView(model, run, kinds=KINDS) as view:
        for step in range(STEPS):
            batch = inputs.clone()
            spoil(step, batch)
            with view.step(step, inputs=batch):
                (model(batch) - targets).square().mean().backward()
                optimizer.step()
                optimizer.zero_grad()
    return tb_layerview.open(run).findings()


def small() -> nn.Sequential:
    """Two hidden layers."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2)
    )


def of_rule(found: list[Finding], rule: str) -> Finding:
    """The one finding of a rule."""
    (one,) = [finding for finding in found if finding.rule == rule]
    return one


def test_a_healthy_training_has_no_error_and_no_warning(tmp_path: Path) -> None:
    assert [found for found in train(small(), tmp_path) if found.severity != "info"] == []


def test_saturation_is_seen_from_its_first_step(tmp_path: Path) -> None:
    model = small()
    with torch.no_grad():
        model.get_parameter("0.weight").mul_(100)
    found = train(model, tmp_path)
    saturated = of_rule(found, "saturated")
    assert (saturated.key, saturated.first_step) == ("1/output", 0)
    assert of_rule(found, "initial_scale").key == "0/param.weight"


def test_a_dead_layer_is_named_with_its_gradient(tmp_path: Path) -> None:
    model = small()
    with torch.no_grad():
        model.get_parameter("2.bias").fill_(-100)
    found = train(model, tmp_path)
    assert of_rule(found, "dead_layer").key == "3/output"
    assert {finding.key for finding in found if finding.rule == "zero_gradient"} == {
        "0/grad.weight",
        "2/grad.weight",
        "4/grad.weight",
    }


def test_a_parameter_that_the_optimizer_does_not_have_is_frozen(tmp_path: Path) -> None:
    model = small()
    trained = [p for name, p in model.named_parameters() if name != "2.weight"]
    found = train(model, tmp_path, trained=trained)
    assert [f.key for f in found if f.rule == "frozen"] == ["2/param.weight"]


def test_a_parameter_without_gradient_is_found(tmp_path: Path) -> None:
    model = small()
    model.get_parameter("2.weight").requires_grad_(False)
    found = train(model, tmp_path)
    assert [f.key for f in found if f.rule == "no_gradient"] == ["2/param.weight"]


def test_a_learning_rate_far_too_high_is_found(tmp_path: Path) -> None:
    found = train(small(), tmp_path, rate=20.0)
    assert any(finding.rule == "update_too_large" for finding in found)


class NormThenRelu(nn.BatchNorm1d):
    """A batch norm that ends with an activation, as libraries of models have them."""

    def forward(self, inputs: Tensor) -> Tensor:
        normal: Tensor = super().forward(inputs)
        return normal.relu()


class WithToken(nn.Module):
    """A row that begins near zero and is added to every sample, as a class token."""

    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.randn(1, 1, 6) * 1e-6)
        self.layers = small()

    def forward(self, inputs: Tensor) -> Tensor:
        answers: Tensor = self.layers(inputs + self.token[0])
        return answers


def test_a_norm_with_an_activation_and_a_token_near_zero_are_healthy(tmp_path: Path) -> None:
    norm = nn.Sequential(nn.Linear(6, 16), NormThenRelu(16), nn.Linear(16, 2))
    for name, model in (("norm", norm), ("token", WithToken())):
        found = train(model, tmp_path / name)
        assert [finding.rule for finding in found if finding.severity != "info"] == []


def test_duplicate_and_constant_filters_are_found(tmp_path: Path) -> None:
    model = small()
    with torch.no_grad():
        weight = model.get_parameter("2.weight")
        weight[3] = 2 * weight[1]
        model.get_parameter("0.weight")[5] = 0.25
    found = train(model, tmp_path, rate=0.0)
    assert "1 and 3" in of_rule(found, "duplicate_filters").message
    assert of_rule(found, "constant_filters").key == "0/param.weight"


def test_a_batch_that_is_not_like_the_others_is_found(tmp_path: Path) -> None:
    def spoil(step: int, batch: Tensor) -> None:
        if step == 4:
            batch[2] = 1e6

    found = train(small(), tmp_path, rate=0.0, spoil=spoil)
    outlying = of_rule(found, "outlying_inputs")
    assert (outlying.first_step, outlying.last_step) == (4, 4)


def test_what_is_not_finite_is_an_error_at_its_origin(tmp_path: Path) -> None:
    def spoil(step: int, batch: Tensor) -> None:
        if step == 5:
            batch[0, 0] = float("nan")

    first, *_ = train(small(), tmp_path, spoil=spoil)
    assert (first.severity, first.rule, first.key) == ("error", "non_finite", "/sample.inputs")
    assert first.first_step == 5
    assert first.message.startswith("Samples/inputs has the first NaN at step 5, ")


def test_what_the_model_itself_has_is_called_by_its_class(tmp_path: Path) -> None:
    class Whole(nn.Linear):
        pass

    model = Whole(3, 2)
    with torch.no_grad():
        model.bias[1] = float("inf")
    with LayerView(model, tmp_path) as view, view.step(0):
        model(torch.ones(2, 3))
    first, *_ = tb_layerview.open(tmp_path).findings()
    assert first.key == "/param.bias"
    assert first.message.startswith("Whole/param.bias has the first +Inf at step 0, ")


def test_one_tensor_under_two_names_is_found(tmp_path: Path) -> None:
    model = small()
    model[4] = nn.Linear(16, 16)
    model[4].weight = model[2].weight
    model.append(nn.Linear(16, 2))
    shared = of_rule(train(model, tmp_path), "shared_parameters")
    assert shared.message.startswith("2/param.weight and 4/param.weight are one tensor")


def test_every_finding_is_of_a_rule_that_states_its_threshold(tmp_path: Path) -> None:
    found = train(small(), tmp_path, rate=20.0)
    assert found
    assert {finding.rule for finding in found} <= RULES.keys()


@pytest.mark.parametrize(("rate", "status"), [(0.05, 0), (1e6, 1)])
def test_the_command_prints_what_is_found_and_exits_with_it(
    tmp_path: Path, rate: float, status: int
) -> None:
    found = train(small(), tmp_path, rate=rate)
    command = [sys.executable, "-m", "tb_layerview", "findings", str(tmp_path), "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (status, "")
    told = [(each["severity"], each["rule"], each["key"]) for each in json.loads(ran.stdout)]
    assert told == [(each.severity, each.rule, each.key) for each in found]


def test_the_command_says_what_is_no_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tb_layerview", "findings", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "expected a run with layer data, received" in ran.stderr


def test_who_opens_the_directory_of_the_runs_is_told_what_they_are(tmp_path: Path) -> None:
    for run in ("first", "second/probe"):
        with tb_layerview.LayerView(nn.Linear(2, 2), tmp_path / run) as view, view.step(0):
            pass
    with pytest.raises(NotFoundError) as raised:
        tb_layerview.open(tmp_path)
    runs = f"{tmp_path / 'first'}, {tmp_path / 'second/probe'}"
    assert f"a run with layer data (there are {runs}), received" in str(raised.value)


@pytest.mark.parametrize(
    ("mask", "is_mask"), [(torch.finfo(torch.float16).min, True), (-3e4, False)]
)
def test_the_lowest_number_of_a_type_is_a_mask(mask: float, is_mask: bool, tmp_path: Path) -> None:
    class Masked(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.half().masked_fill(x < 0, mask)

    tb_layerview.snapshot(nn.Sequential(Masked()), tmp_path, 0, inputs=torch.randn(4, 4))
    found = [each.key for each in tb_layerview.open(tmp_path).findings()]
    assert ("0/output" in found) is not is_mask


def test_an_embedding_of_padding_alone_is_not_dead(tmp_path: Path) -> None:
    class Starts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens = nn.Embedding(5, 4, padding_idx=0)
            self.head = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            start = self.tokens(torch.zeros(len(x), dtype=torch.long))
            answers: Tensor = self.head(self.tokens(x) + start)
            return answers

    model = Starts()
    with LayerView(model, tmp_path, kinds=("output",)) as view:
        for step in range(4):
            with view.step(step):
                model(torch.tensor([1, 2, 3]))
    log = tb_layerview.open(tmp_path)
    assert not log["tokens/output"].at(3)[...].any()
    assert [each for each in log.findings() if each.rule == "dead_layer"] == []
