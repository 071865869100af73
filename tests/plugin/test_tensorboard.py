"""The plugin in real TensorBoards: with and without the data server, behind a prefix, by spec."""

from __future__ import annotations

import io
import json
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import numpy as np
import numpy.typing as npt
import pytest

from tb_layerview.log.writer import LogWriter
from tests.conftest import StartTensorBoard
from tests.fixtures.small_log import make_frame, write_log
from tests.plugin.conftest import STEPS, arrays_of, values_of, write_runs
from tests.tensorboard_server import TensorBoard

KNOWN_WITHIN_SECONDS: Final = 30
SEEN_WITHIN_SECONDS: Final = 2
POLL_SECONDS: Final = 0.05
MEGABYTE: Final = 1_000_000

LARGE_STEPS: Final = 100
LARGE_SHAPE: Final = (1000, 1000)
LARGE_BYTES: Final = 4 * LARGE_STEPS * LARGE_SHAPE[0] * LARGE_SHAPE[1]
LARGE_RUN: Final = "large"


@dataclass(frozen=True)
class Served:
    """A TensorBoard, and the names that it gives to directories of the log directory."""

    tensorboard: TensorBoard
    logdir: Path
    directories: dict[str, str]

    def get(self, route: str, **parameters: object) -> bytes:
        with urlopen(f"{self._data}plugin/layerview/{route}?{urlencode(parameters)}") as answer:
            content: bytes = answer.read()
        return content

    def json(self, route: str, **parameters: object) -> Any:  # noqa: ANN401  # JSON is anything
        return json.loads(self.get(route, **parameters))

    def array(self, route: str, **parameters: object) -> npt.NDArray[Any]:
        content = self.get(route, **parameters)
        array: npt.NDArray[Any] = np.load(io.BytesIO(content), allow_pickle=False)
        return array

    def plugins(self) -> dict[str, Any]:
        with urlopen(f"{self._data}plugins_listing") as answer:
            listing: dict[str, Any] = json.load(answer)
        return listing

    def runs(self) -> list[str]:
        return [run["name"] for run in self.json("runs")["runs"]]

    @property
    def _data(self) -> str:
        return f"{self.tensorboard.url}data/"


@pytest.fixture(scope="module", params=["data server", "load_fast=false", "logdir_spec"])
def served(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    start_tensorboard: StartTensorBoard,
) -> Served:
    logdir = write_runs(tmp_path_factory.mktemp("runs"))
    directories = {".": ".", "group/first": "group/first", "second": "second"}
    # The data server behind a prefix; the reload is at TensorBoard's own pace.
    arguments = ["--path_prefix=/tb"]
    if request.param == "load_fast=false":
        arguments = ["--load_fast=false"]
    if request.param == "logdir_spec":
        # A later --logdir replaces an earlier one; together with a spec it must be empty.
        arguments = ["--logdir=", f"--logdir_spec=a:{logdir}/group,b:{logdir}/second"]
        directories = {"a/first": "group/first", "b/.": "second"}
    served = Served(start_tensorboard(logdir, *arguments), logdir, directories)
    deadline = time.monotonic() + KNOWN_WITHIN_SECONDS
    while not set(directories) <= set(served.runs()):
        assert time.monotonic() < deadline, served.runs()
        time.sleep(POLL_SECONDS)
    return served


def test_the_runs_with_layer_data_are_listed(served: Served) -> None:
    names = served.runs()
    assert [name for name in names if name in served.directories] == sorted(served.directories)
    assert "scalars only" not in names


def test_the_tab_is_there(served: Served) -> None:
    layerview = served.plugins()["layerview"]
    assert layerview["enabled"] is True
    assert layerview["tab_name"] == "LAYERVIEW"
    entry = layerview["loading_mechanism"]
    assert (entry["type"], entry["module_path"][-len("/index.js") :]) == ("IFRAME", "/index.js")
    assert b"render" in served.get("index.js")


def test_every_array_is_what_was_written_bit_for_bit(served: Served) -> None:
    for run in served.directories:
        for step in STEPS:
            for key, array in arrays_of(step).items():
                expected = values_of(array)
                received = served.array("array", run=run, key=key, step=step)
                assert (received.dtype, received.shape) == (expected.dtype, expected.shape)
                assert received.tobytes() == expected.tobytes()


