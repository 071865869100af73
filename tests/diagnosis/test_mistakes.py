"""Mistakes of a training loop that no layer shows, beside what only looks like them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import torch
from sklearn.datasets import load_diabetes, load_digits
from torch import Tensor, nn

import tb_layerview
from tb_layerview import Finding, LayerView

STEPS = 13
BATCH = 32


def digits() -> tuple[Tensor, Tensor]:
    """Pictures as rows of 64 numbers from 0 to 16, and their classes."""
    pixels, classes = load_digits(return_X_y=True)
    return torch.tensor(pixels, dtype=torch.float32), torch.tensor(classes)


def classifier() -> nn.Sequential:
    """A small one."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 10))


def of_rule(run: Path, rule: str) -> list[Finding]:
    return [found for found in tb_layerview.open(run).findings() if found.rule == rule]


@pytest.mark.parametrize(
    ("mistake", "rate", "first"),
    [("", 0.1, None), ("outside", 0.1, None), ("copy", 0.1, 0), ("", 0.0, 0), ("later", 0.1, 3)],
)
def test_a_training_that_changes_nothing_is_told_from_one_whose_optimizer_is_not_in_the_block(
    mistake: str, rate: float, first: int | None, tmp_path: Path
) -> None:
    inputs, classes = digits()
    model = classifier()
    trained = copy.deepcopy(model) if mistake == "copy" else model
    optimizer = torch.optim.SGD(trained.parameters(), lr=rate)
    with LayerView(model, tmp_path, kinds=("param", "grad")) as view:
        for step in range(STEPS):
            if mistake == "later" and step == 2:
                optimizer.param_groups[0]["lr"] = 1e-12
            with view.step(step):
                nn.functional.cross_entropy(model(inputs[:BATCH] / 16), classes[:BATCH]).backward()
                if mistake != "outside":
                    optimizer.step()
            if mistake == "outside":
                optimizer.step()
            model.zero_grad()
    found = of_rule(tmp_path, "no_update")
    assert [each.first_step for each in found] == ([] if first is None else [first])


@pytest.mark.parametrize(("kind", "is_sorted"), [("sorted", True), ("shuffled", False)])
def test_batches_of_one_class_each_are_told_from_shuffled_ones(
    kind: str, is_sorted: bool, tmp_path: Path
) -> None:
    inputs, classes = digits()
    order = classes.argsort() if kind == "sorted" else torch.arange(len(classes))
    model = classifier()
    with LayerView(model, tmp_path, kinds=("output",), labels=list("abcdefghij")) as view:
        for step, chosen in enumerate(order.split(BATCH)):
            with view.step(step, inputs=inputs[chosen], targets=classes[chosen]):
                model(inputs[chosen])
    found = of_rule(tmp_path, "one_class_batches")
    assert [each.key for each in found] == (["/sample.targets"] if is_sorted else [])
    assert not found or "(a at step 0, b at step 6)" in found[0].message


@pytest.mark.parametrize(("turns", "is_sorted"), [(1, False), (2, True)])
def test_real_and_fake_in_turn_are_no_sorted_data(
    turns: int, is_sorted: bool, tmp_path: Path
) -> None:
    inputs, _ = digits()
    model = classifier()
    with LayerView(model, tmp_path, kinds=("output",)) as view:
        for step in range(STEPS):
            batch = inputs[BATCH * step : BATCH * (step + 1)]
            real = torch.full((BATCH,), step // turns % 2)
            with view.step(step, inputs=batch, targets=real):
                model(batch)
    assert bool(of_rule(tmp_path, "one_class_batches")) == is_sorted


def test_a_class_that_is_rare_makes_no_sorted_batches(tmp_path: Path) -> None:
    model = nn.Linear(3, 1)
    with LayerView(model, tmp_path, kinds=("output",)) as view:
        for step in range(STEPS):
            targets = torch.zeros(BATCH)
            targets[0] = step % 4 == 3
            with view.step(step, inputs=torch.randn(BATCH, 3), targets=targets):
                model(torch.randn(BATCH, 3))
    assert of_rule(tmp_path, "one_class_batches") == []


@pytest.mark.parametrize(
    ("last", "scale", "shift", "is_told"),
    [
        (nn.Sigmoid(), 1, 0, True),
        (nn.Sigmoid(), 1 / 16, 0, False),
        (nn.Tanh(), 1 / 8, -1, False),
        (nn.ReLU(), 1, 0, False),
        (nn.ReLU(), 1 / 8, -1, True),
        (nn.Identity(), 1, 0, False),
    ],
)
def test_targets_that_the_last_layer_cannot_answer_are_found(
    last: nn.Module, scale: float, shift: float, is_told: bool, tmp_path: Path
) -> None:
    pictures = digits()[0] * scale + shift
    model = nn.Sequential(nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 64), last)
    with LayerView(model, tmp_path, kinds=("output",)) as view:
        for step, batch in enumerate(pictures.split(BATCH)[:4]):
            with view.step(step, inputs=batch, targets=batch) as recording:
                recording.predictions(model(batch))
    found = of_rule(tmp_path, "unreachable_targets")
    assert [each.key for each in found] == (["/sample.targets"] if is_told else [])


