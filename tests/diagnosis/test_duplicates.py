"""Rows that repeat each other, beside all cosines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import tb_layerview

SAME = 1 - 1e-6


@pytest.mark.parametrize("inputs", [4, 16, 17, 300])
def test_the_pairs_are_those_of_all_cosines(inputs: int, tmp_path: Path) -> None:
    random = np.random.default_rng(inputs)
    weight = random.standard_normal((200, inputs))
    for copy in range(40):
        # From equal to just not alike enough: the squared distance is twice what the cosine lacks.
        noise = random.standard_normal(inputs)
        lacks = 2e-6 * copy / 40
        size = np.sqrt(2 * lacks) * np.linalg.norm(weight[copy]) / np.linalg.norm(noise)
        weight[160 + copy] = random.uniform(0.1, 9) * (weight[copy] + size * noise)
    model = nn.Sequential(nn.Linear(inputs, 200).double())
    with torch.no_grad():
        model[0].get_parameter("weight").copy_(torch.from_numpy(weight))
    tb_layerview.snapshot(model, tmp_path, 0, inputs=torch.zeros(1, inputs).double())
    unit = weight / np.linalg.norm(weight, axis=1, keepdims=True)
    expected = np.argwhere(np.triu(unit @ unit.T > SAME, k=1))
    found = [f for f in tb_layerview.open(tmp_path).findings() if f.rule == "duplicate_filters"]
    assert len(expected) > 8
    (one,) = found
    named = ", ".join(f"{a} and {b}" for a, b in expected[:8].tolist())
    assert one.message.endswith(f"{named} and {len(expected) - 8} more pairs")


def test_complex_rows_are_alike_where_both_parts_are(tmp_path: Path) -> None:
    class Mix(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            real, imaginary = torch.randn(2, 6, 8)
            real[3], real[4], imaginary[4] = real[1], 2 * real[2], 2 * imaginary[2]
            self.weight = nn.Parameter(torch.complex(real, imaginary))

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            return values @ self.weight.T

    torch.manual_seed(0)
    inputs = torch.randn(4, 8, dtype=torch.complex64)
    tb_layerview.snapshot(Mix(), tmp_path, 0, inputs=inputs)
    found = [f for f in tb_layerview.open(tmp_path).findings() if f.rule == "duplicate_filters"]
    assert [each.message.rpartition(": ")[2] for each in found] == ["2 and 4"]
