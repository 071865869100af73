"""A bounded log while others read it, hold its files open or delete them, or have another size."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tb_layerview.errors import NotFoundError
from tb_layerview.log.frame import Frame
from tb_layerview.log.numbering import is_summary
from tb_layerview.log.reader import LogReader
from tb_layerview.log.segment import Segment, parse_name
from tb_layerview.log.writer import LogWriter
from tests.log.format_reader import read_run
from tests.log.small_runs import folder
from tests.log.thinned_runs import ROOM, disk_usage, frame, whole


class Held:
    """Files that cannot be removed, as Windows has it of those that somebody reads."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: set[str] = set()
        self.tried: list[str] = []
        self._unlink = Path.unlink
        held = self

        def unlink(path: Path, missing_ok: bool = False) -> None:
            held.tried.append(path.name)
            if path.name in held.names:
                raise PermissionError(13, "The process cannot access the file", str(path))
            held._unlink(path, missing_ok=missing_ok)

        monkeypatch.setattr(Path, "unlink", unlink)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    return Held(monkeypatch)


def test_a_file_that_a_reader_has_open_is_counted_and_removed_as_soon_as_it_can_be(
    tmp_path: Path, held: Held
) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        for step in range(20):
            writer.append(frame(step))
        held.names = {path.name for path in folder(tmp_path).iterdir()}
        for step in range(20, 80):
            writer.append(frame(step))
            assert disk_usage(tmp_path) <= ROOM
        usage = writer.usage()
        assert usage is not None
        stuck = {name for name in held.tried if (folder(tmp_path) / name).exists()}
        assert usage.stuck == len(stuck) > 0
        assert usage.nbytes == disk_usage(tmp_path)
        log = LogReader(tmp_path)
        assert {0, 79} <= set(whole(log))
        assert all((log["a/output"].at(step)[...] == step).all() for step in whole(log))
        # A summary is written once, however often the file is tried.
        summaries = [log["a/output"].histogram([step])[0, 200] for step in log.steps]
        assert summaries == log.steps
        held.names = set()
        writer.append(frame(80))
        usage = writer.usage()
        assert usage is not None
        assert usage.stuck == 0
        assert not any((folder(tmp_path) / name).exists() for name in stuck)


