"""A log whose disk is bounded: the bound holds, and what is kept is what docs/format.md says."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tb_layerview.errors import ArgumentError, NotFoundError, TooLargeError
from tb_layerview.log.reader import LogReader
from tb_layerview.log.writer import LogWriter
from tests.log.building import make_frame
from tests.log.format_reader import read_run
from tests.log.small_runs import folder
from tests.log.thinned_runs import ELEMENTS, ROOM, Expected, disk_usage, frame, whole


@pytest.mark.parametrize(
    ("room", "elements", "steps"), [(ROOM, ELEMENTS, 400), (500_000, 500, 400)]
)
def test_the_bound_holds_at_every_step_and_the_stated_steps_are_kept(
    tmp_path: Path, room: int, elements: int, steps: int
) -> None:
    first, following = sizes(tmp_path / "measured", elements)
    expected = Expected(room - room // 8, first, first, following)
    log = LogReader(tmp_path / "run")
    with closing(LogWriter(tmp_path / "run", keep_bytes=room)) as writer:
        for step in range(steps):
            writer.append(frame(step, elements))
            expected.append()
            assert disk_usage(tmp_path / "run") <= room
            if step % 23 == 0 or step == steps - 1:
                log.refresh()
                assert whole(log) == expected.kept()
    kept = whole(log)
    assert len(kept) < steps
    assert kept[0] == 0
    assert kept[-3:] == [steps - 3, steps - 2, steps - 1]
    assert log.kept is not None
    assert log.kept.recorded == steps
    assert log.kept.whole == len(kept)
    for step in kept:
        assert (log["a/output"].at(step)[...] == step).all()


def sizes(run: Path, elements: int) -> tuple[int, int]:
    """Bytes of a file with one frame, and of each further frame, as they are written."""
    with closing(LogWriter(run, keep_bytes=10**9)) as writer:
        for step in range(1_000, 1_006):
            writer.append(frame(step, elements))
    lengths = sorted(path.stat().st_size for path in folder(run).iterdir())
    # Ordinals 1, 3, 5 share a file; 0, 2 and 4 have one each.
    return lengths[0], (lengths[-1] - lengths[0]) // 2


def test_what_is_dropped_leaves_its_statistics_and_histograms(tmp_path: Path) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        for step in range(90):
            writer.append(frame(step))
        log = LogReader(tmp_path)
        dropped = set(log.summarized_steps)
        assert dropped
        assert log.kept == (len(log.steps) - len(dropped), len(dropped), 90)
        np.testing.assert_array_equal(log.stats("count")[0], log.steps)
        histograms = log["a/output"].histogram()
        np.testing.assert_array_equal(histograms[:, 200], log.steps)
        with pytest.raises(NotFoundError, match="only the statistics were kept"):
            log["a/output"].at(min(dropped))[0]


def test_marked_steps_and_the_first_stay(tmp_path: Path) -> None:
    marked = {17: "the loss is NaN", 33: "a spike"}
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        for step in range(300):
            writer.append(frame(step, mark=marked.get(step)))
    log = LogReader(tmp_path)
    assert {0, 17, 33, 299} <= set(whole(log))
    assert log.marks == marked


def test_a_restart_replaces_what_was_dropped_too(tmp_path: Path) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        for step in (*range(100), *range(60, 200)):
            writer.append(frame(step) if step < 60 else make_frame(step, again(step)))
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        for step in range(150, 170):
            writer.append(make_frame(step, again(step, 2)))
        log = LogReader(tmp_path)
        assert disk_usage(tmp_path) <= ROOM
    assert log.steps[-1] == 169
    for step in whole(log):
        sign = 1 if step < 60 else -1 if step < 150 else -2
        assert log["a/output"].at(step)[0] == sign * step
    assert set(range(165, 170)) <= set(whole(log))
    assert whole(log)[0] == 0
    independent = read_run(tmp_path)
    assert list(independent) == log.steps
    for step, (found,) in independent.items():
        assert (not found.arrays) == (step in log.summarized_steps)


def again(step: int, times: int = 1) -> dict[str, np.ndarray]:
    return {"a/output": np.full(ELEMENTS, -times * step, "<f4")}


def test_a_training_that_begins_anew_takes_the_room_of_what_it_replaces(tmp_path: Path) -> None:
    for life in range(3):
        with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
            for step in range(5, 60):
                writer.append(make_frame(step, again(step, life)))
                assert disk_usage(tmp_path) <= ROOM
    log = LogReader(tmp_path)
    assert whole(log)[0] == 5
    assert [log["a/output"].at(step)[0] for step in whole(log)] == [-2 * s for s in whole(log)]


def test_a_log_without_a_bound_is_gone_on_with_under_one(tmp_path: Path) -> None:
    with closing(LogWriter(tmp_path, segment_bytes=100_000)) as writer:
        for step in range(60):
            writer.append(frame(step))
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        assert disk_usage(tmp_path) <= ROOM
        for step in range(60, 90):
            writer.append(frame(step))
            assert disk_usage(tmp_path) <= ROOM
    log = LogReader(tmp_path)
    assert {0, 89} <= set(whole(log))
    assert all((log["a/output"].at(step)[...] == step).all() for step in whole(log))


def test_a_step_for_which_there_is_never_room_is_refused_and_the_others_stay(
    tmp_path: Path,
) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        writer.append(frame(0))
        with pytest.raises(TooLargeError, match="keep_gigabytes always keeps"):
            writer.append(frame(1, elements=ROOM))
        writer.append(frame(2))
    assert whole(LogReader(tmp_path)) == [0, 2]


def test_with_room_for_three_steps_the_first_and_the_last_are_kept(tmp_path: Path) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=66_000)) as writer:
        for step in range(40):
            writer.append(frame(step))
            log = LogReader(tmp_path)
            assert {0, step} <= set(whole(log))
            assert disk_usage(tmp_path) <= 66_000


def test_a_smaller_bound_is_kept_to_at_once(tmp_path: Path) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        for step in range(40):
            writer.append(frame(step))
        writer.limit(ROOM // 3)
        assert disk_usage(tmp_path) <= ROOM // 3
        usage = writer.usage()
        assert usage is not None
        assert (usage.recorded, usage.limit) == (40, ROOM // 3)
        assert usage.nbytes == disk_usage(tmp_path)
        assert usage.whole == len(whole(LogReader(tmp_path)))


def test_a_bound_below_one_byte_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="keep_bytes: expected at least 1, received 0"):
        LogWriter(tmp_path, keep_bytes=0)
