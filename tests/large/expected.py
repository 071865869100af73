"""What must be kept of a large tensor, from definitions and by way of NumPy alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_layerview.log.reader import LogReader

PLANES = ("mean", "min", "max", "flags")
OUTSIDE = -1e99
"""Pads matrices to whole blocks; no element of a test."""


def plane_of(array: npt.NDArray[Any], level: int, plane: str) -> Any:  # noqa: ANN401
    """A plane of blocks of 8**level x 8**level of the last two axes of ``array``."""
    side = 8**level
    sides = [math.ceil(length / side) for length in array.shape[-2:]]
    missing = [length * side - have for length, have in zip(sides, array.shape[-2:], strict=True)]
    outer = [(0, 0)] * (array.ndim - 2)
    blocks = np.pad(
        array.astype(np.float64),
        [*outer, *((0, more) for more in missing)],
        constant_values=OUTSIDE,
    ).reshape(*array.shape[:-2], sides[0], side, sides[1], side)
    axes = (-3, -1)
    finite = np.isfinite(blocks) & (blocks != OUTSIDE)
    some = finite.any(axis=axes)
    if plane == "flags":
        nan, pos_inf, neg_inf = np.isnan(blocks), np.isposinf(blocks), np.isneginf(blocks)
        return nan.any(axes) * 1 + pos_inf.any(axes) * 2 + neg_inf.any(axes) * 4
    if plane == "min":
        return np.where(some, np.where(finite, blocks, np.inf).min(axis=axes), np.nan)
    if plane == "max":
        return np.where(some, np.where(finite, blocks, -np.inf).max(axis=axes), np.nan)
    with np.errstate(invalid="ignore"):
        return np.where(finite, blocks, 0).sum(axis=axes) / finite.sum(axis=axes)


def assert_levels(
    log: LogReader, key: str, array: npt.NDArray[Any], levels: int, step: int = 0
) -> None:
    """The stored levels of a tensor, 1 to ``levels``, are those of ``array``."""
    stored = log[key].at(step)
    assert [level for level in stored.levels() if level] == list(range(1, levels + 1))
    for level in range(1, levels + 1):
        for plane in PLANES:
            received = stored.level(level, plane)[...]
            np.testing.assert_allclose(received, plane_of(array, level, plane), rtol=2e-6)
        for plane in ("min", "max", "flags"):
            received = stored.level(level, plane)[...]
            np.testing.assert_array_equal(received, plane_of(array, level, plane))


def statistic(log: LogReader, key: str, name: str, step: int = 0) -> float:
    """One number of the statistics table."""
    return float(log.stats(name)[log.keys().index(key), log.steps.index(step)])


def assert_statistics(log: LogReader, key: str, array: npt.NDArray[Any], step: int = 0) -> None:
    """The statistics of a tensor are those of all elements of ``array``."""
    finite = array[np.isfinite(array)].astype(np.float64)
    exact = {
        "count": array.size,
        "nan": np.isnan(array).sum(),
        "pos_inf": np.isposinf(array).sum(),
        "neg_inf": np.isneginf(array).sum(),
        "zero": (array == 0).sum(),
        "min": finite.min(),
        "max": finite.max(),
        "max_abs": np.abs(finite).max(),
    }
    for name, expected in exact.items():
        assert statistic(log, key, name, step) == float(expected), name
    rounded = {
        "mean": finite.mean(),
        "std": finite.std(),
        "rms": math.sqrt(np.square(finite).mean()),
    }
    for name, expected in rounded.items():
        np.testing.assert_allclose(
            statistic(log, key, name, step), expected, rtol=1e-9, atol=1e-12, err_msg=name
        )
