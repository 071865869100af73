"""Tensors of every element type and every layout in memory; and those that cannot be recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import tb_layerview
from tests.capture.recorded import assert_same, elements, keys, record, warned

DTYPES = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e5m2,
    torch.float8_e4m3fn, torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8,
    torch.uint16, torch.uint32, torch.uint64, torch.bool, torch.complex64, torch.complex128,
]  # fmt: skip


class Returns(nn.Module):
    """Its output is a tensor that was made before."""

    def __init__(self, value: torch.Tensor) -> None:
        super().__init__()
        self.inner = nn.Identity()
        self.value = value

    def forward(self) -> torch.Tensor:
        result: torch.Tensor = self.inner(self.value)
        return result


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_element_type_is_recorded_bit_for_bit(run: Path, dtype: torch.dtype) -> None:
    octets = torch.randint(0, 256, (3, 4, dtype.itemsize), dtype=torch.uint8)
    if dtype is torch.bool:
        octets %= 2
    value = octets.view(dtype).squeeze(-1)
    log = record(Returns(value), run)
    if dtype in (torch.float8_e5m2, torch.float8_e4m3fn, torch.bfloat16):
        stored, expected = elements(log, "inner/output"), value.float().numpy()
        np.testing.assert_array_equal(stored, expected)
        assert log["inner/output"].spec.dtype == str(dtype).removeprefix("torch.")
    else:
        assert_same(log, "inner/output", value)


BASE = torch.arange(48, dtype=torch.float32).reshape(2, 3, 4, 2)


@pytest.mark.parametrize(
    "value",
    [
        BASE.transpose(0, 2),
        BASE[:, ::2, 1:],
        BASE.to(memory_format=torch.channels_last),
        BASE[:1].expand(5, 3, 4, 2),
        BASE.flip(1),
        torch.tensor(2.5),
        torch.empty(0, 3),
        torch.empty(3, 0, 2),
        torch.tensor([1 + 2j, 3 - 4j]).conj(),
        torch.tensor([1 + 2j, 3 - 4j]).conj().imag,
        torch.ones(3, requires_grad=True) * 2,
    ],
    ids=[
        "transposed", "sliced", "channels last", "expanded", "flipped", "scalar", "zero size",
        "zero size inside", "conjugate view", "negative view", "with a graph",
    ],
)  # fmt: skip
def test_tensors_of_every_layout_in_memory_are_recorded(run: Path, value: torch.Tensor) -> None:
    log = record(Returns(value), run)
    assert_same(log, "inner/output", value)
    assert_same(log, "/output", value)


def test_tensors_made_in_inference_mode_and_outside_of_it_are_recorded_in_turn(run: Path) -> None:
    linear = nn.Linear(3, 3)
    model = nn.Sequential(linear, nn.ReLU(inplace=True))
    inputs = torch.randn(2, 3)
    with tb_layerview.LayerView(model, run) as view:
        for step in range(4):
            with view.step(step), torch.inference_mode(mode=step % 2 == 0):
                model(inputs)
            view.flush()
    log = tb_layerview.open(run)
    expected = linear(inputs)
    for step in range(4):
        assert_same(log, "0/output", expected, step)
        assert_same(log, "1/output", expected.relu(), step)
    assert log.problems == []


def test_a_harmless_subclass_of_tensor_is_recorded(run: Path) -> None:
    class Picture(torch.Tensor):
        pass

    value = torch.randn(2, 3)
    assert_same(record(Returns(value.as_subclass(Picture)), run), "inner/output", value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (torch.eye(3).to_sparse(), "sparse_coo"),
        (torch.empty(3, device="meta"), "meta device"),
        (torch.zeros(3).to(torch.float8_e8m0fnu), "float8_e8m0fnu"),
    ],
    ids=["sparse", "meta", "unknown type"],
)
def test_what_cannot_be_recorded_is_said_with_its_reason_and_the_rest_is_recorded(
    run: Path, value: torch.Tensor, reason: str
) -> None:
    model = nn.ModuleDict({"odd": Returns(value), "plain": nn.Linear(2, 2)})
    with warned() as sentences, tb_layerview.LayerView(model, run) as view:
        for step in range(3):
            with view.step(step):
                model["odd"]()
                model["plain"](torch.ones(1, 2))
    (sentence,) = sentences
    assert reason in sentence
    log = tb_layerview.open(run)
    assert log["plain/output"].steps == [0, 1, 2]
    assert "odd/output" not in keys(log)
    assert any(reason in problem and "odd" in problem for problem in log.problems)
