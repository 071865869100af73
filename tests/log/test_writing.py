"""What the writer does where the disk, or its caller, does not go along."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import closing
from dataclasses import replace
from io import FileIO
from pathlib import Path

import numpy as np
import pytest

from tb_layerview.errors import ArgumentError, ClosedError
from tb_layerview.log import record_file
from tb_layerview.log.reader import LogReader
from tb_layerview.log.writer import LogWriter
from tests.log.building import make_frame
from tests.log.conftest import OpenWriter
from tests.log.small_runs import append, folder, values


class FullDisk:
    """Writes to a disk that has ``room`` more bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def __call__(self, file: FileIO, data: memoryview) -> int:
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = file.write(data[: self.room])
        self.room -= written
        return written


def test_a_frame_that_does_not_fit_on_the_disk_leaves_no_trace(
    tmp_path: Path, open_writer: OpenWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = open_writer(tmp_path)
    append(writer, 0)
    (segment,) = folder(tmp_path).iterdir()
    size = segment.stat().st_size
    write = record_file.write_some
    for room in (0, 1, 100, 1000):
        monkeypatch.setattr(record_file, "write_some", FullDisk(room))
        with pytest.raises(OSError, match="No space left"):
            append(writer, 1)
        assert segment.stat().st_size == size
    monkeypatch.setattr(record_file, "write_some", write)
    append(writer, 2)
    assert values(LogReader(tmp_path)) == {0: 0.0, 2: 2.0}


def test_a_write_that_is_interrupted_leaves_no_trace(
    tmp_path: Path, open_writer: OpenWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(file: FileIO, data: memoryview) -> int:
        file.write(data[: len(data) // 2])
        raise MemoryError

    writer = open_writer(tmp_path)
    append(writer, 0)
    with monkeypatch.context() as patch:
        patch.setattr(record_file, "write_some", interrupted)
        with pytest.raises(MemoryError):
            append(writer, 1)
    append(writer, 2)
    assert values(LogReader(tmp_path)) == {0: 0.0, 2: 2.0}


def test_a_directory_that_is_deleted_is_made_again(tmp_path: Path, open_writer: OpenWriter) -> None:
    writer = open_writer(tmp_path)
    append(writer, 0)
    assert not writer.is_deleted()
    shutil.rmtree(tmp_path)
    assert writer.is_deleted()
    append(writer, 1)
    assert not writer.is_deleted()
    append(writer, 2)
    assert values(LogReader(tmp_path)) == {1: 1.0, 2: 2.0}


@pytest.mark.parametrize("size", [0, 100])
@pytest.mark.parametrize("keep_bytes", [None, 10**6])
def test_a_file_that_is_cut_while_it_is_written_costs_what_was_cut(
    tmp_path: Path, size: int, keep_bytes: int | None
) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=keep_bytes)) as writer:
        append(writer, 0)
        append(writer, 1)
        for path in folder(tmp_path).iterdir():
            os.truncate(path, size)
        assert writer.is_deleted()
        append(writer, 2)
        append(writer, 3)
    assert values(LogReader(tmp_path)) == {2: 2.0, 3: 3.0}


@pytest.mark.parametrize("keep_bytes", [None, 10**6])
def test_a_file_that_is_rotated_away_is_followed_by_a_new_one(
    tmp_path: Path, keep_bytes: int | None
) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=keep_bytes)) as writer:
        append(writer, 0)
        append(writer, 1)
        for path in list(folder(tmp_path).iterdir()):
            path.rename(path.with_suffix(".1"))
        assert writer.is_deleted()
        append(writer, 2)
        assert not writer.is_deleted()
        append(writer, 3)
    assert values(LogReader(tmp_path)) == {2: 2.0, 3: 3.0}


def test_a_file_in_the_way_of_the_log_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "layerview").write_text("in the way")
    with pytest.raises(OSError, match="layerview"):
        LogWriter(tmp_path)


def test_a_closed_writer_says_so(tmp_path: Path, open_writer: OpenWriter) -> None:
    writer = open_writer(tmp_path)
    writer.close()
    writer.close()
    with pytest.raises(ClosedError, match="the log writer is closed"):
        append(writer, 0)


@pytest.mark.parametrize(
    ("key", "shape"),
    [("a/output", (1,) * 33), ("a/output", (0, 2**60)), (".".join("a" * 502) + "/output", (1,))],
    ids=["axes", "elements", "modules"],
)
def test_what_a_reader_would_not_take_is_refused_and_hides_no_other_frame(
    tmp_path: Path, open_writer: OpenWriter, key: str, shape: tuple[int, ...]
) -> None:
    writer = open_writer(tmp_path)
    append(writer, 0)
    frame = make_frame(1, {key: np.zeros((), "<f4")})
    (spec,) = frame.schema.tensors
    axes = tuple(map(str, range(len(shape))))
    spec = replace(spec, shape=shape, axes=axes, stored="statistics")
    tensor = replace(frame.tensors[0], elements=None)
    with pytest.raises(ArgumentError, match="expected at most"):
        writer.append(
            replace(frame, schema=replace(frame.schema, tensors=(spec,)), tensors=(tensor,))
        )
    append(writer, 2)
    assert values(LogReader(tmp_path)) == {0: 0.0, 2: 2.0}


@pytest.mark.parametrize(("argument", "value"), [("segment_bytes", 0), ("rank", -1)])
def test_arguments_out_of_range_are_named(tmp_path: Path, argument: str, value: int) -> None:
    with pytest.raises(ArgumentError, match=f"{argument}: expected at least"):
        LogWriter(tmp_path, **{argument: value})


def test_a_file_in_the_way_of_the_directory_is_an_error_at_once(tmp_path: Path) -> None:
    (tmp_path / "plugins").write_text("in the way")
    with pytest.raises(OSError, match="plugins"):
        LogWriter(tmp_path)
