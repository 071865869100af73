"""What an element is made of: the products that are told add up to what PyTorch computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.diagnosis.leads import pairs_of

LAYERS = {
    "linear": (nn.Linear(6, 5), (3, 6)),
    "linear of a sequence": (nn.Linear(6, 5), (3, 4, 6)),
    "convolution": (nn.Conv2d(3, 4, 3), (3, 3, 7, 6)),
    "strided, padded, dilated": (nn.Conv2d(3, 4, 3, 2, 2, 2), (3, 3, 9, 8)),
    "as large as its input": (nn.Conv1d(3, 4, 3, padding="same"), (3, 3, 9)),
    "grouped": (nn.Conv2d(4, 6, (2, 3), groups=2, padding=(0, 1)), (3, 4, 5, 6)),
    "three axes": (nn.Conv3d(2, 3, 2), (3, 2, 4, 4, 4)),
}


@pytest.mark.parametrize("name", LAYERS)
def test_the_products_of_inputs_and_weights_add_up_to_the_output(name: str, tmp_path: Path) -> None:
    layer, shape = LAYERS[name]
    torch.manual_seed(0)
    inputs = torch.randn(shape)
    tb_layerview.snapshot(nn.Sequential(layer), tmp_path, 0, inputs=inputs)
    evidence = Evidence(tb_layerview.open(tmp_path))
    given, weights = inputs.numpy(), layer.get_parameter("weight").detach().numpy()
    bias = layer.get_parameter("bias").detach().numpy()
    outputs = layer(inputs).detach().numpy()
    unit_axis = -1 if isinstance(layer, nn.Linear) else 1
    # Corners, where a window reaches past the edge, and some places in between.
    random = np.random.default_rng(0)
    places = [(0,) * outputs.ndim, tuple(length - 1 for length in outputs.shape)]
    places += [tuple(map(int, random.integers(0, outputs.shape))) for _ in range(20)]
    for place in places:
        pairs = list(pairs_of(evidence, "0", place, given, weights))
        total = sum(float(given[at]) * float(weights[of]) for at, of in pairs)
        assert total + bias[place[unit_axis]] == pytest.approx(float(outputs[place]), abs=1e-5)