def test_where_nothing_can_be_removed_it_is_said_why_and_recording_goes_on_afterwards(
    tmp_path: Path, held: Held
) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        for step in range(20):
            writer.append(frame(step))
        held.names = {path.name for path in folder(tmp_path).iterdir()}

        def write_and_hold() -> None:
            for step in range(20, 200):
                held.names |= {path.name for path in folder(tmp_path).iterdir()}
                writer.append(frame(step))

        with pytest.raises(PermissionError, match="cannot access the file"):
            write_and_hold()
        assert disk_usage(tmp_path) <= ROOM
        writer.limit(ROOM // 2)
        held.names = set()
        writer.append(frame(200))
        assert disk_usage(tmp_path) <= ROOM // 2
    assert {0, 200} <= set(whole(LogReader(tmp_path)))


def summary_files(run: Path) -> set[str]:
    found = set()
    for path in folder(run).iterdir():
        name = parse_name(path.name)
        assert name is not None
        segment = Segment(path, name)
        segment.scan({})
        if segment.frames and all(map(is_summary, segment.frames)):
            found.add(path.name)
    return found


def test_a_file_of_summaries_that_is_held_costs_a_summary_and_no_step(
    tmp_path: Path, held: Held
) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        for step in range(600):
            if step == 300:
                held.names = summary_files(tmp_path)
                assert held.names
            writer.append(frame(step, elements=500))
            assert disk_usage(tmp_path) <= ROOM
    log = LogReader(tmp_path)
    assert whole(log)[-1] == 599
    assert set(held.tried) & held.names


def test_files_of_a_writer_that_cannot_begin_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(LogWriter(tmp_path)) as writer:
        for step in range(60):
            writer.append(frame(step))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tb_layerview.log.summaries.Summaries.take", full)
    # A file that is left open is a ResourceWarning, which is an error here.
    with pytest.raises(OSError, match="No space left"):
        LogWriter(tmp_path, keep_bytes=ROOM)


def test_files_that_somebody_deletes_are_counted_no_more(tmp_path: Path) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        for step in range(40):
            writer.append(frame(step))
        for path in folder(tmp_path).iterdir():
            path.unlink()
        assert writer.is_deleted()
        for step in range(40, 60):
            writer.append(frame(step))
        assert not writer.is_deleted()
        log = LogReader(tmp_path)
        assert whole(log) == list(range(40, 60))


def grouped(step: int, rank: int, world_size: int) -> Frame:
    made = frame(step)
    return replace(made, schema=replace(made.schema, rank=rank, world_size=world_size))


def bytes_by_rank(run: Path) -> dict[int, int]:
    found: dict[int, int] = {}
    for path in folder(run).iterdir():
        name = parse_name(path.name)
        assert name is not None
        found[name.rank] = found.get(name.rank, 0) + path.stat().st_blocks * 512
    return found


def test_files_of_ranks_that_are_no_more_are_counted_and_thinned_with_those_of_one_that_is(
    tmp_path: Path,
) -> None:
    for rank in range(4):
        with closing(LogWriter(tmp_path, rank=rank, world_size=4, keep_bytes=ROOM)) as writer:
            for step in range(40):
                writer.append(grouped(step, rank, 4))
    assert disk_usage(tmp_path) > 3 * ROOM
    for rank in range(2):
        with closing(LogWriter(tmp_path, rank=rank, world_size=2, keep_bytes=ROOM)) as writer:
            for step in range(30, 60):
                writer.append(grouped(step, rank, 2))
                by_rank = bytes_by_rank(tmp_path)
                assert by_rank[rank] + by_rank.get(rank + 2, 0) <= ROOM
            usage = writer.usage()
            assert usage is not None
            by_rank = bytes_by_rank(tmp_path)
            assert usage.recorded == 60
            assert usage.nbytes == by_rank[rank] + by_rank.get(rank + 2, 0)
    assert disk_usage(tmp_path) <= 2 * ROOM
    log = LogReader(tmp_path)
    # The first step of the run is whole: all four ranks have it.
    assert {0, 59} <= set(whole(log))
    assert {path.name.split(".")[3] for path in folder(tmp_path).iterdir()} == {
        f"rank{rank}" for rank in range(4)
    }
    assert list(read_run(tmp_path)) == log.steps


def test_of_steps_that_are_recorded_twice_older_ones_are_kept_as_of_others(tmp_path: Path) -> None:
    kept = []
    for times in (1, 2):
        run = tmp_path / str(times)
        with closing(LogWriter(run, keep_bytes=ROOM)) as writer:
            for step in range(200):
                for _ in range(times):
                    writer.append(frame(step))
        kept.append([step for step in whole(LogReader(run)) if step < 150])
    assert min(map(len, kept)) > 5
    assert kept[1][0] == 0


def test_a_training_that_repeats_every_step_can_be_read_however_long_it_is(tmp_path: Path) -> None:
    steps = 700
    with closing(LogWriter(tmp_path, keep_bytes=4_000_000)) as writer:
        for step in range(steps):
            for again in (0, 1):
                made = frame(step, elements=1)
                tensors = [replace(made.tensors[0], elements=np.array([2 * step + again], "<f4"))]
                writer.append(replace(made, tensors=tensors))
        usage = writer.usage()
    log = LogReader(tmp_path)
    assert log.problems == []
    # It stands in the address of every array.
    assert len(log.generation) < 60
    assert log.steps[-1] == steps - 1
    assert [float(log["a/output"].at(step)[0]) for step in whole(log)] == [
        2 * step + 1 for step in whole(log)
    ]
    assert usage is not None
    assert usage.recorded == steps
    assert log.kept is None or log.kept.recorded == steps
    assert list(read_run(tmp_path)) == log.steps


@pytest.fixture
def training(tmp_path: Path) -> Iterator[threading.Event]:
    """A thread that writes to a bounded log until the event is set."""
    stop = threading.Event()
    begun = threading.Event()

    def write() -> None:
        with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
            step = 0
            while not stop.is_set():
                writer.append(frame(step))
                step += 1
                if step == 40:
                    begun.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert begun.wait(30)
    yield stop
    stop.set()
    thread.join()


def test_readers_never_get_a_wrong_answer_while_files_go(
    tmp_path: Path, training: threading.Event
) -> None:
    choose = random.Random(0)  # noqa: S311
    log = LogReader(tmp_path)
    read = gone = 0
    while read < 400:
        log.refresh()
        steps = whole(log)
        assert steps[0] == 0
        for step in choose.sample(steps, 4):
            try:
                found = log["a/output"].at(step)[...]
            except NotFoundError:
                gone += 1
                continue
            assert (found == step).all()
            read += 1
        try:
            statistics = log.stats("count")[0]
        except NotFoundError:
            gone += 1
            continue
        np.testing.assert_array_equal(statistics, log.steps)
    training.set()
    assert log.problems == []