def test_a_slice_is_numpys(served: Served) -> None:
    for run in served.directories:
        asked = {"run": run, "key": "conv/output", "step": 20, "slice": "1,2:4,...,-1"}
        expected = arrays_of(20)["conv/output"][1, 2:4, ..., -1]
        assert served.array("array", **asked).tobytes() == expected.tobytes()


def test_tables_have_their_axes(served: Served) -> None:
    for run in served.directories:
        axes = served.json("stats/axes", run=run)
        assert axes == {"keys": list(arrays_of(0)), "steps": list(STEPS)}
        maxima = served.array("stats", run=run, stat="max")
        expected = [arrays_of(step)["fc/param.bias"].max() for step in STEPS]
        assert maxima[axes["keys"].index("fc/param.bias")].tolist() == expected
        counts = served.array("histogram", run=run, key="fc/param.bias")
        assert counts.sum(axis=1).tolist() == [10, 10, 10]


@pytest.mark.parametrize(
    ("status", "changed"),
    [
        (404, {"run": "no such run"}),
        (404, {"run": "../" * 5 + "etc"}),
        (404, {"key": "no such key"}),
        (404, {"step": 11}),
        (400, {"slice": "0:2:2"}),
        (400, {"step": "last"}),
    ],
)
def test_errors_are_json_with_what_was_expected_and_received(
    served: Served, status: int, changed: dict[str, object]
) -> None:
    asked = {"run": min(served.directories), "key": "conv/output", "step": 10, **changed}
    with pytest.raises(HTTPError) as caught:
        served.array("array", **asked)
    with caught.value as answer:
        error = json.loads(answer.read())["error"]
        assert answer.code == status
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert error["code"] == {404: "not_found", 400: "malformed"}[status]
    (received,) = changed.values()
    assert "expected" in error["message"]
    assert f"received {received!r}" in error["message"]


def test_new_steps_are_seen_within_two_seconds_without_a_restart(served: Served) -> None:
    run = max(served.directories)
    known = served.json("catalog", run=run)["steps"]
    with closing(LogWriter(served.logdir / served.directories[run])) as writer:
        for step in range(known[-1] + 1, known[-1] + 6):
            writer.append(make_frame(step, arrays_of(0)))
            written = time.monotonic()
            while served.json("catalog", run=run)["steps"][-1] != step:
                assert time.monotonic() - written < SEEN_WITHIN_SECONDS
                time.sleep(POLL_SECONDS)
            received = served.array("array", run=run, key="fc/param.bias", step=step)
            assert received.tobytes() == arrays_of(0)["fc/param.bias"].tobytes()


def test_tensorboard_had_nothing_to_complain_of(served: Served) -> None:
    messages = served.tensorboard.log.read_text("utf-8", errors="replace")
    assert "Traceback" not in messages
    assert "layerview" not in messages


def resident_megabytes(pid: int) -> float:
    """Memory of a process and of those that it started."""
    status = Path(f"/proc/{pid}/status").read_text()
    own_kibibytes = next(
        int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")
    )
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own_kibibytes * 1024 / MEGABYTE + sum(
        resident_megabytes(int(child)) for child in children
    )


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow_with_the_log(
    tmp_path: Path, start_tensorboard: StartTensorBoard
) -> None:
    random = np.random.default_rng(0)
    first, *others = (random.standard_normal(LARGE_SHAPE).astype("<f4") for _ in range(4))
    frames = (
        make_frame(step, {"fc/param.weight": [first, *others][step % 4]})
        for step in range(LARGE_STEPS)
    )
    write_log(tmp_path / LARGE_RUN, frames)
    served = Served(start_tensorboard(tmp_path), tmp_path, {LARGE_RUN: LARGE_RUN})
    deadline = time.monotonic() + KNOWN_WITHIN_SECONDS
    while served.runs() != [LARGE_RUN]:
        assert time.monotonic() < deadline
        time.sleep(POLL_SECONDS)

    def read(step: int) -> npt.NDArray[Any]:
        return served.array("array", run=LARGE_RUN, key="fc/param.weight", step=step)

    assert served.json("catalog", run=LARGE_RUN)["steps"] == list(range(LARGE_STEPS))
    for step in range(5):  # what the first answers of this size cost stays with the process
        read(step)
    before = resident_megabytes(served.tensorboard.pid)
    for step in range(LARGE_STEPS):
        assert np.array_equal(read(step), [first, *others][step % 4])
    grown = resident_megabytes(served.tensorboard.pid) - before
    assert grown < LARGE_BYTES / MEGABYTE / 20
