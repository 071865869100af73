"""What levels of detail must say, worked out from the elements of each block one by one."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest

from tb_layerview.log.dtypes import Array, DType
from tb_layerview.log.levels import PyramidLevel, level_count
from tb_layerview.measure.pyramid import pyramid
from tests.measure.elements import numbers_of

SINGLE = {
    "float32",
    "float16",
    "bfloat16",
    "float8_e5m2",
    "float8_e4m3fn",
    "int16",
    "int8",
    "uint16",
    "uint8",
    "bool",
}
"""The types whose every value is a float32."""


def blocks_of(numbers: npt.NDArray[np.float64], level: int) -> dict[tuple[int, ...], list[float]]:
    """The elements of each block of ``level``, by the block's index."""
    side = 8**level
    found: dict[tuple[int, ...], list[float]] = {}
    for index in np.ndindex(numbers.shape):
        block = (*index[:-2], *(place // side for place in index[-2:]))
        found.setdefault(block, []).append(float(numbers[index]))
    return found


def mean_of(finite: list[float]) -> float:
    # Divided by a power of two first, so that the sum of the largest float64 stays in range.
    exponent = math.frexp(max(map(abs, finite)))[1]
    scaled = math.fsum(math.ldexp(number, -exponent) for number in finite) / len(finite)
    return math.ldexp(scaled, exponent)


def assert_describes(
    received: PyramidLevel, level: int, numbers: npt.NDArray[np.float64], dtype: DType
) -> None:
    expected_dtype = np.float32 if dtype.name in SINGLE else np.float64
    shape = (*numbers.shape[:-2], *(math.ceil(side / 8**level) for side in numbers.shape[-2:]))
    for name in ("mean", "min", "max"):
        plane = received.plane(name)
        assert plane.dtype == expected_dtype
        assert plane.shape == shape
        assert plane.flags.c_contiguous
    assert received.flags.dtype == np.uint8
    assert received.flags.shape == shape
    blocks = blocks_of(numbers, level)
    assert len(blocks) == math.prod(shape)
    for block, elements in blocks.items():
        finite = [number for number in elements if math.isfinite(number)]
        flags = (
            any(math.isnan(number) for number in elements) * 1
            + (math.inf in elements) * 2
            + (-math.inf in elements) * 4
        )
        assert received.flags[block] == flags
        if not finite:
            assert all(np.isnan(received.plane(name)[block]) for name in ("mean", "min", "max"))
            continue
        assert received.min[block] == min(finite)
        assert received.max[block] == max(finite)
        # A sum of n numbers is as precise as the largest of them, not as the sum.
        tolerance = max(map(abs, finite)) * 1e-14
        relative = 1e-13 if expected_dtype == np.float64 else 2.0**-23
        mean = mean_of(finite)
        assert float(received.mean[block]) == pytest.approx(mean, rel=relative, abs=tolerance)
        assert received.min[block] <= received.mean[block] <= received.max[block]


def assert_all_levels_describe(elements: Array, dtype: DType) -> None:
    with np.errstate(all="ignore"):
        numbers = numbers_of(elements, dtype)
    received = pyramid(elements, dtype)
    assert len(received) == level_count(elements.shape)
    for level, blocks in enumerate(received, 1):
        assert_describes(blocks, level, numbers, dtype)
