"""What is told over the steps: chosen rows and blocks of statistics, single elements, faults."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plugin.conftest import STEPS, LoadedPlugin, arrays_of
from tests.plugin.test_routes import body, loaded

RUN = "second"


def test_rows_of_statistics_are_those_that_were_asked_for(plugin: LoadedPlugin) -> None:
    keys = ["fc/param.bias", "fc/param.weight"]
    received = loaded(plugin.get("/stats", run=RUN, stat="max", key=keys))
    expected = [[arrays_of(step)[key].max() for step in STEPS] for key in keys]
    np.testing.assert_array_equal(received, expected)


@pytest.mark.parametrize(
    ("statistic", "of_array", "of_block"),
    [
        ("max", np.max, np.max),
        ("min", np.min, np.min),
        ("mean", np.mean, np.mean),
        ("max_abs", lambda array: np.abs(array).max(), np.max),
    ],
)
def test_steps_come_in_blocks(
    plugin: LoadedPlugin, statistic: str, of_array: object, of_block: object
) -> None:
    key = "fc/param.weight"
    parameters = {"run": RUN, "stat": statistic, "key": key, "max_columns": 2}
    received = loaded(plugin.get("/stats", **parameters))
    # Three steps in two columns: two, and the one that is left.
    each = [of_array(arrays_of(step)[key].astype(np.float64)) for step in STEPS]  # type: ignore[operator]
    expected = [[of_block(each[:2]), each[2]]]  # type: ignore[operator]
    np.testing.assert_allclose(received, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        ({"every": 1}, [[0], [1], [2]]),
        ({"every": 2}, [[1], [2]]),
        ({"every": 2, "max_columns": 1}, [[1, 2]]),
        ({"every": 2, "first_step": STEPS[1]}, [[2]]),
        ({"every": 9}, [[2]]),
    ],
)
def test_of_every_few_steps_the_last_is_looked_at(
    plugin: LoadedPlugin, which: dict[str, int], expected: list[list[int]]
) -> None:
    key = "fc/param.weight"
    received = loaded(plugin.get("/stats", run=RUN, stat="max", key=key, **which))
    greatest = [max(arrays_of(STEPS[place])[key].max() for place in some) for some in expected]
    np.testing.assert_array_equal(received, [greatest])


def test_a_block_counts_what_is_not_finite(plugin: LoadedPlugin) -> None:
    received = loaded(plugin.get("/stats", run=RUN, stat="nan", key="conv/output", max_columns=1))
    np.testing.assert_array_equal(received, [[1.0]])


@pytest.mark.parametrize(
    ("text", "index"), [("1,2,3,4", np.s_[1, 2, 3, 4]), ("0,0,:,0", np.s_[0, 0, :, 0])]
)
def test_elements_are_followed_over_the_steps(
    plugin: LoadedPlugin, text: str, index: tuple[int | slice, ...]
) -> None:
    parameters = {"run": RUN, "key": "conv/output"}
    received = loaded(plugin.get("/series", **parameters, slice=text))
    expected = np.stack([np.ravel(arrays_of(step)["conv/output"][index]) for step in STEPS])
    assert received.tobytes() == expected.tobytes()
    assert received.dtype == expected.dtype
    axes = body(plugin.get("/series/axes", **parameters))
    assert axes == {"steps": list(STEPS), "available": len(STEPS)}


@pytest.mark.parametrize(
    ("which", "expected", "available"),
    [
        ({"first_step": 1}, STEPS[1:], 2),
        ({"first_step": 10, "last_step": 10}, STEPS[1:2], 1),
        ({"max_rows": 2}, (STEPS[0], STEPS[-1]), 3),
        ({"last_step": 10, "max_rows": 1}, STEPS[1:2], 2),
        ({"first_step": 21}, (), 0),
    ],
)
def test_elements_are_followed_over_some_steps_and_it_is_told_of_how_many(
    plugin: LoadedPlugin, which: dict[str, int], expected: tuple[int, ...], available: int
) -> None:
    parameters = {"run": RUN, "key": "fc/param.bias", **which}
    received = loaded(plugin.get("/series", **parameters, slice="3"))
    assert received.tolist() == [[arrays_of(step)["fc/param.bias"][3]] for step in expected]
    axes = body(plugin.get("/series/axes", **parameters))
    assert axes == {"steps": list(expected), "available": available}
    histogram = body(plugin.get("/histogram/axes", **parameters))
    assert (histogram["steps"], histogram["available"]) == (list(expected), available)


@pytest.mark.parametrize(
    ("route", "parameters", "status", "words"),
    [
        ("/series", {"key": "fc/param.weight", "slice": "11,0"}, 400, "slice"),
        ("/series", {"key": "fc/param.wait", "slice": "0,0"}, 404, "fc/param.weight"),
        ("/stats", {"stat": "max", "key": "fc/param.wait"}, 404, "fc/param.weight"),
        ("/stats", {"stat": "max", "max_columns": "0"}, 400, "max_columns: expected 1 or more"),
        ("/stats", {"stat": "max", "every": "0"}, 400, "every: expected 1 or more"),
        ("/origin", {"step": "11"}, 404, "the nearest is 10"),
        ("/origin", {}, 400, "step"),
    ],
)
def test_what_does_not_fit_is_said(
    plugin: LoadedPlugin, route: str, parameters: dict[str, str], status: int, words: str
) -> None:
    answer = plugin.get(route, run=RUN, **parameters)
    assert answer.status_code == status
    assert words in body(answer)["error"]["message"]


def test_more_elements_than_can_be_followed_are_refused(
    plugin: LoadedPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tb_layerview.plugin.answers.MAX_SERIES", 64)
    answer = plugin.get("/series", run=RUN, key="fc/param.weight", slice=":,0:7")
    assert answer.status_code == 413
    assert "at most 64, received 70" in body(answer)["error"]["message"]


def test_findings_and_origin_are_those_of_the_log(plugin: LoadedPlugin) -> None:
    found = body(plugin.get("/findings", run=RUN))["findings"]
    assert (found[0]["severity"], found[0]["rule"], found[0]["key"]) == (
        "error",
        "non_finite",
        "conv/output",
    )
    assert found[0]["first_step"] == STEPS[0]
    assert "named is the first tensor" in found[0]["states"]
    origin = body(plugin.get("/origin", run=RUN, step=10))["origin"]
    assert origin["key"] == "conv/output"
    assert (origin["nan"], origin["pos_inf"], origin["neg_inf"]) == (1, 1, 0)
    assert origin["indices"] == [[0, 0, 0, 0], [1, 2, 3, 4]]


@pytest.mark.parametrize(
    ("asked", "steps"),
    [
        ({"first_step": STEPS[1]}, STEPS[1:]),
        ({"last_step": STEPS[1]}, STEPS[:2]),
        ({"first_step": STEPS[0] + 1, "last_step": STEPS[2] - 1}, STEPS[1:2]),
        ({"first_step": STEPS[2] + 1}, ()),
        ({"max_rows": 2}, (STEPS[0], STEPS[2])),
        ({"max_rows": 1}, STEPS[2:]),
        ({"first_step": STEPS[1], "max_rows": 9}, STEPS[1:]),
    ],
)
def test_histograms_are_those_of_the_steps_that_were_asked_for(
    plugin: LoadedPlugin, asked: dict[str, int], steps: tuple[int, ...]
) -> None:
    parameters = {"run": RUN, "key": "fc/param.weight", **asked}
    axes = body(plugin.get("/histogram/axes", **parameters))
    assert axes["steps"] == list(steps)
    counts = loaded(plugin.get("/histogram", **parameters))
    assert counts.shape == (len(steps), len(axes["edges"]) + 1)
    edges = np.array(axes["edges"])
    for row, step in zip(counts, steps, strict=True):
        elements = arrays_of(step)["fc/param.weight"].astype(np.float64).ravel()
        # A bin holds the edge that is nearer to zero: of positive bins the lower one.
        bins = np.where(
            elements > 0,
            np.searchsorted(edges, elements, side="right"),
            np.searchsorted(edges, elements, side="left"),
        )
        np.testing.assert_array_equal(row, np.bincount(bins, minlength=counts.shape[1]))


@pytest.mark.parametrize("asked", [{"max_rows": "0"}, {"first_step": "now"}])
def test_a_range_of_histograms_that_is_none_is_refused(
    plugin: LoadedPlugin, asked: dict[str, str]
) -> None:
    for route in ("/histogram", "/histogram/axes"):
        answer = plugin.get(route, run=RUN, key="fc/param.weight", **asked)
        assert answer.status_code == 400
        assert next(iter(asked)) in body(answer)["error"]["message"]
