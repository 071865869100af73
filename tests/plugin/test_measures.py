"""What `stats` derives, and how it folds steps, beside NumPy over the very elements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest

from tb_layerview.log.frame import Frame
from tb_layerview.log.reader import LogReader
from tb_layerview.log.schema import ModuleSpec
from tb_layerview.plugin import over_steps
from tb_layerview.plugin.over_steps import stats
from tb_layerview.plugin.params import StatsQuery
from tests.fixtures.small_log import make_frame, write_log
from tests.plugin.conftest import LoadedPlugin
from tests.plugin.test_routes import body, loaded

STEPS: Final = tuple(range(0, 70, 10))
CLASSES: Final = {"s": "Sigmoid", "t": "Tanh", "m": "Softmax", "r": "ReLU"}
BFLOAT16_TOP: Final = 0x7F00
"""The bits of 2^127, near the largest number of bfloat16."""


def arrays_of(step: int) -> dict[str, npt.NDArray[Any]]:
    """Layers of all kinds that a measure is told of, and of some that it is not."""
    random = np.random.default_rng(step)
    given = random.standard_normal((16, 10)) * (1 + step)
    half = (random.standard_normal(4000) * 10.0 ** random.uniform(-7, 4.8, 4000)).clip(
        -65504, 65504
    )
    half[:7] = [0, 0, np.nan, np.inf, -np.inf, 16384, -(2.0**-13)]
    single = random.standard_normal((5, 6)).astype("<f4")
    single[0, :2] = (np.inf, 0) if step > 30 else (1, 0)
    single[1, :2] = -np.inf
    tops = np.full(8, 0x3F80, np.uint16)
    tops[: 3 if step == 20 else 0] = BFLOAT16_TOP
    return {
        "s/output": (1 / (1 + np.exp(-given))).astype("<f4"),
        "t/output": np.tanh(given).astype("<f4"),
        "m/output": (np.exp(given) / np.exp(given).sum(axis=1, keepdims=True)).astype("<f4"),
        "r/output": single,
        "r/grad.weight": half.astype("<f2"),
        "r/buffer.count": np.arange(4, dtype="<i8"),
        "r/output.tiny": np.full(6, 1e-38 if step else 0.0, "<f4"),
        "r/output.lost": np.full(6, 1e-20, "<f4"),
        "r/tap.top": tops,
    }


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> LogReader:
    run = tmp_path_factory.mktemp("measures")
    write_log(run, map(_frame, STEPS))
    return LogReader(run)


def _frame(step: int) -> Frame:
    frame = make_frame(step, arrays_of(step))
    modules = tuple(
        ModuleSpec(module.path, CLASSES[module.path], module.repr, module.order)
        for module in frame.schema.modules
    )
    return replace(frame, schema=replace(frame.schema, modules=modules))


def finite(array: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    numbers = array.astype(np.float64).ravel()
    return numbers[np.isfinite(numbers)]


def half_share(array: npt.NDArray[Any], low: float, high: float) -> float:
    magnitude = np.abs(finite(array))
    return float(((magnitude >= low) & (magnitude < high)).sum() / array.size)


SLOPES: Final = {
    "s/output": lambda y: (y * (1 - y)).mean() * 4,
    "t/output": lambda y: (1 - y * y).mean(),
    "m/output": lambda y: (y * (1 - y)).sum() / y.sum(),
}


@pytest.mark.parametrize("key", SLOPES)
def test_saturation_is_one_less_the_mean_slope_beside_the_steepest(
    log: LogReader, key: str
) -> None:
    found = stats(log, StatsQuery(("saturation",), keys=(key,)))
    expected = [[1 - SLOPES[key](finite(arrays_of(step)[key])) for step in STEPS]]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.isnan(stats(log, StatsQuery(("saturation",), keys=("r/output",)))).all()


EXPECTED: Final[Mapping[str, Any]] = {
    "non_finite": lambda array: (~np.isfinite(array.astype(np.float64))).sum(),
    "zero_share": lambda array: (array == 0).mean(),
    "norm": lambda array: np.linalg.norm(finite(array)),
}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("key", ["r/output", "r/grad.weight", "r/buffer.count"])
def test_what_follows_from_the_statistics_is_numpys(log: LogReader, name: str, key: str) -> None:
    found = stats(log, StatsQuery((name,), keys=(key,)))
    expected = [[EXPECTED[name](arrays_of(step)[key]) for step in STEPS]]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_minus_infinity_is_not_broken_where_masks_are_made_of_it(log: LogReader) -> None:
    of_output, of_gradient = stats(log, StatsQuery(("broken",), keys=("r/output", "r/grad.weight")))
    outputs = [arrays_of(step)["r/output"] for step in STEPS]
    assert of_output.tolist() == [np.isposinf(array).sum() for array in outputs]
    assert of_gradient.tolist() == [3] * len(STEPS)


def test_shares_at_the_ends_of_float16_are_numpys(log: LogReader) -> None:
    key = "r/grad.weight"
    largest, smallest = stats(log, StatsQuery(("near_largest", "near_smallest"), keys=(key,)))
    arrays = [arrays_of(step)[key] for step in STEPS]
    np.testing.assert_allclose(largest, [[half_share(a, 2.0**14, np.inf) for a in arrays]])
    tiny = np.nextafter(0, 1)
    np.testing.assert_allclose(smallest, [[half_share(a, tiny, 2.0**-12) for a in arrays]])
    assert (largest > 0).all()
    assert (smallest > 0).all()


def test_what_a_histogram_cannot_tell_of_the_ends_of_a_type_is_not_made_up(log: LogReader) -> None:
    keys = ("r/output", "r/output.tiny", "r/output.lost", "r/buffer.count", "r/tap.top")
    largest, smallest = stats(log, StatsQuery(("near_largest", "near_smallest"), keys=keys))
    nothing = [0.0] * len(STEPS)
    unknown = [np.nan] * len(STEPS)
    top = [3 / 8 if step == 20 else 0.0 for step in STEPS]
    np.testing.assert_array_equal(largest, [nothing, nothing, nothing, unknown, top])
    tiny = [1.0 if step else 0.0 for step in STEPS]
    np.testing.assert_array_equal(smallest, [nothing, tiny, unknown, unknown, nothing])


FOLDS: Final[Mapping[str, Any]] = {"min": np.min, "mean": np.mean, "rms": np.max}


@pytest.mark.parametrize("piece_bytes", [1, 1 << 30])
@pytest.mark.parametrize("columns", [1, 2, 3, 7, 100])
def test_columns_of_steps_are_the_same_however_the_log_is_read(
    log: LogReader, monkeypatch: pytest.MonkeyPatch, piece_bytes: int, columns: int
) -> None:
    monkeypatch.setattr(over_steps, "_PIECE_BYTES", piece_bytes)
    query = StatsQuery(tuple(FOLDS), first_step=5, last_step=50, max_columns=columns)
    begins = range(0, 5, -(-5 // columns))
    for (name, fold), found in zip(FOLDS.items(), stats(log, query), strict=True):
        each = log.stats(name)[:, 1:6]
        expected = [fold(each[:, at : at + begins.step], axis=1) for at in begins]
        np.testing.assert_allclose(found, np.transpose(expected), rtol=1e-12)


def test_the_sum_over_all_tensors_tells_which_steps_are_not_finite(log: LogReader) -> None:
    found = stats(log, StatsQuery(("non_finite",), total=True))
    # No bfloat16 of these is one of the bits that mean NaN or infinity.
    counts = EXPECTED["non_finite"]
    expected = [sum(counts(array) for array in arrays_of(step).values()) for step in STEPS]
    np.testing.assert_array_equal(found, [expected])


def test_several_statistics_come_in_one_answer(plugin: LoadedPlugin) -> None:
    names = ["max", "norm", "min"]
    found = loaded(plugin.get("/stats", run="second", stat=names, first_step=10))
    each = [loaded(plugin.get("/stats", run="second", stat=name))[:, 1:] for name in names]
    np.testing.assert_array_equal(found, each)


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"stat": "norms"}, "stat: expected one of count, nan"),
        ({"stat": "norm", "over": "steps"}, "over: expected keys, or nothing, received 'steps'"),
        ({"stat": "norm", "last_step": "x"}, "last_step: expected an integer"),
    ],
)
def test_what_is_malformed_is_said(
    plugin: LoadedPlugin, parameters: dict[str, str], words: str
) -> None:
    answer = plugin.get("/stats", run="second", **parameters)
    assert answer.status_code == 400
    assert words in body(answer)["error"]["message"]


def test_damaged_histograms_leave_a_gap_and_a_sentence(tmp_path: Path) -> None:
    arrays = [{"a/output": np.full(3, 60000.0 + step, "<f2")} for step in (0, 32)]
    write_log(tmp_path, (make_frame(step, each) for step, each in enumerate(arrays)))
    (file,) = tmp_path.glob("plugins/layerview/*.lvlog")
    content = bytearray(file.read_bytes())
    content[content.rindex(b"layerview/histograms")] ^= 1
    file.write_bytes(content)
    log = LogReader(tmp_path)
    found = stats(log, StatsQuery(("near_largest",)))
    np.testing.assert_array_equal(found, [[1.0, np.nan]])
    assert log.problems
