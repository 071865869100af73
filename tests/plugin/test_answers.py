"""The functions behind the routes, on logs that the writer wrote."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from werkzeug.datastructures import MultiDict

from tb_layerview.errors import ArgumentError, DamagedLogError, NotFoundError, TooLargeError
from tb_layerview.log.columns import BINS, EDGES, STATISTICS
from tb_layerview.log.reader import LogReader
from tb_layerview.log.segment import SUBDIRECTORY
from tb_layerview.log.writer import LogWriter
from tb_layerview.plugin import answers
from tb_layerview.plugin.over_steps import stats
from tb_layerview.plugin.params import ArrayQuery, RowsQuery, StatsQuery, array_query
from tests.fixtures.small_log import make_frame, write_log

MATRIX = np.arange(12.0).reshape(3, 4)


def query(key: str = "fc/output", step: int = 1, text: str = "...") -> ArrayQuery:
    return array_query(MultiDict({"key": key, "step": str(step), "slice": text}))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    write_log(tmp_path, [make_frame(step, {"fc/output": MATRIX + step}) for step in (1, 2)])
    return tmp_path


def test_a_log_without_a_whole_frame_has_an_empty_catalog(tmp_path: Path) -> None:
    LogWriter(tmp_path).close()
    log = LogReader(tmp_path)
    catalog = answers.catalog(log)
    assert (catalog["steps"], catalog["modules"], catalog["tensors"]) == ([], [], [])
    assert answers.run("new", log) == {
        "name": "new",
        "frames": 0,
        "first_step": None,
        "last_step": None,
        "skipped": 0,
    }
    assert stats(log, StatsQuery(("mean",))).shape == (0, 0)


def test_a_catalog_lists_modules_and_tensors_in_order_of_execution(tmp_path: Path) -> None:
    arrays = {"a.0/param.weight": MATRIX, "a.0/output": MATRIX[0], "/output": np.array(1.0)}
    write_log(tmp_path, [make_frame(5, arrays, samples=(0, 2))])
    catalog = answers.catalog(LogReader(tmp_path))
    assert catalog["steps"] == [5]
    assert catalog["samples"] == [0, 2]
    assert catalog["modules"] == [
        {"path": "a.0", "class_name": "Linear", "repr": "(a.0): Linear()", "order": 0},
        {"path": "", "class_name": "Linear", "repr": "(): Linear()", "order": 1},
    ]
    assert [tensor["key"] for tensor in catalog["tensors"]] == list(arrays)
    assert catalog["tensors"][0] == {
        "key": "a.0/param.weight",
        "module": "a.0",
        "kind": "param",
        "shape": [3, 4],
        "dtype": "float64",
        "axes": ["Axis 0", "Axis 1"],
        "stored": "exact",
        "levels": 1,
    }


def test_an_array_that_is_not_known_yet_is_looked_for(run: Path) -> None:
    log = LogReader(run)
    with closing(LogWriter(run)) as writer:
        writer.append(make_frame(3, {"fc/output": MATRIX + 3, "new/output": MATRIX}))
    assert np.array_equal(answers.array(log, query(step=3, text="0")), MATRIX[0] + 3)
    assert np.array_equal(answers.array(log, query("new/output", 3)), MATRIX)


def test_an_array_of_a_file_that_was_replaced_is_looked_for_anew(run: Path) -> None:
    log = LogReader(run)
    shutil.rmtree(run / SUBDIRECTORY)
    write_log(run, [make_frame(1, {"fc/output": -MATRIX})])
    assert np.array_equal(answers.array(log, query()), -MATRIX)


def test_an_array_of_a_file_that_was_cut_is_gone_and_not_damaged(run: Path) -> None:
    log = LogReader(run)
    (segment,) = (run / SUBDIRECTORY).iterdir()
    os.truncate(segment, 100)
    with pytest.raises(NotFoundError, match="received 'fc/output'"):
        answers.array(log, query())


def test_an_unknown_key_names_the_nearest(run: Path) -> None:
    with pytest.raises(NotFoundError, match=r"fc/output.*received 'fc/outptu'"):
        answers.array(LogReader(run), query("fc/outptu"))


def test_an_unknown_step_names_the_nearest(run: Path) -> None:
    with pytest.raises(NotFoundError, match="the nearest is 2, received 7"):
        answers.array(LogReader(run), query(step=7))


@pytest.mark.parametrize("text", ["3", "-4", "0,0,0", "...,...", "0,4"])
def test_a_slice_that_does_not_fit_names_the_shape_and_the_slice(run: Path, text: str) -> None:
    with pytest.raises(ArgumentError, match=r"the shape \(3, 4\)") as caught:
        answers.array(LogReader(run), query(text=text))
    assert caught.value.received == text


def test_a_too_large_array_is_refused_before_it_is_read(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MAX_ELEMENTS", 8)
    log = LogReader(run)
    _damage_elements(run)
    with pytest.raises(TooLargeError, match="expected at most 8, received 12"):
        answers.array(log, query())
    with pytest.raises(DamagedLogError):
        answers.array(log, query(text="0:2"))


def test_the_limit_is_16_mebi_elements(tmp_path: Path) -> None:
    mask = np.zeros((4, 4096, 1025), np.bool_)
    write_log(tmp_path, [make_frame(1, {"/output": mask})])
    log = LogReader(tmp_path)
    assert answers.array(log, query("/output", text=":,:,:1024")).size == 16_777_216
    with pytest.raises(TooLargeError, match="expected at most 16,777,216, received 16,793,600"):
        answers.array(log, query("/output"))


def test_statistics_are_those_of_each_tensor_at_each_step(run: Path) -> None:
    log = LogReader(run)
    assert answers.stats_axes(log) == {"keys": ["fc/output"], "steps": [1, 2]}
    assert np.array_equal(stats(log, StatsQuery(("max",))), [[12.0, 13.0]])
    with pytest.raises(ArgumentError, match=f"one of {', '.join(STATISTICS)}"):
        stats(log, StatsQuery(("median",)))


def test_statistics_of_what_was_not_recorded_at_a_step_are_nan(tmp_path: Path) -> None:
    write_log(
        tmp_path,
        [
            make_frame(1, {"a/output": MATRIX}),
            make_frame(2, {"a/output": MATRIX, "b/output": MATRIX}),
        ],
    )
    counts = stats(LogReader(tmp_path), StatsQuery(("count",)))
    assert np.array_equal(counts, np.array([[12, 12], [np.nan, 12]]), equal_nan=True)


def test_a_histogram_has_a_row_for_each_step_of_its_tensor(run: Path) -> None:
    log = LogReader(run)
    axes = answers.histogram_axes(log, RowsQuery("fc/output"))
    assert axes["steps"] == [1, 2]
    assert np.array_equal(axes["edges"], EDGES)
    rows = answers.histogram(log, RowsQuery("fc/output"))
    assert rows.shape == (2, BINS)
    # All numbers are positive, where NumPy's bins are ours: each holds its lower edge.
    edges = np.concatenate([[-np.inf], axes["edges"], [np.inf]])
    for row, step in zip(rows, axes["steps"], strict=True):
        assert np.array_equal(row, np.histogram(MATRIX + step, edges)[0])


def test_tables_that_are_too_large_are_refused(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_ELEMENTS", 1)
    log = LogReader(run)
    with pytest.raises(TooLargeError, match="keys times steps"):
        stats(log, StatsQuery(("max",)))
    with pytest.raises(TooLargeError, match="steps times bins"):
        answers.histogram(log, RowsQuery("fc/output"))


def _damage_elements(run: Path) -> None:
    (file,) = (run / SUBDIRECTORY).glob("*.lvlog")
    content = file.read_bytes()
    place = content.index((MATRIX + 1).tobytes())
    file.write_bytes(content[:place] + b"\xff" * 8 + content[place + 8 :])
