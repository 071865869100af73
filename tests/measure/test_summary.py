"""Statistics and histograms, against NumPy's and `math.fsum` over the elements one by one."""

from __future__ import annotations

import math
import threading
import warnings

import hypothesis.extra.numpy as hnp
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_layerview.errors import ArgumentError
from tb_layerview.log.columns import BINS, CENTRE_BIN, EDGES, STATISTICS
from tb_layerview.log.dtypes import Array, DType, dtype_of
from tb_layerview.measure import summary
from tb_layerview.measure.numbers import BLOCK
from tb_layerview.measure.summary import Summary, summarize
from tests.measure.elements import ALL_DTYPES, interesting_codes, numbers_of

SPREADS = ("min", "max", "mean", "std", "rms", "max_abs")


def expected_statistics(numbers: npt.NDArray[np.float64]) -> dict[str, float]:
    finite = [float(number) for number in numbers if math.isfinite(number)]
    expected: dict[str, float] = {
        "count": numbers.size,
        "nan": sum(math.isnan(number) for number in numbers),
        "pos_inf": sum(number == math.inf for number in numbers),
        "neg_inf": sum(number == -math.inf for number in numbers),
        "zero": sum(number == 0 for number in numbers),
    }
    if not finite:
        return expected | dict.fromkeys(SPREADS, math.nan)
    largest = max(abs(number) for number in finite)
    # A power of two near the largest: division by it is exact, and squares stay in range.
    exponent = math.frexp(largest)[1] - 1
    scaled = [math.ldexp(number, -exponent) for number in finite]
    mean = math.fsum(scaled) / len(scaled)
    variance = math.fsum((number - mean) ** 2 for number in scaled) / len(scaled)
    square = math.fsum(number**2 for number in scaled) / len(scaled)
    return expected | {
        "min": min(finite),
        "max": max(finite),
        "mean": math.ldexp(mean, exponent),
        "std": math.ldexp(math.sqrt(variance), exponent),
        "rms": math.ldexp(math.sqrt(square), exponent),
        "max_abs": largest,
    }