@pytest.mark.parametrize(
    ("scaled", "rate", "steps", "is_told"),
    [
        (False, 1e-4, STEPS, True),
        (False, 1e-4, 9, False),
        (True, 1e-4, STEPS, False),
        # Fast enough to learn the scale, too.
        (False, 1.0, 10 * STEPS, False),
    ],
)
def test_targets_in_a_unit_of_their_own_are_found_while_the_answers_are_far_from_them(
    scaled: bool, rate: float, steps: int, is_told: bool, tmp_path: Path
) -> None:
    features, progress = load_diabetes(return_X_y=True)
    targets = torch.tensor(progress, dtype=torch.float32)
    deviation = targets.std(correction=0)
    if scaled:
        targets = (targets - targets.mean()) / deviation
    inputs = torch.tensor(features / features.std(axis=0), dtype=torch.float32)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    with LayerView(model, tmp_path, kinds=("output",)) as view:
        for step in range(steps):
            with view.step(step, inputs=inputs, targets=targets):
                nn.functional.mse_loss(model(inputs)[:, 0], targets).backward()
                optimizer.step()
                optimizer.zero_grad()
    found = of_rule(tmp_path, "unscaled_targets")
    assert [each.key for each in found] == (["/sample.targets"] if is_told else [])
    assert not found or f"a standard deviation of {deviation:.3g}," in found[0].message


def test_answers_that_go_on_behind_the_last_layer_may_reach_any_target(tmp_path: Path) -> None:
    class Scaled(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.shares = nn.Sequential(nn.Linear(64, 64), nn.Sigmoid())

        def forward(self, values: Tensor) -> Tensor:
            answers: Tensor = 16 * self.shares(values)
            return answers

    batch = digits()[0][:BATCH]
    model = Scaled()
    with LayerView(model, tmp_path, kinds=("output",)) as view:
        for step in range(4):
            with view.step(step, inputs=batch, targets=batch):
                model(batch)
    assert of_rule(tmp_path, "unreachable_targets") == []


@pytest.mark.parametrize("how", ["requires none", "no optimizer"])
def test_a_part_of_a_model_that_stays_as_it_was_is_one_finding(how: str, tmp_path: Path) -> None:
    inputs, classes = digits()
    model = nn.Sequential(classifier(), nn.Linear(10, 10))
    model.get_submodule("0").requires_grad_(how == "no optimizer")
    optimizer = torch.optim.SGD(model.get_submodule("1").parameters(), lr=0.1)
    with LayerView(model, tmp_path, kinds=("param", "grad")) as view:
        for step in range(4):
            with view.step(step):
                nn.functional.cross_entropy(model(inputs[:BATCH] / 16), classes[:BATCH]).backward()
                optimizer.step()
            model.zero_grad()
    rule = "no_gradient" if how == "requires none" else "frozen"
    (found,) = of_rule(tmp_path, rule)
    assert found.key == "0.0/param.weight"
    assert all(
        f"0.{layer}/param.{name}" in found.message
        for layer in (0, 2)
        for name in ("weight", "bias")
    )


class Loss(NamedTuple):
    """A last layer, a loss of its answers and classes, and what is taken twice."""

    last: nn.Module
    classes: int
    of: Callable[[Tensor, Tensor], Tensor]
    twice: str | None


LOSSES: Final = (
    Loss(nn.Softmax(1), 10, nn.functional.cross_entropy, "softmax"),
    Loss(nn.Softmax(1), 10, lambda p, t: nn.functional.nll_loss(p.log(), t), None),
    Loss(nn.Softmax(1), 10, lambda p, t: (p - nn.functional.one_hot(t, 10)).square().mean(), None),
    Loss(nn.Identity(), 10, nn.functional.cross_entropy, None),
    Loss(
        nn.Sigmoid(),
        1,
        lambda p, t: nn.functional.binary_cross_entropy_with_logits(p[:, 0], (t % 2).float()),
        "sigmoid",
    ),
    Loss(
        nn.Sigmoid(),
        1,
        lambda p, t: nn.functional.binary_cross_entropy(p[:, 0], (t % 2).float()),
        None,
    ),
    Loss(nn.Sigmoid(), 1, lambda p, t: (p[:, 0] - t % 2).square().mean(), None),
)


@pytest.mark.parametrize("loss", LOSSES)
def test_shares_of_which_a_loss_takes_the_shares_again_are_found(
    loss: Loss, tmp_path: Path
) -> None:
    inputs, classes = digits()
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, loss.classes), loss.last)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    with LayerView(model, tmp_path, kinds=("output", "output_grad")) as view:
        for step, chosen in enumerate(torch.arange(len(classes)).split(BATCH)[:STEPS]):
            asked = classes[chosen] if loss.classes > 1 else classes[chosen] % 2
            with view.step(step, inputs=inputs[chosen], targets=asked):
                loss.of(model(inputs[chosen] / 16), classes[chosen]).backward()
            optimizer.step()
            optimizer.zero_grad()
    told = [
        each.message.split(" with a ")[1].split()[0]
        for each in of_rule(tmp_path, "normalised_twice")
    ]
    assert told == ([] if loss.twice is None else [loss.twice])
