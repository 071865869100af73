from __future__ import annotations

import torch
from torch import nn

from demo.model import CNN

SHAPES = {
    "conv1": (5, 32, 28, 28),
    "pool1": (5, 32, 14, 14),
    "conv2": (5, 64, 12, 12),
    "pool2": (5, 64, 6, 6),
    "conv3": (5, 64, 4, 4),
    "fc1": (5, 64),
    "fc_final": (5, 10),
}


def test_the_layers_are_those_of_the_readme() -> None:
    described = {path: repr(module) for path, module in CNN().named_modules()}
    assert list(dict(CNN().named_children())) == list(SHAPES)
    assert described["conv1.0"] == str(nn.Conv2d(1, 32, kernel_size=3, padding=1))
    assert described["conv2.0"] == str(nn.Conv2d(32, 64, kernel_size=3))
    assert described["fc1.0"] == str(nn.Linear(1024, 64))
    assert described["fc_final.0"] == str(nn.Linear(64, 10))
    assert described["fc_final.1"] == str(nn.Softmax(dim=1))


def test_feature_maps_have_the_shapes_that_the_model_documents() -> None:
    model, seen = CNN(), {}
    for name, child in model.named_children():
        child.register_forward_hook(
            lambda _module, _inputs, output, name=name: seen.update({name: tuple(output.shape)})
        )
    model(torch.zeros(5, 1, 28, 28))
    assert seen == SHAPES


def test_the_answer_is_one_distribution_a_picture() -> None:
    torch.manual_seed(0)
    answer = CNN()(torch.rand(5, 1, 28, 28))
    torch.testing.assert_close(answer.sum(dim=1), torch.ones(5))
    assert (answer > 0).all()