def expected_histogram(numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The definition of `EDGES`, one element at a time: an edge is in the bin away from zero."""
    histogram = np.zeros(BINS, np.int64)
    for number in numbers[np.isfinite(numbers)]:
        beyond = number >= EDGES if number >= 0 else number > EDGES
        histogram[np.count_nonzero(beyond)] += 1
    return histogram


def assert_describes(measured: Summary, elements: Array, dtype: DType) -> None:
    with np.errstate(all="ignore"):
        numbers = numbers_of(elements, dtype).ravel()
    expected = expected_statistics(numbers)
    received = dict(zip(STATISTICS, measured.statistics, strict=True))
    scale = 0.0 if math.isnan(expected["max_abs"]) else expected["max_abs"]
    for name, value in expected.items():
        # A sum of n numbers is as precise as the largest of them, not as the sum.
        tolerance = scale * 1e-14 if name in ("mean", "std", "rms") else 0.0
        assert received[name] == pytest.approx(value, rel=1e-13, abs=tolerance, nan_ok=True), name
        if name not in ("mean", "std", "rms"):
            assert received[name] == value or math.isnan(value), name
    assert measured.statistics.dtype == np.float64
    assert measured.histogram.dtype == np.int64
    assert np.array_equal(measured.histogram, expected_histogram(numbers))


@ALL_DTYPES
@settings(deadline=None)
@given(data=st.data())
def test_it_equals_the_statistics_of_the_elements_one_by_one(
    dtype: DType, data: st.DataObject
) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=6))
    length = math.prod(shape) * dtype.itemsize
    if dtype.storage.kind in "fc" and data.draw(st.booleans()):
        elements = data.draw(hnp.arrays(dtype.storage, shape))
    else:
        raw = data.draw(st.binary(min_size=length, max_size=length))
        elements = np.frombuffer(raw, dtype.storage).reshape(shape)
    assert_describes(summarize(elements, dtype), elements, dtype)


@ALL_DTYPES
def test_special_bit_patterns_are_each_counted_as_what_they_are(dtype: DType) -> None:
    elements = interesting_codes(dtype)
    assert_describes(summarize(elements, dtype), elements, dtype)


@ALL_DTYPES
def test_no_value_raises_a_warning(dtype: DType) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        summarize(interesting_codes(dtype), dtype)


@pytest.mark.parametrize("name", ["float16", "bfloat16", "int16", "uint16"])
def test_counting_codes_and_walking_blocks_say_the_same(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dtype = dtype_of(name)
    elements = np.random.default_rng(0).integers(0, 1 << 16, 3000, np.uint16).view(dtype.storage)
    monkeypatch.setitem(summary.COUNTED_FROM, 2, 0)
    counted = summarize(elements, dtype)
    monkeypatch.setitem(summary.COUNTED_FROM, 2, 1 << 40)
    walked = summarize(elements, dtype)
    assert_describes(counted, elements, dtype)
    assert_describes(walked, elements, dtype)


@pytest.mark.parametrize("name", ["float64", "float32", "bfloat16", "int64"])
@pytest.mark.parametrize("blocks_filled", [1.0, 2.0, 2.5])
def test_several_blocks_are_measured_as_one(name: str, blocks_filled: float) -> None:
    dtype = dtype_of(name)
    size = int(blocks_filled * BLOCK)
    around_a_thousand = np.random.default_rng(1).normal(1000.0, 1.0, size)
    if name == "bfloat16":
        elements = (around_a_thousand.astype("<f4").view("<u4") >> 16).astype("<u2")
    else:
        elements = around_a_thousand.astype(dtype.storage)
    numbers = numbers_of(elements, dtype)
    received = dict(zip(STATISTICS, summarize(elements, dtype).statistics, strict=True))
    assert received["mean"] == pytest.approx(math.fsum(numbers) / size, rel=1e-14)
    assert received["std"] == pytest.approx(numbers.std(), rel=1e-10)
    assert received["min"] == numbers.min()
    assert received["max"] == numbers.max()


def test_non_finite_elements_in_one_block_are_kept_out_of_the_moments_of_all() -> None:
    elements = np.ones(3 * BLOCK, "<f4")
    elements[BLOCK + 7] = np.nan
    elements[-1] = -np.inf
    received = dict(
        zip(STATISTICS, summarize(elements, dtype_of("float32")).statistics, strict=True)
    )
    assert (received["nan"], received["neg_inf"], received["pos_inf"]) == (1, 1, 0)
    assert (received["mean"], received["std"], received["max"]) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize("magnitude", [5e-324, 1e-310, 1e-200, 1e200, np.finfo(float).max])
def test_squares_of_huge_and_tiny_float64_neither_overflow_nor_vanish(magnitude: float) -> None:
    elements = np.array([magnitude, -magnitude, magnitude, magnitude])
    received = dict(
        zip(STATISTICS, summarize(elements, dtype_of("float64")).statistics, strict=True)
    )
    assert received["rms"] == magnitude
    assert received["std"] == pytest.approx(magnitude * math.sqrt(0.75), rel=1e-14, abs=5e-324)


def test_the_smallest_is_exact_beside_the_largest() -> None:
    elements = np.array([5e-324, 1e308])
    received = dict(
        zip(STATISTICS, summarize(elements, dtype_of("float64")).statistics, strict=True)
    )
    assert (received["min"], received["max"]) == (5e-324, 1e308)


@ALL_DTYPES
def test_equal_elements_have_no_spread(dtype: DType) -> None:
    one_code = np.frombuffer(b"\x3b" * dtype.itemsize, dtype.storage)
    elements = np.repeat(one_code, 1000)
    received = dict(zip(STATISTICS, summarize(elements, dtype).statistics, strict=True))
    assert received["std"] == 0.0
    assert received["mean"] == received["min"] == received["max"]


@ALL_DTYPES
def test_no_elements_have_counts_of_zero_and_no_moments(dtype: DType) -> None:
    measured = summarize(np.zeros((0, 3), dtype.storage), dtype)
    assert np.array_equal(measured.statistics[:5], np.zeros(5))
    assert np.isnan(measured.statistics[5:]).all()
    assert not measured.histogram.any()


def test_a_number_on_an_edge_is_in_the_bin_farther_from_zero() -> None:
    histogram = summarize(EDGES.copy(), dtype_of("float64")).histogram
    assert histogram[CENTRE_BIN] == 0
    assert np.array_equal(histogram, histogram[::-1])
    assert histogram.max() == 1


def test_a_negated_tensor_has_the_histogram_reversed() -> None:
    elements = np.random.default_rng(2).standard_normal(5000).astype("<f4")
    dtype = dtype_of("float32")
    mirrored = summarize(-elements, dtype).histogram[::-1]
    assert np.array_equal(summarize(elements, dtype).histogram, mirrored)


def test_threads_do_not_share_scratch_memory() -> None:
    dtype = dtype_of("float32")
    tensors = [np.full(4 * BLOCK, value, "<f4") for value in (1.0, 2.0, 3.0)]
    means: dict[int, set[float]] = {index: set() for index in range(len(tensors))}

    def measure(index: int) -> None:
        for _ in range(20):
            statistics = summarize(tensors[index], dtype).statistics
            means[index].add(float(statistics[STATISTICS.index("mean")]))

    threads = [threading.Thread(target=measure, args=(index,)) for index in means]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert means == {0: {1.0}, 1: {2.0}, 2: {3.0}}


def test_elements_of_another_type_are_refused() -> None:
    with pytest.raises(ArgumentError, match="elements: expected an array of float32"):
        summarize(np.zeros(3, "<f8"), dtype_of("float32"))
