"""The statistics of a tensor of which each rank has a part, beside NumPy's of the whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tb_layerview.log.columns import EDGES, STATISTICS
from tb_layerview.log.reader import LogReader
from tb_layerview.measure.summary import with_update
from tests.log.conftest import OpenWriter
from tests.log.rank_frames import (
    OUTPUT,
    WEIGHT,
    numbers,
    rank_frame,
    row_cuts,
    write_shards,
)


def test_updates_of_unequal_shards_are_those_of_the_whole(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    before = numbers(7, 5)
    after = before + numbers(7, 5)[::-1] * np.linspace(0.01, 3, 7, dtype="<f4")[:, None]
    change = (after - before).astype(float)
    for rank, cut in enumerate(row_cuts(4, 2, 1, 0)):
        frame = rank_frame(rank, 4, {WEIGHT: before}, shards={WEIGHT: cut})
        (tensor,) = frame.tensors
        update_rms = np.sqrt(np.mean(change[cut] ** 2)) if change[cut].size else np.nan
        rows = [replace(tensor, statistics=with_update(tensor.statistics, float(update_rms)))]
        open_writer(tmp_path, rank=rank).append(replace(frame, tensors=rows))
    log = LogReader(tmp_path)
    update = np.sqrt(np.mean(change**2))
    assert log.stats("update_rms")[0, 0] == pytest.approx(update, rel=1e-12)
    ratio = update / np.sqrt(np.mean(before.astype(float) ** 2))
    assert log.stats("update_ratio")[0, 0] == pytest.approx(ratio, rel=1e-12)


def test_statistics_and_histogram_of_shards_are_those_of_the_whole(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    whole = numbers(9, 4) * 3 + 100
    whole[0, 0], whole[5, 1], whole[6, 2], whole[8, 3] = np.nan, np.inf, -np.inf, 0.0
    write_shards(tmp_path, open_writer, whole, *row_cuts(3, 3, 3))
    log = LogReader(tmp_path)
    finite = whole[np.isfinite(whole)].astype(float)
    expected = {
        "count": whole.size,
        "nan": 1,
        "pos_inf": 1,
        "neg_inf": 1,
        "zero": 1,
        "min": finite.min(),
        "max": finite.max(),
        "mean": finite.mean(),
        "std": finite.std(),
        "rms": np.sqrt(np.mean(finite**2)),
        "max_abs": np.abs(finite).max(),
        "update_rms": np.nan,
        "update_ratio": np.nan,
    }
    assert set(expected) <= set(STATISTICS)
    for name, value in expected.items():
        assert log.stats(name)[0, 0] == pytest.approx(value, rel=1e-12, nan_ok=True), name
    counts, _ = np.histogram(finite, bins=np.concatenate([[-np.inf], EDGES, [np.inf]]))
    np.testing.assert_array_equal(log[WEIGHT].histogram()[0], counts)


def test_shards_without_finite_elements_leave_the_moments_to_the_others(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    whole = np.array([[np.nan, np.inf], [1.0, 3.0]], "<f4")
    write_shards(tmp_path, open_writer, whole, *row_cuts(1, 1))
    log = LogReader(tmp_path)
    assert [log.stats(name)[0, 0] for name in ("count", "nan", "pos_inf")] == [4, 1, 1]
    assert [log.stats(name)[0, 0] for name in ("min", "max", "mean", "std")] == [1, 3, 2, 1]


def test_a_tensor_of_nothing_but_nan_has_no_moments(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    write_shards(tmp_path, open_writer, np.full((2, 2), np.nan, "<f4"), *row_cuts(1, 1))
    log = LogReader(tmp_path)
    assert log.stats("nan")[0, 0] == 4
    assert np.isnan([log.stats(name)[0, 0] for name in STATISTICS[5:]]).all()


def test_statistics_of_outputs_cover_the_batches_of_all_ranks(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    batches = [numbers(4, 3), numbers(4, 3) + 5]
    batches[1][3, 2] = np.inf
    for rank, batch in enumerate(batches):
        tensors = {WEIGHT: numbers(2, 2), OUTPUT: batch}
        open_writer(tmp_path, rank=rank).append(rank_frame(rank, 2, tensors))
    log = LogReader(tmp_path)
    assert log.stats("pos_inf")[:, 0].tolist() == [0, 1]
    assert log.stats("count")[:, 0].tolist() == [4, 24]
    finite = np.concatenate(batches)
    finite = finite[np.isfinite(finite)]
    assert log.stats("mean")[1, 0] == pytest.approx(finite.mean(dtype=float))
    assert log[OUTPUT].histogram()[0].sum() == 23
    np.testing.assert_array_equal(log[OUTPUT].at(0)[...], batches[0])
