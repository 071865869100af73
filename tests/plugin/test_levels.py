"""Levels of detail over the log: stored ones and those made on request say the same."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tb_layerview.errors import ArgumentError, DamagedLogError, NotFoundError, TooLargeError
from tb_layerview.log.levels import PLANES
from tb_layerview.log.reader import LogReader
from tb_layerview.log.segment import SUBDIRECTORY
from tb_layerview.plugin import answers, levels
from tb_layerview.plugin.params import array_query
from tests.fixtures.small_log import make_frame, write_log

SHAPE = (3, 70, 4105)
LAST_LEVEL = 2


def numbers(shape: tuple[int, ...] = SHAPE) -> npt.NDArray[np.float32]:
    """Some that are none among them, and a block of 8 x 8 in which none is finite."""
    array = np.random.default_rng(0).normal(1.0, 10.0, shape).astype("<f4")
    array[..., 5, 7] = np.nan
    array[..., -1, -1] = -np.inf
    array[0, 8:16, 16:24] = np.inf
    return array


def plane_of(array: npt.NDArray[np.float32], level: int, plane: str) -> Any:  # noqa: ANN401
    """The definition, by way of padding to whole blocks with what is passed over."""
    side = 8**level
    sides = [math.ceil(length / side) for length in array.shape[-2:]]
    missing = [length * side - have for length, have in zip(sides, array.shape[-2:], strict=True)]
    outer = [(0, 0)] * (array.ndim - 2)
    blocks = np.pad(
        array.astype(np.float64), [*outer, *((0, more) for more in missing)], constant_values=-1e99
    ).reshape(*array.shape[:-2], sides[0], side, sides[1], side)
    axes = (-3, -1)
    inside = blocks != -1e99
    finite = np.isfinite(blocks) & inside
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


def ask(log: LogReader, level: int, plane: str = "mean", text: str = "...") -> npt.NDArray[Any]:
    asked = {"key": "w/output", "step": "1", "slice": text, "level": str(level), "plane": plane}
    return answers.array(log, array_query(MultiDict(asked)))


def log_of(run: Path, stored: str, array: npt.NDArray[Any] | None = None) -> LogReader:
    array = numbers() if array is None else array
    write_log(run, [make_frame(1, {"w/output": array}, stored={"w/output": stored})])
    return LogReader(run)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, LogReader]:
    """The same numbers: as elements, as these with a pyramid, and as the pyramid alone."""
    return {
        stored: log_of(tmp_path_factory.mktemp(stored), stored)
        for stored in ("exact", "exact and pyramid", "pyramid")
    }


@pytest.mark.parametrize("stored", ["exact", "exact and pyramid", "pyramid"])
@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("level", [1, 2])
def test_every_plane_is_what_it_is_defined_as(
    logs: dict[str, LogReader], stored: str, plane: str, level: int
) -> None:
    received = ask(logs[stored], level, plane)
    expected = plane_of(numbers(), level, plane)
    assert received.dtype == (np.uint8 if plane == "flags" else np.float32)
    assert received.shape == expected.shape
    if plane == "mean":
        np.testing.assert_allclose(received, expected, rtol=1e-6)
    else:
        np.testing.assert_array_equal(received, expected)


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_any_slice_of_a_level_is_that_of_the_whole_level(
    logs: dict[str, LogReader], data: st.DataObject
) -> None:
    level = data.draw(st.integers(1, LAST_LEVEL))
    whole = ask(logs["exact and pyramid"], level, "max")
    bound = st.none() | st.integers(-600, 600)
    entries: list[str] = []
    index: list[int | slice] = []
    for length in whole.shape[: data.draw(st.integers(0, 3))]:
        if data.draw(st.booleans()):
            index.append(data.draw(st.integers(-length, length - 1)))
            entries.append(str(index[-1]))
        else:
            begin, end = data.draw(bound), data.draw(bound)
            index.append(slice(begin, end))
            entries.append(f"{'' if begin is None else begin}:{'' if end is None else end}")
    for log in logs.values():
        received = ask(log, level, "max", ",".join(entries))
        assert received.shape == whole[tuple(index)].shape
        np.testing.assert_array_equal(received, whole[tuple(index)])


@pytest.mark.parametrize("shape", [(70,), (5, 9), (1, 1), (0, 5), (2, 3, 4, 12)])
@pytest.mark.parametrize("kind", ["<f8", "<i2", "<u2", "<i8", "?", "<c8"])
def test_small_tensors_of_any_type_have_a_level_too(
    tmp_path: Path, shape: tuple[int, ...], kind: str
) -> None:
    array = np.random.default_rng(1).integers(0, 100, shape).astype(kind)
    log = log_of(tmp_path, "exact", array)
    assert answers.catalog(log)["tensors"][0]["levels"] == 1
    largest = ask(log, 1, "max")
    assert largest.shape == (*shape[:-2], *(math.ceil(length / 8) for length in shape[-2:]))
    values = ask(log, 0)
    for block in np.ndindex(largest.shape):
        inner = tuple(slice(8 * place, 8 * place + 8) for place in block[-2:])
        assert largest[block] == abs(values[(*block[:-2], *inner)]).max()


def test_the_catalog_tells_which_levels_there_are(
    tmp_path: Path, logs: dict[str, LogReader]
) -> None:
    told = {stored: answers.catalog(log)["tensors"][0] for stored, log in logs.items()}
    assert {stored: tensor["levels"] for stored, tensor in told.items()} == dict.fromkeys(logs, 2)
    nothing = answers.catalog(log_of(tmp_path / "none", "statistics"))["tensors"][0]
    assert (nothing["levels"], nothing["stored"]) == (0, "statistics")
    scalar = answers.catalog(log_of(tmp_path / "scalar", "exact", np.array(1.0)))["tensors"][0]
    assert scalar["levels"] == 0


@pytest.mark.parametrize(
    ("stored", "level", "message"),
    [
        ("exact", 3, "level of w/output: expected 0 to 2, received 3"),
        ("pyramid", 0, "expected 1 to 2, as it was too large for its elements to be kept"),
        ("statistics", 0, "expected none, as only its statistics were kept"),
        ("statistics", 1, "expected none, as only its statistics were kept"),
    ],
)
def test_a_level_that_is_not_there_says_which_are(
    tmp_path: Path, stored: str, level: int, message: str
) -> None:
    with pytest.raises(NotFoundError, match=message):
        ask(log_of(tmp_path, stored), level)


def test_levels_are_made_from_a_bounded_number_of_elements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = log_of(tmp_path, "exact")
    monkeypatch.setattr(levels, "MAX_ELEMENTS_READ", 16 * 4105)
    # Damaged from here on: what is refused was not read, and what is read is verified.
    (file,) = (tmp_path / SUBDIRECTORY).glob("*.lvlog")
    content = bytearray(file.read_bytes())
    content[content.index(numbers()[2, 20].tobytes())] ^= 1
    file.write_bytes(content)
    with pytest.raises(TooLargeError, match=r"expected at most 65,680, received 98,520"):
        ask(log, 1, "min", "2,:3")
    with pytest.raises(DamagedLogError):
        ask(log, 1, "min", "2,2:4")
    expected = plane_of(numbers(), 1, "min")[1, :2]
    np.testing.assert_array_equal(ask(log, 1, "min", "1,:2"), expected)


def test_stored_levels_are_read_however_large_the_tensor(
    logs: dict[str, LogReader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(levels, "MAX_ELEMENTS_READ", 0)
    assert ask(logs["exact and pyramid"], 1).shape == (3, 9, 514)
    with pytest.raises(TooLargeError, match="which was not stored: expected at most 0"):
        ask(logs["exact"], 1)


def test_a_slice_is_in_the_blocks_of_its_level(logs: dict[str, LogReader]) -> None:
    with pytest.raises(ArgumentError, match=r"the shape \(3, 9, 514\)"):
        ask(logs["pyramid"], 1, text="0,9")
