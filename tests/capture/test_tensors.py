"""Tensors of every element type and every layout in memory; and those that cannot be recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.testing._internal.two_tensor import TwoTensor

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


OCTETS = torch.zeros(3, dtype=torch.uint8)
HUGE_SPARSE = torch.empty((1 << 20, 1 << 10), layout=torch.sparse_coo)
JAGGED = torch.nested.nested_tensor([torch.ones(2, 3), torch.ones(4, 3)], layout=torch.jagged)
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


def _quantized() -> torch.Tensor:
    return torch.quantize_per_tensor(torch.randn(3, 4), 0.1, 2, torch.quint8)


def _quantized_by_channel() -> torch.Tensor:
    scales, zeros = torch.tensor([0.1, 0.2, 0.3]), torch.zeros(3, dtype=torch.long)
    return torch.quantize_per_channel(torch.randn(3, 4), scales, zeros, 0, torch.qint8)


def _nested() -> torch.Tensor:
    return torch.nested.nested_tensor([torch.randn(2, 3), torch.randn(4, 3)])


@pytest.mark.filterwarnings("ignore:.*(deprecated|beta state|prototype stage)")
@pytest.mark.parametrize(
    ("make", "plain"),
    [
        (lambda: torch.randn(3, 4).relu().to_sparse(), torch.Tensor.to_dense),
        (lambda: torch.randn(3, 4).relu().to_sparse_csr(), torch.Tensor.to_dense),
        (lambda: torch.randn(3, 4).gt(0).to_sparse(), torch.Tensor.to_dense),
        (_quantized, torch.Tensor.dequantize),
        (_quantized_by_channel, torch.Tensor.dequantize),
        (_nested, lambda value: torch.cat(value.unbind())),
    ],
    ids=[
        "sparse", "sparse rows", "sparse bools", "quantized", "quantized by channel", "nested",
    ],
)  # fmt: skip
def test_tensors_that_are_kept_otherwise_are_recorded_by_their_values(
    run: Path,
    make: Callable[[], torch.Tensor],
    plain: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    value = make()
    log = record(Returns(value), run)
    assert_same(log, "inner/output", plain(value))
    assert log.problems == []


@pytest.mark.filterwarnings("ignore:.*prototype stage")
def test_a_nested_tensor_of_different_rows_is_refused_with_its_reason(run: Path) -> None:
    value = torch.nested.nested_tensor([torch.randn(2, 3), torch.randn(2, 4)])
    with warned() as sentences:
        record(Returns(value), run)
    assert "its items differ in more than their first axis" in sentences[0]


@pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental")
@pytest.mark.parametrize(
    ("name", "wide"),
    [
        ("float8_e4m3fnuz", torch.float32),
        ("float8_e5m2fnuz", torch.float32),
        ("float8_e8m0fnu", torch.float32),
        ("complex32", torch.complex64),
    ],
    ids=str,
)
def test_an_element_type_that_the_log_lacks_is_recorded_in_one_that_holds_its_values(
    run: Path, name: str, wide: torch.dtype
) -> None:
    dtype: torch.dtype = getattr(torch, name)  # an old PyTorch lacks one, and only one
    octets = torch.arange(256, dtype=torch.uint8)
    value = torch.randn(8, dtype=wide).to(dtype) if dtype.is_complex else octets.view(dtype)
    log = record(Returns(value), run)
    assert log["inner/output"].spec.dtype == str(wide).removeprefix("torch.")
    np.testing.assert_array_equal(elements(log, "inner/output"), value.to(wide).numpy())


@pytest.mark.parametrize("requires_grad", [True, False])
def test_a_subclass_of_parameter_is_recorded_with_its_gradient(
    run: Path, requires_grad: bool
) -> None:
    class Scale(nn.Parameter):
        pass

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = Scale(torch.randn(3), requires_grad=requires_grad)
            self.linear = nn.Linear(3, 3)

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            result: torch.Tensor = self.linear(values) * self.scale
            return result

    model = Model()
    with (
        tb_layerview.LayerView(model, run, kinds=("param", "grad")) as view,
        view.step(0),
    ):
        model(torch.randn(2, 3)).sum().backward()
    log = tb_layerview.open(run)
    assert_same(log, "/param.scale", model.scale)
    assert ("/grad.scale" in keys(log)) == requires_grad
    if model.scale.grad is not None:
        assert_same(log, "/grad.scale", model.scale.grad)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: HUGE_SPARSE, "dense it would take 4,294,967,296 bytes"),
        (lambda: torch.empty(3, device="meta"), "meta device"),
        (lambda: OCTETS.view(torch.float4_e2m1fn_x2), "float4_e2m1fn_x2"),
        (lambda: OCTETS.view(torch.bits8), "bits8"),
        # Before NumPy 2, an array cannot have so many either, and it is NumPy that says so.
        (
            lambda: torch.ones([1] * 33),
            "33 axes" if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else "found 33",
        ),
        (lambda: JAGGED, "NestedTensor keeps its elements elsewhere"),
        (
            lambda: TwoTensor(torch.zeros(3), torch.zeros(3)),
            "TwoTensor keeps its elements elsewhere",
        ),
    ],
    ids=["huge sparse", "meta", "packed floats", "bits", "many axes", "jagged", "wrapper"],
)
def test_what_cannot_be_recorded_is_said_with_its_reason_and_the_rest_is_recorded(
    run: Path, make: Callable[[], torch.Tensor], reason: str
) -> None:
    model = nn.ModuleDict({"odd": Returns(make()), "plain": nn.Linear(2, 2)})
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
