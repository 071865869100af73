"""The routes over HTTP, with TensorBoard's own Python code behind them."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from werkzeug.test import TestResponse

from tb_layerview.log.columns import STATISTICS
from tests.plugin.conftest import STEPS, LoadedPlugin, arrays_of, values_of

ARRAY = {"run": "second", "key": "conv/output", "step": 10}
DATA_ROUTES: dict[str, dict[str, Any]] = {
    "/runs": {},
    "/catalog": {"run": "second"},
    "/array": ARRAY,
    "/stats": {"run": "second", "stat": "nan"},
    "/stats/axes": {"run": "second"},
    "/series": {"run": "second", "key": "conv/output", "slice": "1,2,3,4"},
    "/series/axes": {"run": "second", "key": "conv/output"},
    "/findings": {"run": "second"},
    "/origin": {"run": "second", "step": 10},
    "/histogram": {"run": "second", "key": "conv/output"},
    "/histogram/axes": {"run": "second", "key": "conv/output"},
}


def body(answer: TestResponse) -> dict[str, Any]:
    assert answer.mimetype == "application/json"
    parsed: dict[str, Any] = json.loads(answer.data)
    return parsed


def loaded(answer: TestResponse) -> npt.NDArray[Any]:
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "application/octet-stream"
    array: npt.NDArray[Any] = np.load(io.BytesIO(answer.data), allow_pickle=False)
    return array


def test_runs_are_those_with_layer_data(plugin: LoadedPlugin) -> None:
    runs = body(plugin.get("/runs"))["runs"]
    assert [run["name"] for run in runs] == [".", "group/first", "second"]
    assert {(run["frames"], run["first_step"], run["last_step"]) for run in runs} == {(3, 0, 20)}


@pytest.mark.parametrize("run", [".", "group/first", "second"])
def test_every_array_is_what_was_written_bit_for_bit(plugin: LoadedPlugin, run: str) -> None:
    for step in STEPS:
        for key, array in arrays_of(step).items():
            received = loaded(plugin.get("/array", run=run, key=key, step=step))
            expected = values_of(array)
            assert received.dtype == expected.dtype
            assert received.shape == expected.shape
            assert received.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("1,2,:,:", np.s_[1, 2, :, :]),
        ("0,3", np.s_[0, 3]),
        ("...,4", np.s_[..., 4]),
        ("-1,...,-2:", np.s_[-1, ..., -2:]),
        ("1:3,2:100,:-1,0", np.s_[1:3, 2:100, :-1, 0]),
        ("3:1", np.s_[3:1]),
        ("1,2,3,4", np.s_[1, 2, 3, 4]),
        ("", np.s_[()]),
    ],
)
def test_a_slice_is_numpys(plugin: LoadedPlugin, text: str, index: tuple[int | slice, ...]) -> None:
    received = loaded(plugin.get("/array", **ARRAY, slice=text))
    expected = arrays_of(10)["conv/output"][index]
    assert received.shape == expected.shape
    assert received.tobytes() == expected.tobytes()


def test_an_array_is_asked_for_once_and_never_again(plugin: LoadedPlugin) -> None:
    answer = plugin.get("/array", **ARRAY, level=0, plane="mean", generation="whatever")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "Expires" not in answer.headers
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("stat", STATISTICS)
def test_statistics_come_with_their_axes(plugin: LoadedPlugin, stat: str) -> None:
    table = loaded(plugin.get("/stats", run="second", stat=stat))
    axes = body(plugin.get("/stats/axes", run="second"))
    assert table.dtype == np.float64
    assert table.shape == (len(axes["keys"]), len(axes["steps"]))
    assert axes == {"keys": list(arrays_of(0)), "steps": list(STEPS)}


def test_statistics_count_what_is_no_number(plugin: LoadedPlugin) -> None:
    keys = list(arrays_of(0))
    for stat in ("nan", "pos_inf"):
        table = loaded(plugin.get("/stats", run="second", stat=stat))
        assert table[keys.index("conv/output")].tolist() == [1, 1, 1]
    largest = loaded(plugin.get("/stats", run="second", stat="max"))
    expected = [arrays_of(step)["fc/param.weight"].max() for step in STEPS]
    assert largest[keys.index("fc/param.weight")].tolist() == expected


def test_a_histogram_counts_the_finite_elements(plugin: LoadedPlugin) -> None:
    counts = loaded(plugin.get("/histogram", run="second", key="conv/output"))
    axes = body(plugin.get("/histogram/axes", run="second", key="conv/output"))
    assert counts.shape == (len(axes["steps"]), len(axes["edges"]) + 1)
    assert counts.sum(axis=1).tolist() == [4 * 8 * 6 * 5 - 2] * len(STEPS)


@pytest.mark.parametrize("route", ["/runs", "/catalog", "/stats/axes", "/histogram/axes"])
def test_json_has_only_finite_numbers_and_is_asked_for_again(
    plugin: LoadedPlugin, route: str
) -> None:
    answer = plugin.get(route, **DATA_ROUTES[route])
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-cache, must-revalidate"

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} in {route}")

    json.loads(answer.data, parse_constant=refuse)


@pytest.mark.parametrize("route", DATA_ROUTES)
def test_no_answer_is_taken_for_another_type(plugin: LoadedPlugin, route: str) -> None:
    for answer in (plugin.get(route, **DATA_ROUTES[route]), plugin.get(route, run="no such run")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("route", DATA_ROUTES)
def test_only_get_and_head_are_answered(plugin: LoadedPlugin, route: str) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = plugin.open(route, method=method)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD"
        assert body(answer)["error"] == {
            "code": "method_not_allowed",
            "message": f"method: expected GET or HEAD, received '{method}'",
        }


def test_head_answers_without_a_body(plugin: LoadedPlugin) -> None:
    answer = plugin.open("/runs", method="HEAD")
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(plugin.get("/runs").data)


@pytest.mark.parametrize("route", [route for route in DATA_ROUTES if route != "/runs"])
def test_an_unknown_run_is_not_found(plugin: LoadedPlugin, route: str) -> None:
    for run in ("third", "scalars only", "../second", "second/../second", "/etc", "%2e%2e", ""):
        answer = plugin.get(route, **{**DATA_ROUTES[route], "run": run})
        assert answer.status_code == 404
        assert body(answer)["error"] == {
            "code": "not_found",
            "message": "run: expected one of 3 runs with layer data (., group/first, second), "
            f"received '{run}'",
        }


@pytest.mark.parametrize(
    ("route", "name"),
    [(route, name) for route, parameters in DATA_ROUTES.items() for name in parameters],
)
def test_a_parameter_that_is_missing_or_repeated_is_malformed(
    plugin: LoadedPlugin, route: str, name: str
) -> None:
    parameters = dict(DATA_ROUTES[route])
    value = parameters.pop(name)
    for given in (parameters, {**parameters, name: [value, value]}):
        answer = plugin.get(route, **given)
        assert answer.status_code == 400
        assert body(answer)["error"]["code"] == "malformed"
        assert body(answer)["error"]["message"].startswith(f"{name}: expected one value, received")


@pytest.mark.parametrize(
    ("changed", "status", "message"),
    [
        ({"key": "conv/outptu"}, 404, "received 'conv/outptu'"),
        ({"step": 11}, 404, "expected one of 3 recorded steps, the nearest is 10, received 11"),
        ({"step": "last"}, 400, "step: expected an integer"),
        ({"slice": "0:2:2"}, 400, "slice: expected integers, a:b and ... between commas"),
        ({"slice": "4"}, 400, "expected an index from -4 to 3 on axis 0"),
        ({"slice": "0,0,0,0,0"}, 400, "expected at most 4 indices"),
        ({"level": 2}, 404, "level of conv/output: expected 0 to 1, received 2"),
        ({"level": -1}, 400, "level: expected 0 or more"),
        ({"level": 1, "slice": "0,0,1"}, 400, "of the shape (4, 8, 1, 1)"),
        ({"level": 1, "plane": "mode"}, 400, "plane: expected one of mean, min, max, flags"),
        ({"plane": "min"}, 400, "plane: expected mean at level 0"),
    ],
)
def test_what_cannot_be_answered_says_what_was_expected(
    plugin: LoadedPlugin, changed: dict[str, object], status: int, message: str
) -> None:
    answer = plugin.get("/array", **{**ARRAY, **changed})
    assert answer.status_code == status
    assert body(answer)["error"]["code"] == {404: "not_found", 400: "malformed"}[status]
    assert message in body(answer)["error"]["message"]


def test_an_unknown_statistic_is_malformed(plugin: LoadedPlugin) -> None:
    answer = plugin.get("/stats", run="second", stat="median")
    assert answer.status_code == 400
    assert "stat: expected one of count, nan" in body(answer)["error"]["message"]


def test_a_histogram_of_an_unknown_key_is_not_found(plugin: LoadedPlugin) -> None:
    for route in ("/histogram", "/histogram/axes"):
        assert plugin.get(route, run="second", key="fc/output").status_code == 404
