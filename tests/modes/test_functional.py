"""`torch.func`: what its gradients look at is recorded, and what stands for others is not."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

import tb_layerview
from tests.capture.recorded import assert_same, warned

BOTH_TRANSFORMED_AND_NOT = range(2)


def test_what_layers_return_within_a_gradient_is_recorded_and_so_is_what_they_return_later(
    run: Path,
) -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh())
    weights: dict[str, torch.Tensor] = dict(model.named_parameters())
    images = torch.randn(4, 3)

    def loss_of(given: dict[str, torch.Tensor]) -> torch.Tensor:
        logits: torch.Tensor = torch.func.functional_call(model, given, (images,))
        return logits.square().sum()

    expected = torch.func.grad(loss_of)(weights)
    with tb_layerview.LayerView(model, run, kinds=("input", "output", "output_grad")) as view:
        for step in BOTH_TRANSFORMED_AND_NOT:
            with view.step(step):
                gradients = torch.func.grad(loss_of)(weights)
                model(images + 1)
            assert all(torch.equal(gradients[name], expected[name]) for name in weights)
    log = tb_layerview.open(run)
    for step in BOTH_TRANSFORMED_AND_NOT:
        for path, layers in (("0", model[:1]), ("1", model)):
            assert_same(log, f"{path}/output", layers(images), step)
            assert_same(log, f"{path}/output#1", layers(images + 1), step)
        assert_same(log, "0/input.0", images, step)
        assert_same(log, "1/output_grad", 2 * model(images), step)
    assert log.problems == []


def test_a_tensor_of_vmap_is_refused_with_its_reason_and_later_ones_are_recorded(
    run: Path,
) -> None:
    model = nn.Linear(3, 4)
    images = torch.randn(6, 4, 3)
    with warned() as sentences, tb_layerview.LayerView(model, run, kinds=["output"]) as view:
        for step in range(3):
            with view.step(step):
                torch.func.vmap(model)(images) if step < 2 else model(images[0])
    log = tb_layerview.open(run)
    assert log["/output"].steps == [2]
    assert_same(log, "/output", model(images[0]), 2)
    (sentence,) = sentences
    assert sentence.endswith("within torch.func it stands for others, as those of a vmap")
