"""Which runs there are while directories, files and frames come and go."""

from __future__ import annotations

import errno
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import FileIO
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider

from tb_layerview.errors import NotFoundError
from tb_layerview.log.regular import open_regular
from tb_layerview.log.segment import SUBDIRECTORY
from tb_layerview.log.writer import LogWriter
from tb_layerview.plugin import answers
from tb_layerview.plugin.directories import LogDirectories
from tb_layerview.plugin.over_steps import stats
from tb_layerview.plugin.params import ArrayQuery, StatsQuery
from tb_layerview.plugin.runs import Runs
from tests.fixtures.small_log import make_frame, tell_tensorboard, write_log
from tests.plugin.conftest import LoadedPlugin

MATRIX = np.arange(6.0).reshape(2, 3)


def runs_over(logdir: Path) -> tuple[LoadedPlugin, Runs]:
    """The runs as TensorBoard's own Python code lists them; the first may reload it."""
    loaded = LoadedPlugin(logdir)
    provider = MultiplexerDataProvider(loaded.multiplexer, str(logdir))
    return loaded, Runs(provider, LogDirectories.of_flags(str(logdir), ""))


def test_a_plugin_without_layer_data_is_not_active_but_answers(tmp_path: Path) -> None:
    tell_tensorboard(tmp_path / "scalars only", plugin_name="scalars")
    loaded = LoadedPlugin(tmp_path)
    assert loaded.plugin.is_active() is False
    assert loaded.get("/runs").json == {"runs": []}
    write_log(tmp_path / "layers", [make_frame(1, {"fc/output": MATRIX})])
    loaded.reload()
    assert loaded.plugin.is_active() is True


def test_a_run_is_known_before_its_summary_is_written(tmp_path: Path) -> None:
    tell_tensorboard(tmp_path / "new", plugin_name="scalars")
    LogWriter(tmp_path / "new").close()
    _, runs = runs_over(tmp_path)
    assert runs.names() == ["new"]
    assert runs.log("new").steps == []


def test_a_run_whose_log_was_not_copied_along_is_listed_and_empty(tmp_path: Path) -> None:
    tell_tensorboard(tmp_path / "summaries only")
    _, runs = runs_over(tmp_path)
    assert runs.names() == ["summaries only"]
    assert runs.log("summaries only").keys() == []


def test_a_log_is_opened_once(tmp_path: Path) -> None:
    write_log(tmp_path / "a", [make_frame(1, {"fc/output": MATRIX})])
    _, runs = runs_over(tmp_path)
    assert runs.log("a") is runs.logs()["a"]
    assert runs.log("a") is runs.log("a")


def test_a_run_that_vanished_is_forgotten(tmp_path: Path) -> None:
    for run in ("stays", "goes"):
        write_log(tmp_path / run, [make_frame(1, {"fc/output": MATRIX})])
    loaded, runs = runs_over(tmp_path)
    first = runs.log("goes")
    shutil.rmtree(tmp_path / "goes")
    loaded.reload()
    assert runs.names() == ["stays"]
    with pytest.raises(NotFoundError, match="one of 1 runs"):
        runs.log("goes")
    write_log(tmp_path / "goes", [make_frame(2, {"fc/output": MATRIX})])
    loaded.reload()
    assert runs.log("goes") is not first
    assert runs.log("goes").steps == [2]


def test_a_log_that_cannot_be_read_hides_no_other_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run in ("broken", "whole"):
        write_log(tmp_path / run, [make_frame(1, {"fc/output": MATRIX})])
    (segment,) = (tmp_path / "broken" / SUBDIRECTORY).iterdir()

    def refuse(path: Path) -> FileIO:
        """As a disk that fails, or a file of somebody else: root may read any."""
        if path == segment:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return open_regular(path)

    monkeypatch.setattr("tb_layerview.log.segment.open_regular", refuse)
    loaded = LoadedPlugin(tmp_path)
    listed = loaded.get("/runs").json
    assert listed is not None
    assert [(run["name"], run["frames"]) for run in listed["runs"]] == [("broken", 0), ("whole", 1)]
    answer = loaded.get("/catalog", run="broken")
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["error"]["code"] == "unreadable"
    assert segment.name in answer.json["error"]["message"]


def test_what_is_no_file_hides_nothing_of_its_run(tmp_path: Path) -> None:
    write_log(tmp_path / "run", [make_frame(1, {"fc/output": MATRIX})])
    (tmp_path / "run" / SUBDIRECTORY / "1.host.1.rank0.0.lvlog").mkdir()
    answer = LoadedPlugin(tmp_path).get("/catalog", run="run")
    assert answer.json is not None
    assert answer.json["steps"] == [1]
    (problem,) = answer.json["problems"]
    assert problem.startswith("1.host.1.rank0.0.lvlog: damaged at byte 0: a directory")


def test_damaged_elements_are_an_error_and_the_others_are_served(tmp_path: Path) -> None:
    write_log(tmp_path / "a", [make_frame(step, {"fc/output": MATRIX + step}) for step in (1, 2)])
    (file,) = (tmp_path / "a" / SUBDIRECTORY).iterdir()
    content = bytearray(file.read_bytes())
    content[content.index((MATRIX + 1).tobytes())] ^= 1
    file.write_bytes(content)
    loaded = LoadedPlugin(tmp_path)
    answer = loaded.get("/array", run="a", key="fc/output", step=1)
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["error"]["code"] == "damaged"
    assert loaded.get("/array", run="a", key="fc/output", step=2).status_code == 200


def test_every_whole_frame_of_a_cut_log_is_served(tmp_path: Path) -> None:
    write_log(tmp_path / "a", [make_frame(step, {"fc/output": MATRIX + step}) for step in (1, 2)])
    (file,) = (tmp_path / "a" / SUBDIRECTORY).iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    _, runs = runs_over(tmp_path)
    log = runs.log("a")
    assert log.steps == [1]
    assert np.array_equal(log["fc/output"].at(1)[...], MATRIX + 1)


def test_requests_of_many_threads_are_answered_while_a_training_writes(tmp_path: Path) -> None:
    write_log(tmp_path / "a", [make_frame(0, {"fc/output": MATRIX})])
    _, runs = runs_over(tmp_path)
    written = Event()
    steps = 60

    def ask() -> int:
        last = 0
        while not written.is_set() or last < steps:
            log = runs.logs()["a"]
            assert log is not None
            assert log is runs.log("a")
            last = log.steps[-1]
            query = ArrayQuery("fc/output", last, (...,), "...")
            assert np.array_equal(answers.array(log, query), MATRIX + last)
            table = stats(log, StatsQuery(("min",)))
            assert table[0].tolist() == list(range(table.shape[1]))
        return last

    with ThreadPoolExecutor(max_workers=6) as pool:
        asking = [pool.submit(ask) for _ in range(6)]
        with closing(LogWriter(tmp_path / "a")) as writer:
            for step in range(1, steps + 1):
                writer.append(make_frame(step, {"fc/output": MATRIX + step}))
        written.set()
        assert [future.result(timeout=30) for future in asking] == [steps] * 6
