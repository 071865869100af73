"""What the writer wrote, read by the reader and by two that know nothing of either."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util import tensor_util

from tb_layerview.diagnosis.log import open_log
from tb_layerview.errors import ArgumentError, NotFoundError
from tb_layerview.log import frame as frame_module
from tb_layerview.log import placing
from tb_layerview.log.columns import BINS, STATISTICS
from tb_layerview.log.dtypes import DTYPES
from tb_layerview.log.reader import LogReader
from tb_layerview.log.writer import LogWriter
from tests.log.building import Arrays, make_frame
from tests.log.conftest import OpenWriter
from tests.log.format_reader import read_run

DTYPE_NAMES = {f"{dtype.name}/output": dtype.name for dtype in DTYPES}


def arrays_of_every_dtype(step: int) -> dict[str, npt.NDArray[Any]]:
    """Random bits of each element type, so NaNs and infinities too (bool: 0 and 1)."""
    generator = np.random.default_rng(step)
    arrays = {}
    for dtype in DTYPES:
        bits = generator.integers(0, 256, (3, 5, dtype.itemsize), np.uint8)
        if dtype.name == "bool":
            bits &= 1
        arrays[f"{dtype.name}/output"] = bits.view(dtype.storage)[..., 0].copy()
    return arrays


def write(run: Path, steps: Mapping[int, Arrays], **options: Any) -> None:  # noqa: ANN401
    with closing(LogWriter(run)) as writer:
        for step, arrays in steps.items():
            writer.append(make_frame(step, arrays, **options))


@pytest.fixture
def every_dtype(tmp_path: Path) -> tuple[Path, dict[int, dict[str, npt.NDArray[Any]]]]:
    steps = {step: arrays_of_every_dtype(step) for step in (0, 10, 2**40)}
    write(tmp_path, steps, dtypes=DTYPE_NAMES, problems=("no room",), skipped=3)
    return tmp_path, steps


def test_every_array_comes_back_bit_for_bit(
    every_dtype: tuple[Path, dict[int, dict[str, npt.NDArray[Any]]]],
) -> None:
    run, steps = every_dtype
    log = open_log(run)
    assert log.steps == list(steps)
    assert log.keys() == list(DTYPE_NAMES)
    for step, arrays in steps.items():
        for dtype, (key, array) in zip(DTYPES, arrays.items(), strict=True):
            read = log[key].at(step)[...]
            assert read.dtype == dtype.values
            assert read.tobytes() == dtype.decode(array).tobytes()


def test_a_reader_written_from_the_specification_reads_all_of_it(
    every_dtype: tuple[Path, dict[int, dict[str, npt.NDArray[Any]]]],
) -> None:
    run, steps = every_dtype
    read = read_run(run)
    assert list(read) == list(steps)
    for step, arrays in steps.items():
        (frame,) = read[step]
        assert frame.wall_time == 1_700_000_000.25 + step
        assert (frame.skipped, frame.problems) == (3, ["no room"])
        assert frame.schema["samples"] == [0, 1]
        specs = frame.schema["tensors"]
        assert [(spec["key"], spec["dtype"]) for spec in specs] == list(DTYPE_NAMES.items())
        assert frame.arrays.keys() == arrays.keys()
        for key, array in arrays.items():
            assert frame.arrays[key].shape == array.shape
            assert frame.arrays[key].tobytes() == array.tobytes()
        statistics = frame.columns["layerview/statistics"]
        expected = step + np.arange(len(arrays))[:, None] + np.arange(len(STATISTICS)) / 100
        np.testing.assert_array_equal(statistics, expected)
        histograms = frame.columns["layerview/histograms"]
        full = np.zeros((len(arrays), BINS))
        full[:, frame.first_bin : frame.first_bin + histograms.shape[1]] = histograms
        np.testing.assert_array_equal(full[:, 100], np.arange(len(arrays)) + 1)
        np.testing.assert_array_equal(np.diag(full[:, 200:]), [step] * len(arrays))


def test_tensorboards_own_reader_decodes_the_tensor_records(tmp_path: Path) -> None:
    arrays = arrays_of_every_dtype(1)
    # TensorBoard's make_ndarray knows these only where TensorFlow is installed.
    for unknown in ("bfloat16", "float8_e5m2", "float8_e4m3fn"):
        del arrays[f"{unknown}/output"]
    write(tmp_path, {1: arrays})
    (segment,) = (tmp_path / "plugins" / "layerview").iterdir()
    decoded = {
        value.tag: tensor_util.make_ndarray(value.tensor)
        for event in EventFileLoader(str(segment)).Load()
        for value in event.summary.value
        if value.tag in arrays
    }
    assert decoded.keys() == arrays.keys()
    for key, array in arrays.items():
        assert decoded[key].dtype == array.dtype
        assert decoded[key].tobytes() == array.tobytes()


def test_statistics_and_histograms_come_back(tmp_path: Path) -> None:
    first = {"a/output": np.zeros(3, "<f4"), "b/output": np.zeros((2, 2), "<f8")}
    second = {"b/output": np.zeros((2, 2), "<f8"), "c/output": np.zeros((), "<i4")}
    write(tmp_path, {0: first, 7: second})
    log = LogReader(tmp_path)
    rms = STATISTICS.index("rms") / 100
    assert log.keys() == ["a/output", "b/output", "c/output"]
    expected = [[0 + rms, np.nan], [1 + rms, 7 + rms], [np.nan, 8 + rms]]
    np.testing.assert_array_equal(log.stats("rms"), expected)
    assert log["b/output"].steps == [0, 7]
    counts = log["b/output"].histogram()
    assert counts.shape == (2, BINS)
    np.testing.assert_array_equal(counts[:, 100], [2, 1])
    np.testing.assert_array_equal(counts[:, 200:202], [[0, 0], [7, 0]])
    assert counts.sum() == 2 + 0 + 1 + 7


def test_a_tensor_that_is_another_is_stored_once_and_read_in_both_places(tmp_path: Path) -> None:
    weight = np.random.default_rng(0).normal(size=(100, 100)).astype("<f4")
    arrays = {
        "embed/param.weight": weight,
        "mid/output": weight[:2].copy(),
        "head/param.weight": weight,
    }
    write(tmp_path, {0: arrays}, aliases={2: 0})
    (segment,) = (tmp_path / "plugins" / "layerview").iterdir()
    assert segment.stat().st_size < 2 * weight.nbytes
    log = LogReader(tmp_path)
    np.testing.assert_array_equal(log["head/param.weight"].at(0)[50], weight[50])
    np.testing.assert_array_equal(read_run(tmp_path)[0][0].arrays["head/param.weight"], weight)


def test_a_tensor_beyond_the_largest_record_is_split_along_its_first_axis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "MAX_RECORD_BYTES", 70_000)
    array = np.random.default_rng(0).normal(size=(10, 1500, 2)).astype("<f4")
    write(tmp_path, {0: {"a/param.weight": array, "b/output": np.ones(2, "<f4")}})
    log = LogReader(tmp_path)
    tensor = log["a/param.weight"].at(0)
    indices: list[Any] = [..., 3, (slice(4, 9), slice(10, 20)), (slice(None, None, -3), 7, 1)]
    for index in indices:
        np.testing.assert_array_equal(tensor[index], array[index])
    np.testing.assert_array_equal(read_run(tmp_path)[0][0].arrays["a/param.weight"], array)
    np.testing.assert_array_equal(log["b/output"].at(0)[...], [1, 1])


def test_a_row_beyond_the_largest_record_is_refused(
    tmp_path: Path, open_writer: OpenWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "MAX_RECORD_BYTES", 100)
    writer = open_writer(tmp_path)
    with pytest.raises(ArgumentError, match=r"elements of a/output: expected at most 100 bytes"):
        writer.append(make_frame(0, {"a/output": np.zeros((2, 200), "<f4")}))
    writer.append(make_frame(1, {"a/output": np.zeros((2, 2), "<f4")}))
    assert LogReader(tmp_path).steps == [1]


@pytest.mark.parametrize(
    "elements",
    [np.zeros((4, 3), "<f4").T, np.zeros((3, 4), "<f8"), np.zeros((3, 5), "<f4")],
    ids=["not contiguous", "another dtype", "another shape"],
)
def test_elements_that_are_not_those_of_the_schema_are_refused(
    tmp_path: Path, open_writer: OpenWriter, elements: npt.NDArray[Any]
) -> None:
    frame = make_frame(0, {"a/output": np.zeros((3, 4), "<f4")})
    wrong = frame_module.TensorData(
        elements, frame.tensors[0].statistics, frame.tensors[0].histogram
    )
    writer = open_writer(tmp_path)
    with pytest.raises(ArgumentError, match=r"elements of a/output: expected C-contiguous float32"):
        writer.append(frame_module.Frame(0, 0.0, frame.schema, [wrong]))


def test_unknown_keys_steps_and_statistics_are_errors_that_name_what_there_is(
    tmp_path: Path,
) -> None:
    write(tmp_path, {step: {"conv2.0/output": np.zeros(2, "<f4")} for step in (5, 300)})
    log = open_log(tmp_path)
    with pytest.raises(NotFoundError, match=r"such as conv2\.0/output, received 'conv2/output'"):
        log["conv2/output"]
    with pytest.raises(NotFoundError, match=r"one of 2 recorded steps, the nearest is 300"):
        log["conv2.0/output"].at(299)
    with pytest.raises(ArgumentError, match=r"stat: expected one of count, .* received 'median'"):
        log.stats("median")


def test_a_directory_without_layer_data_cannot_be_opened_but_can_be_watched(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="a run with layer data"):
        open_log(tmp_path)
    log = LogReader(tmp_path)
    assert (log.steps, log.keys(), log.stats("max").shape) == ([], [], (0, 0))
    write(tmp_path, {4: {"a/output": np.zeros(2, "<f4")}})
    log.refresh()
    assert log.steps == [4]
