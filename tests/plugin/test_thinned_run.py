"""A run whose older steps are dropped while it is asked for."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from tb_layerview.log.writer import LogWriter
from tests.fixtures.small_log import make_frame
from tests.fuzz.asking import RUN, Asked

ROOM = 400_000
STEP_SECONDS = 0.003
"""A training of some hundred recorded steps a second."""
KEY = "fc/param.weight"


def append(writer: LogWriter, step: int) -> None:
    writer.append(make_frame(step, {KEY: np.full((50, 60), step, "<f4")}))


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[Asked]:
    """A run that somebody trains all the while."""
    stop, begun = threading.Event(), threading.Event()

    def train() -> None:
        with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
            step = 0
            while not stop.is_set():
                append(writer, step)
                step += 1
                time.sleep(STEP_SECONDS)
                if step > 60:
                    begun.set()

    thread = threading.Thread(target=train)
    thread.start()
    assert begun.wait(60)
    yield Asked(tmp_path)
    stop.set()
    thread.join()


def test_a_page_gets_what_was_written_or_is_told_that_it_went(asked: Asked) -> None:
    choose = random.Random(0)  # noqa: S311
    answered = 0
    while answered < 60:
        status, catalog = asked.get("/catalog", run=RUN)
        assert status == 200
        assert catalog["problems"] == []
        assert catalog["kept"]["recorded"] == catalog["steps"][-1] + 1
        dropped = set(catalog["summarized"])
        whole = [step for step in catalog["steps"] if step not in dropped]
        assert whole[0] == 0
        for step in [*choose.sample(whole, 3), whole[-1]]:
            status, found = asked.get("/array", run=RUN, key=KEY, step=step)
            if status == 200:
                assert (found == step).all()
                answered += 1
                continue
            assert status == 404
            assert "only its statistics were kept" in found["error"]["message"] or (
                "recorded steps, the nearest is" in found["error"]["message"]
            )
            status, fresh = asked.get("/catalog", run=RUN)
            assert step not in set(fresh["steps"]) - set(fresh["summarized"])
        for route, more in (("/stats", {"stat": "mean"}), ("/histogram", {"key": KEY})):
            status, found = asked.get(route, run=RUN, **more)
            assert status == 200, found
        status, found = asked.get("/findings", run=RUN)
        assert status == 200, found


def test_of_a_dropped_step_the_statistics_are_served_and_no_array(tmp_path: Path) -> None:
    with closing(LogWriter(tmp_path, keep_bytes=ROOM)) as writer:
        for step in range(80):
            append(writer, step)
    asked = Asked(tmp_path)
    _, catalog = asked.get("/catalog", run=RUN)
    assert catalog["kept"]["whole"] + catalog["kept"]["summarized"] == len(catalog["steps"])
    status, found = asked.get("/array", run=RUN, key=KEY, step=catalog["summarized"][0])
    assert status == 404
    assert "only its statistics were kept" in found["error"]["message"]
    status, means = asked.get("/stats", run=RUN, stat="mean")
    assert status == 200
    np.testing.assert_array_equal(means[0], catalog["steps"])
    status, axes = asked.get("/series/axes", run=RUN, key=KEY)
    assert set(axes["steps"]) == set(catalog["steps"]) - set(catalog["summarized"])
