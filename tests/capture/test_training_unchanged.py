"""A training with a recording is, bit for bit, the one without."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import tb_layerview
from demo.model import CNN
from tb_layerview.capture.plan import CAPTURED_KINDS
from tb_layerview.capture.recording import NOT_RECORDED, Recording

STEPS = 4


class Residual(nn.Module):
    """Batch norm, dropout and operations in place: what a careless copy would disturb."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(4, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        features = self.norm(self.conv(images))
        features += images
        features = self.relu(features)
        result: torch.Tensor = self.head(self.dropout(features.mean(dim=(2, 3))))
        return result


def train(model: nn.Module, view: tb_layerview.LayerView | None) -> list[torch.Tensor]:
    """Losses, gradients, parameters, buffers and the state of the generator, in this order."""
    seen: list[torch.Tensor] = []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    torch.manual_seed(1)
    for step in range(STEPS):
        images, labels = torch.randn(4, 1, 28, 28), torch.randint(0, 10, (4,))
        recording = NOT_RECORDED if view is None else view.step(step, inputs=images, targets=labels)
        with recording:
            answers = model(images)
            recording.predictions(answers)
            loss = nn.functional.cross_entropy(answers, labels)
            loss.backward()
            seen += [
                parameter.grad.clone()
                for parameter in model.parameters()
                if parameter.grad is not None
            ]
            optimizer.step()
            optimizer.zero_grad()
        seen.append(loss.detach())
    seen += [tensor.clone() for tensor in model.state_dict().values()]
    return [*seen, torch.get_rng_state()]


@pytest.mark.parametrize("make", [CNN, Residual])
@pytest.mark.parametrize("every", [1, 3])
def test_losses_gradients_weights_and_random_numbers_are_the_same(
    run: Path, make: type[nn.Module], every: int
) -> None:
    torch.manual_seed(0)
    expected = train(make(), None)
    torch.manual_seed(0)
    model = make()
    with tb_layerview.LayerView(model, run, kinds=CAPTURED_KINDS, every=every) as view:
        found = train(model, view)
    assert len(expected) == len(found)
    assert all(torch.equal(a, b) for a, b in zip(expected, found, strict=True))
    assert tb_layerview.open(run).steps == list(range(0, STEPS, every))


def test_outputs_keep_their_graph_and_identity(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
    returned: list[torch.Tensor] = []
    model[1].register_forward_hook(lambda _, __, output: returned.append(output))
    with tb_layerview.LayerView(model, run) as view, view.step(0):
        answer = model(torch.randn(2, 3))
    assert answer is returned[0]
    assert answer.grad_fn is not None
    assert type(answer) is torch.Tensor


def test_steps_that_are_not_due_share_a_recording_that_does_nothing(run: Path) -> None:
    with tb_layerview.LayerView(nn.Linear(2, 2), run, every=100) as view:
        assert view.step(1) is view.step(2)
        with view.step(1) as recording:
            assert type(recording) is Recording
            recording.predictions(object())
    assert tb_layerview.open(run).steps == []


def test_every_can_be_a_function_of_the_step(run: Path) -> None:
    model = nn.Linear(2, 2)
    with tb_layerview.LayerView(model, run, every=lambda step: step in {1, 5}) as view:
        for step in range(8):
            with view.step(step):
                model(torch.ones(1, 2))
    assert tb_layerview.open(run).steps == [1, 5]
