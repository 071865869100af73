"""A whole log is read: what was flipped in it is told, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tb_layerview.__main__ import main
from tb_layerview.log.checking import check_log
from tb_layerview.log.reader import LogReader
from tests.log.conftest import OpenWriter
from tests.log.small_runs import append, folder

STEPS = 3
ELEMENTS = 50_000


@pytest.fixture
def run(tmp_path: Path, open_writer: OpenWriter) -> Path:
    writer = open_writer(tmp_path)
    for step in range(STEPS):
        append(writer, step, elements=ELEMENTS)
    writer.close()
    return tmp_path


def flip(run: Path, content: bytes, offset: int = 0) -> None:
    """Change a bit behind where ``content`` stands first."""
    (segment,) = folder(run).iterdir()
    data = bytearray(segment.read_bytes())
    data[data.index(content) + offset] ^= 1
    segment.write_bytes(data)


def checked_by_command(run: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "tb_layerview", "check", str(run)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout


def test_a_whole_log_is_whole(run: Path) -> None:
    told: list[tuple[int, int]] = []
    checked = check_log(LogReader(run), lambda *done: told.append(done))
    assert (checked.frames, checked.whole, checked.damaged) == (STEPS, STEPS, 0)
    assert checked.damages == []
    # One vector of float32, and its levels beside it.
    assert checked.nbytes >= STEPS * ELEMENTS * 4
    assert told == [(1, STEPS), (2, STEPS), (3, STEPS)]
    status, text = checked_by_command(run)
    assert status == 0
    assert text.startswith("3 steps, 3 tensors whole, 0 damaged")


def test_a_flipped_bit_is_found_where_it_is(run: Path) -> None:
    flip(run, np.full(9, 1, "<f4").tobytes(), 150_000)
    checked = check_log(LogReader(run))
    assert (checked.whole, checked.damaged) == (STEPS - 1, 1)
    (damage,) = checked.damages
    assert damage.startswith("a/output at step 1: ")
    status, text = checked_by_command(run)
    assert status == 1
    assert text.splitlines()[0] == f"damaged: {damage}"


def test_a_damaged_header_is_told(run: Path) -> None:
    (segment,) = folder(run).iterdir()
    data = segment.read_bytes()
    flip(run, data[100:140])
    assert check_log(LogReader(run)).damages != []


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    status, _ = checked_by_command(tmp_path)
    assert status == 2


def test_a_step_that_was_cut_off_is_told(run: Path) -> None:
    (segment,) = folder(run).iterdir()
    last = len(segment.read_bytes()) - 1
    os.truncate(segment, last)
    assert LogReader(run).steps == [0, 1]
    status, text = checked_by_command(run)
    assert status == 0
    first, second = text.splitlines()
    assert first.startswith(f"{segment.name} ends with ")
    assert second.startswith("2 steps, 2 tensors whole, 0 damaged")


def test_a_log_without_a_step_has_no_findings_to_rely_on(
    tmp_path: Path, open_writer: OpenWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    open_writer(tmp_path)
    assert main(["findings", str(tmp_path)]) == 2
    assert "expected a step that was recorded whole" in capsys.readouterr().err
