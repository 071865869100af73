"""Many clients of one TensorBoard, while a training writes and a large log is open."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from benchmarks.server.clients import TILE, Answers, Client, ask_together, tile_query, usage_of
from benchmarks.server.logs import MATRIX, SIDE, matrix, write_many_bytes
from tests.soak.row import Row
from tests.tensorboard_server import TensorBoard, serve

LARGE: Final = "large"
LIVE: Final = "live"
START_SECONDS: Final = 60
PAUSE_SECONDS: Final = 1.0
"""A client looks at an answer for a random time up to this before it asks again."""

MEGABYTE: Final = 1_000_000
MEMORY_BYTES: Final = 150 * MEGABYTE
SPARE_FILES: Final = 64
"""Connections that a server has not closed yet; each of a client that went is one."""

_TRAINING: Final = """
import sys, torch
from demo.model import CNN
from tb_layerview import LayerView

torch.set_num_threads(1)
model = CNN()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
images, digits = torch.rand(32, 1, 28, 28), torch.randint(10, (32,))
view = LayerView(model, sys.argv[1], every=10)
for step in range(1 << 40):
    with view.step(step, inputs=images, targets=digits):
        torch.nn.functional.nll_loss(model(images).log(), digits).backward()
        optimizer.step()
        optimizer.zero_grad()
"""


class Load(NamedTuple):
    """Who asks, how long, and of what."""

    clients: int
    seconds: float
    requests: int
    gigabytes: float
    slowest_seconds: float
    """Within which 99 of 100 answers must come, while the clients pause."""


def bear(folder: Path, load: Load) -> Row:
    """Have a TensorBoard answer under `load`; what was lost are answers that were wrong or none.

    After `load.seconds` with pauses, the clients ask without any until there are
    `load.requests` answers.
    """
    logdir = folder / "runs"
    steps = write_many_bytes(logdir / LARGE, load.gigabytes)
    with _training(logdir / LIVE), serve(logdir, folder / "messages.txt") as tensorboard:
        visitors = _Visitors(tensorboard, steps)
        visitors.wait()
        # What every TensorBoard takes once it was asked: arrays, threads, the index.
        for number in range(load.clients):
            visitors.ask(visitors.first, number)
        before = usage_of(tensorboard.pid)
        begun = time.monotonic()
        answers = ask_together(
            tensorboard.url,
            load.clients,
            lambda _: time.monotonic() - begun > load.seconds,
            visitors.ask,
            lambda: random.random() * PAUSE_SECONDS,  # noqa: S311 - no secret
        )
        hurried = ask_together(
            tensorboard.url,
            load.clients,
            lambda count: count >= load.requests - len(answers.seconds),
            visitors.ask,
        )
        after = usage_of(tensorboard.pid)
    for error in (*answers.errors, *hurried.errors)[:5]:
        print(error, file=sys.stderr)
    grown = after.resident_bytes - before.resident_bytes
    more_files = after.files - before.files
    return Row(
        f"requests of {load.clients} clients, a training beside, a log of {load.gigabytes:g} GB",
        len(answers.seconds) + len(hurried.seconds),
        len(answers.errors) + len(hurried.errors) + _beyond(load, answers, grown, more_files),
        f"99 % within {answers.percentile(0.99) * 1000:.0f} ms in the first {load.seconds:g} s; "
        f"{grown / MEGABYTE:.0f} MB more memory, {more_files} more open files",
    )


def _beyond(load: Load, answers: Answers, grown_bytes: int, more_files: int) -> int:
    """How many of the bounds did not hold."""
    return sum(
        (
            answers.percentile(0.99) > load.slowest_seconds,
            grown_bytes > MEMORY_BYTES,
            more_files > SPARE_FILES,
        )
    )


class _Visitors:
    """What the clients ask for: tiles of any step and level, and now and then the rest."""

    def __init__(self, tensorboard: TensorBoard, steps: int) -> None:
        self.first = Client(tensorboard.url)
        self._steps = steps
        self._matrix = matrix()

    def wait(self) -> None:
        """Return when TensorBoard knows both runs."""
        deadline = time.monotonic() + START_SECONDS
        while not all(f'"{run}"'.encode() in self.first.get("runs") for run in (LARGE, LIVE)):
            if time.monotonic() > deadline:
                raise AssertionError("TensorBoard did not find the runs")
            time.sleep(0.2)

    def ask(self, client: Client, number: int) -> None:
        """One request.

        Raises:
            AssertionError: the answer is wrong.
            OSError: there is none.
        """
        kind = number % 10
        if kind == 0:
            client.get("catalog", run=LIVE)
        elif kind == 1:
            client.get("stats", run=LIVE, stat="rms", max_columns=500)
        else:
            self._tile(client, number)

    def _tile(self, client: Client, number: int) -> None:
        tiles = SIDE // TILE
        row, col = number * 3 % tiles * TILE, number * 5 % tiles * TILE
        step = number * 13 % self._steps
        body = client.get("array", **tile_query(LARGE, MATRIX, step, 0, (row, col)))
        expected = self._matrix[row : row + TILE, col : col + TILE]
        if not np.array_equal(np.load(io.BytesIO(body)), expected):
            raise AssertionError(f"a tile of step {step} is not what was written")


@contextmanager
def _training(run: Path) -> Iterator[None]:
    """A training in a process of its own that records until the block ends."""
    process = subprocess.Popen([sys.executable, "-c", _TRAINING, str(run)])
    try:
        yield
        if process.poll() is not None:
            raise AssertionError(f"the training ended with {process.returncode}")
    finally:
        process.kill()
        process.wait()
