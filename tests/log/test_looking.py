"""What a log looks like at a prompt, and what NumPy makes of a tensor that is not read yet."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest

import tb_layerview
from tb_layerview.diagnosis.log import Log
from tb_layerview.errors import NotFoundError
from tb_layerview.log.reader import LogReader
from tests.fixtures.small_log import make_frame, write_log

KEY = "conv/output"
NUMBERS = np.arange(24, dtype=np.float32).reshape(2, 3, 4)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    frames = [
        make_frame(step, {KEY: NUMBERS + step, "/param.scale": np.array(7.0)}) for step in (0, 5)
    ]
    write_log(tmp_path / "exp", frames)
    return tb_layerview.open(tmp_path / "exp")


def test_a_log_a_tensor_and_a_step_of_it_say_what_they_are(log: Log) -> None:
    assert repr(log) == f"<Log {log.directory}: 2 tensors, 2 steps from 0 to 5>"
    assert repr(log[KEY]) == "<conv/output: float32 (2, 3, 4), 2 steps from 0 to 5>"
    shown = repr(log[KEY].at(5))
    assert shown == "<conv/output at step 5: float32 (2, 3, 4), read by indexing>"


def test_a_log_is_a_collection_of_its_keys(log: Log) -> None:
    assert list(log) == log.keys()
    assert KEY in log
    assert "conv/input" not in log


def test_numpy_takes_a_tensor_for_the_array_that_it_stands_for(log: Log) -> None:
    tensor = log[KEY].at(5)
    np.testing.assert_array_equal(np.asarray(tensor), NUMBERS + 5)
    assert np.asarray(tensor, np.float64).dtype == np.float64
    assert float(np.mean(tensor)) == float((NUMBERS + 5).mean())
    assert (len(tensor), tensor.ndim) == (2, 3)
    assert [row.tolist() for row in tensor] == (NUMBERS + 5).tolist()
    with pytest.raises(TypeError, match="without axes"):
        len(log["/param.scale"].at(0))


def test_what_must_be_read_cannot_be_had_without_a_copy(log: Log) -> None:
    with pytest.raises(tb_layerview.ArgumentError, match="copy: expected True or None"):
        log[KEY].at(0).__array__(copy=False)


def test_what_was_not_recorded_is_told_with_what_was(log: Log, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match=r"such as conv/output, .* received 0"):
        log[cast("str", 0)]
    with pytest.raises(
        NotFoundError, match="one of 2 recorded steps, the nearest is 5, received 7"
    ):
        log[KEY].at(7)
    with pytest.raises(NotFoundError, match="one of 2 recorded steps, received '5'"):
        log[KEY].at(cast("int", "5"))
    with pytest.raises(NotFoundError, match="a recorded key, and there is none"):
        LogReader(tmp_path / "empty")[KEY]
