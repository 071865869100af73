"""A tensor that two ranks recorded in shards, as a page gets it."""

from __future__ import annotations

import io
from contextlib import closing

import numpy as np
import pytest

from tb_layerview.log.writer import LogWriter
from tests.fixtures.small_log import tell_tensorboard
from tests.log.rank_frames import WEIGHT, numbers, rank_frame, row_cuts
from tests.plugin.conftest import LoadedPlugin

WHOLE = numbers(7, 5)


@pytest.fixture(scope="module")
def sharded(tmp_path_factory: pytest.TempPathFactory) -> LoadedPlugin:
    logdir = tmp_path_factory.mktemp("sharded")
    for rank, cut in enumerate(row_cuts(4, 3)):
        with closing(LogWriter(logdir / "run", rank=rank)) as writer:
            writer.append(rank_frame(rank, 2, {WEIGHT: WHOLE}, shards={WEIGHT: cut}))
    tell_tensorboard(logdir / "run")
    return LoadedPlugin(logdir)


def test_the_catalog_has_the_shape_of_the_whole(sharded: LoadedPlugin) -> None:
    (tensor,) = sharded.get("/catalog", run="run").get_json()["tensors"]
    assert (tensor["shape"], tensor["stored"]) == ([7, 5], "exact")


@pytest.mark.parametrize(
    ("route", "parameters", "expected"),
    [
        ("/array", {"key": WEIGHT, "step": 0, "slice": "3:5,1:"}, WHOLE[3:5, 1:]),
        (
            "/array",
            {"key": WEIGHT, "step": 0, "slice": "...", "level": 1, "plane": "max"},
            WHOLE.max(keepdims=True),
        ),
        ("/stats", {"stat": "max"}, [[WHOLE.max()]]),
        ("/stats", {"stat": "count"}, [[35]]),
    ],
)
def test_routes_answer_of_the_whole(
    sharded: LoadedPlugin, route: str, parameters: dict[str, object], expected: object
) -> None:
    answer = sharded.get(route, run="run", **parameters)
    assert answer.status_code == 200, answer.text
    np.testing.assert_array_equal(np.load(io.BytesIO(answer.data)), np.asarray(expected))


def test_the_histogram_counts_all_shards(sharded: LoadedPlugin) -> None:
    answer = sharded.get("/histogram", run="run", key=WEIGHT)
    assert np.load(io.BytesIO(answer.data)).sum() == 35
