"""Levels of detail, against `math.fsum`, `min` and `max` over the elements of each block."""

from __future__ import annotations

import math
import tracemalloc
import warnings
from functools import partial
from itertools import product

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_layerview.errors import ArgumentError
from tb_layerview.log import levels
from tb_layerview.log.dtypes import DType, dtype_of
from tb_layerview.log.levels import is_large, level_count
from tb_layerview.measure import pyramid as pyramid_module
from tb_layerview.measure.numbers import BLOCK
from tb_layerview.measure.pyramid import pyramid, single_level
from tests.measure.elements import ALL_DTYPES, interesting_codes
from tests.measure.reference import assert_all_levels_describe

FLOAT32 = dtype_of("float32")


@pytest.fixture
def small_last_level(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small arrays have several levels."""
    monkeypatch.setattr(levels, "LARGE_SIDE", 2)


SIDES = st.sampled_from([0, 1, 2, 7, 8, 9, 16, 23, 65])


@ALL_DTYPES
@settings(deadline=None, max_examples=12)
@given(data=st.data())
def test_every_level_equals_what_its_blocks_hold_one_by_one(
    dtype: DType, data: st.DataObject
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(levels, "LARGE_SIDE", 2)
        sides = data.draw(st.lists(SIDES, min_size=1, max_size=2))
        shape = (*data.draw(st.lists(st.integers(1, 2), max_size=1)), *sides)
        random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
        raw = random.bytes(math.prod(shape) * dtype.itemsize)
        elements = np.frombuffer(raw, dtype.storage).reshape(shape).copy()
        if data.draw(st.booleans()):
            # Random bits of small types are often no numbers; here are whole blocks that are.
            elements[...] = np.frombuffer(b"\x2b" * dtype.itemsize, dtype.storage)
            for _ in range(data.draw(st.integers(0, 3)) if elements.size else 0):
                place = tuple(data.draw(st.integers(0, length - 1)) for length in shape)
                elements[place] = data.draw(st.sampled_from(list(interesting_codes(dtype))))
        assert_all_levels_describe(elements, dtype)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_float64_is_measured(data: st.DataObject) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=18))
    elements = data.draw(hnp.arrays("<f8", shape, elements=st.floats()))
    assert_all_levels_describe(elements, dtype_of("float64"))


@ALL_DTYPES
@pytest.mark.usefixtures("small_last_level")
def test_special_bit_patterns_are_each_seen_for_what_they_are(dtype: DType) -> None:
    codes = interesting_codes(dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_all_levels_describe(codes, dtype)
        assert_all_levels_describe(codes[: len(codes) // 6 * 6].reshape(6, -1), dtype)


@pytest.mark.usefixtures("small_last_level")
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, -1e30, 1e-45])
@pytest.mark.parametrize("place", [(0, 0), (63, 64), (64, 63), (129, 200), (70, 199)])
def test_no_nan_infinity_or_extreme_hides_at_any_level(
    value: float, place: tuple[int, int]
) -> None:
    elements = np.zeros((130, 201), "<f4")
    elements[place] = value
    received = pyramid(elements, FLOAT32)
    assert len(received) == 3
    for level, blocks in enumerate(received, 1):
        block = tuple(position // 8**level for position in place)
        others = np.ones(blocks.flags.shape, np.bool_)
        others[block] = False
        single = np.float32(value)
        if np.isfinite(single):
            assert single in {blocks.min[block], blocks.max[block]}
            assert blocks.flags[block] == 0
        else:
            bit = 1 if np.isnan(single) else 2 if single > 0 else 4
            assert blocks.flags[block] == bit
            assert (blocks.min[block], blocks.max[block], blocks.mean[block]) == (0, 0, 0)
        for name in levels.PLANES:
            assert not blocks.plane(name)[others].any()


@pytest.mark.parametrize(
    "shape", [(3, 70_001), (700, 513), (513, 700), (5, 300, 130), (2000, 9, 9), (4000, 3, 3)]
)
@pytest.mark.parametrize("with_nan", [False, True])
def test_tensors_of_many_parts_are_measured_as_one(
    shape: tuple[int, ...], with_nan: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyramid_module, "BLOCK", 5000)
    elements = np.random.default_rng(0).normal(1.0, 100.0, shape).astype("<f4")
    if with_nan:
        elements[np.random.default_rng(1).random(shape) < 0.001] = np.nan
    (first, *_) = pyramid(elements, FLOAT32)
    # The same by reshaping: padded to whole blocks by what is passed over.
    padding = [(0, 0)] * (len(shape) - 2) + [(0, -side % 8) for side in shape[-2:]]
    padded = np.pad(elements.astype(np.float64), padding, constant_values=np.nan)
    *outer, rows, columns = padded.shape
    blocks = padded.reshape(*outer, rows // 8, 8, columns // 8, 8)
    counts = np.isfinite(blocks).sum(axis=(-3, -1))
    with np.errstate(invalid="ignore"):
        means = np.nansum(blocks, axis=(-3, -1)) / counts
    np.testing.assert_array_equal(first.min, np.fmin.reduce(blocks, axis=(-3, -1)))
    np.testing.assert_array_equal(first.max, np.fmax.reduce(blocks, axis=(-3, -1)))
    np.testing.assert_allclose(first.mean, means, rtol=1e-6, atol=1e-12)
    size = [math.ceil(side / 8) for side in shape[-2:]]
    has_nan = np.zeros((*shape[:-2], *size), np.uint8)
    for index in np.argwhere(np.isnan(elements)):
        has_nan[(*index[:-2], *(index[-2:] // 8))] = 1
    np.testing.assert_array_equal(first.flags, has_nan)


def test_blocks_of_a_tensor_that_fills_several_cache_blocks_are_exact() -> None:
    elements = np.random.default_rng(0).standard_normal((1000, 2624)).astype("<f4")
    assert elements.size > 10 * BLOCK
    *_, last = pyramid(elements, FLOAT32)
    assert last.mean.shape == (125, 328)
    for row, column in product((0, 60, 124), (0, 128, 326, 327)):
        block = elements[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
        assert last.min[row, column] == block.min()
        assert last.max[row, column] == block.max()
        assert last.mean[row, column] == np.float32(math.fsum(block.ravel()) / block.size)


@pytest.mark.usefixtures("small_last_level")
def test_coarse_means_weigh_elements_and_not_blocks() -> None:
    elements = np.zeros((9, 65), "<f8")
    elements[8, 64] = 585.0
    first, second = pyramid(elements, dtype_of("float64"))
    assert first.mean[-1, -1] == 585.0
    assert second.mean.tolist() == [[0.0, 585.0 / 9]]
    assert single_level(elements, dtype_of("float64"), 3).mean.tolist() == [[1.0]]


@pytest.mark.usefixtures("small_last_level")
def test_the_mean_of_the_largest_float64_does_not_overflow() -> None:
    largest = np.finfo(np.float64).max
    elements = np.full((80, 80), largest)
    elements[0, 0] = np.inf
    elements[40:] = -largest
    elements[79, 79] = 5e-324
    assert_all_levels_describe(elements, dtype_of("float64"))


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((), 0),
        ((0,), 1),
        ((7,), 1),
        ((4096,), 1),
        ((4097,), 2),
        ((10, 4096), 1),
        ((16_384, 16_384), 2),
        ((16_384, 40_000, 3), 3),
        ((40_000, 3, 3), 1),
    ],
)
def test_levels_end_where_512_by_512_is_enough(shape: tuple[int, ...], expected: int) -> None:
    assert level_count(shape) == expected


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((), False), ((512,), False), ((513,), True), ((9999, 512, 512), False), ((1, 513), True)],
)
def test_only_what_is_longer_than_512_in_a_last_axis_is_large(
    shape: tuple[int, ...], expected: bool
) -> None:
    assert is_large(shape) is expected


@pytest.mark.parametrize("name", ["float32", "float64", "bfloat16"])
@pytest.mark.parametrize("value", [0, 0xFF])
def test_little_memory_is_needed_beside_the_result(name: str, value: int) -> None:
    dtype = dtype_of(name)
    # Bytes of 0xFF are NaN in all of these.
    raw = np.full((2048, 2048 * dtype.itemsize), value, np.uint8)
    elements = raw.view(dtype.storage)
    pyramid(elements[:8], dtype)  # what a thread needs for all tensors is there after its first
    tracemalloc.start()
    received = pyramid(elements, dtype)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    result = sum(level.nbytes for level in received)
    assert peak - result < 8 * BLOCK * 8


def test_a_single_number_has_no_levels() -> None:
    assert pyramid(np.array(3.0), dtype_of("float64")) == ()
    with pytest.raises(ArgumentError, match="elements: expected at least one axis"):
        single_level(np.array(3.0), dtype_of("float64"), 1)


def test_one_level_is_that_of_the_pyramid() -> None:
    elements = np.random.default_rng(3).standard_normal((4200, 70)).astype("<f4")
    elements[17, 3] = np.inf
    for level, expected in enumerate(pyramid(elements, FLOAT32), 1):
        received = single_level(elements, FLOAT32, level)
        for name in levels.PLANES:
            np.testing.assert_array_equal(received.plane(name), expected.plane(name))


def test_elements_of_another_type_are_refused() -> None:
    for reduce in (pyramid, partial(single_level, level=1)):
        with pytest.raises(ArgumentError, match="elements: expected an array of float32"):
            reduce(np.zeros(3, "<f8"), FLOAT32)
