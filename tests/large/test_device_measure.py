"""The twin that measures on the device says what ``measure`` says on the host; held on the CPU."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_layerview.capture import device_measure
from tb_layerview.capture.device_measure import is_measured_in_single, levels_of
from tb_layerview.capture.reduced import merged_summary
from tb_layerview.capture.tensors import ELEMENT_TYPES
from tb_layerview.log import levels
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.dtypes import Array
from tb_layerview.log.levels import PLANES
from tb_layerview.measure.pyramid import pyramid
from tb_layerview.measure.summary import summarize

SINGLES = [dtype for dtype, element in ELEMENT_TYPES.items() if is_measured_in_single(element)]
EXACT = ("count", "nan", "pos_inf", "neg_inf", "zero", "min", "max", "max_abs")


@pytest.fixture(autouse=True)
def _small_blocks() -> Iterator[None]:
    """Small tensors are worked on in several parts, and have several levels."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(device_measure, "BLOCK", 256)
        monkeypatch.setattr(levels, "LARGE_SIDE", 4)
        yield


def stored_bits(tensor: torch.Tensor) -> Array:
    """The elements as the log stores them."""
    octets = tensor.contiguous().view(-1).view(torch.uint8)
    return octets.numpy().view(ELEMENT_TYPES[tensor.dtype].storage).reshape(tuple(tensor.shape))


def assert_same_as_on_the_host(tensor: torch.Tensor) -> None:
    element = ELEMENT_TYPES[tensor.dtype]
    elements = stored_bits(tensor)
    expected = summarize(elements, element)
    received = merged_summary(
        tensor.numel(), *(part.numpy() for part in device_measure.summary_of(tensor))
    )
    np.testing.assert_array_equal(received.histogram, expected.histogram)
    for name, one, other in zip(STATISTICS, received.statistics, expected.statistics, strict=True):
        if name in EXACT:
            np.testing.assert_equal(one, other, err_msg=name)
        else:
            scale = np.nan_to_num(expected.statistics[STATISTICS.index("max_abs")])
            np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12 * scale, err_msg=name)
    for ours, theirs in zip(levels_of(tensor), pyramid(elements, element), strict=True):
        for name, plane in zip(PLANES, ours, strict=True):
            twin = theirs.plane(name)
            assert plane.shape == twin.shape
            assert plane.numpy().dtype == twin.dtype
            if name == "mean":
                scale = np.nan_to_num(expected.statistics[STATISTICS.index("max_abs")])
                np.testing.assert_allclose(plane.numpy(), twin, rtol=2e-7, atol=1e-13 * scale)
            else:
                np.testing.assert_array_equal(plane.numpy(), twin)


@pytest.mark.parametrize("dtype", SINGLES, ids=str)
@pytest.mark.parametrize("shape", [(1, 1), (7, 9), (8, 64), (3, 65, 130), (2, 3, 17, 5), (2, 0, 3)])
def test_random_bits_of_every_type_are_measured_alike(
    dtype: torch.dtype, shape: tuple[int, ...]
) -> None:
    octets = torch.randint(0, 256, (*shape, dtype.itemsize), dtype=torch.uint8)
    if dtype is torch.bool:
        octets %= 2
    assert_same_as_on_the_host(octets.view(dtype).view(shape))


@pytest.mark.parametrize("value", [0.0, -0.0, 1e-45, 3e38, -3e38, torch.inf, -torch.inf, torch.nan])
def test_tensors_of_one_value_are_measured_alike(value: float) -> None:
    assert_same_as_on_the_host(torch.full((30, 41), value))


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_special_numbers_anywhere_are_measured_alike(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(1, 40), st.integers(1, 80)))
    torch.manual_seed(data.draw(st.integers(0, 1000)))
    tensor = torch.randn(shape) * 10.0 ** data.draw(st.integers(-40, 37))
    for _ in range(data.draw(st.integers(0, 5))):
        place = tuple(data.draw(st.integers(0, length - 1)) for length in shape)
        tensor[place] = data.draw(
            st.sampled_from([torch.nan, torch.inf, -torch.inf, 3.4e38, -3.4e38, 0.0, 1e-44])
        )
    assert_same_as_on_the_host(tensor)


@pytest.mark.parametrize(
    "view",
    [
        lambda tensor: tensor.transpose(0, 2),
        lambda tensor: tensor[:, ::2, 3:40],
        lambda tensor: tensor[:1].expand(5, -1, -1),
        lambda tensor: tensor.transpose(0, 1)[1:3],
    ],
    ids=["transposed", "cut", "expanded", "samples on a later axis"],
)
def test_views_with_strides_of_their_own_are_measured_alike(view: object) -> None:
    assert callable(view)
    assert_same_as_on_the_host(view(torch.randn(4, 50, 60)))


def test_whole_tensors_are_never_copied_by_their_parts() -> None:
    wide = torch.randn(3, 5, 700).transpose(0, 2)
    assert max(part.numel() for part in device_measure.flat_parts(wide)) <= device_measure.BLOCK
    assert sum(part.numel() for part in device_measure.flat_parts(wide)) == wide.numel()
