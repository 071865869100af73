"""The short version of `make soak`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.soak.__main__ import told
from tests.soak.crash import KEEP, Recorders, kill_many
from tests.soak.disk import ANYWHERE, MOUNTED, Case, mounted, survive
from tests.soak.load import Load, bear
from tests.soak.row import Row
from tests.soak.tails import TAILS, spoil_tails


@pytest.fixture(scope="module")
def recorders() -> Iterator[Recorders]:
    with Recorders.started() as started:
        yield started


@pytest.mark.parametrize("keep", [None, KEEP])
def test_a_killed_process_loses_nothing_that_was_acknowledged(
    tmp_path: Path, recorders: Recorders, keep: float | None
) -> None:
    row = kill_many(recorders, tmp_path, 10, seed=7, keep=keep)
    assert (row.times, row.lost) == (10, 0)


def test_a_log_that_lost_its_last_bytes_serves_all_others_and_goes_on(tmp_path: Path) -> None:
    rows = list(spoil_tails(tmp_path, every=29))
    assert len(rows) == len(TAILS)
    assert all(row.times > 100 for row in rows)


@pytest.mark.parametrize("case", ANYWHERE, ids=lambda case: case.tried)
def test_a_training_survives_trouble_with_its_files(tmp_path: Path, case: Case) -> None:
    assert survive(tmp_path, case, 2).lost == 0


@pytest.mark.parametrize("case", MOUNTED, ids=lambda case: case.tried)
def test_a_training_survives_trouble_with_its_disk(tmp_path: Path, case: Case) -> None:
    row = mounted(tmp_path / "disk", case, 2)
    assert (row.times, row.lost) == (2, 0)


def test_many_clients_get_what_was_written_while_a_training_writes(tmp_path: Path) -> None:
    # How fast they get it is not asked of a machine that runs tests.
    row = bear(tmp_path, Load(16, 3, 300, 0.15, slowest_seconds=60))
    assert row.times >= 300
    assert row.lost == 0, row.remarks


def test_a_row_is_printed_before_the_next_is_tried(capfd: pytest.CaptureFixture[str]) -> None:
    def rows() -> Iterator[Row]:
        yield Row("first", 1_000, 0, "well")
        printed = capfd.readouterr()
        assert printed.out == "| first | 1,000 | 0 | well |\n"
        assert printed.err.startswith("part: ")
        yield Row("second", 2, 1)

    assert [row.lost for row in told("part", rows())] == [0, 1]
    assert capfd.readouterr().out == "| second | 2 | 1 |  |\n"
