"""Prints what the server costs: `python -m benchmarks.server [--gigabytes N] [--rounds N]`."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Final

import tb_layerview
from benchmarks.server.clients import Client, ask_together, tile_query, usage_of
from benchmarks.server.logs import (
    FRAMES,
    MATRIX,
    SIDE,
    TENSORS,
    write_many_bytes,
    write_many_frames,
)
from tb_layerview.log.writer import LogWriter
from tests.tensorboard_server import TensorBoard, serve

CLIENTS: Final = 8
CLIENT_SECONDS: Final = 10.0
TILES: Final = 20
REFRESHES: Final = 50
MEGABYTE: Final = 1e6
MS: Final = 1e3
BLOCK: Final = 8


def main() -> None:
    """Measure all of it, and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=10, help="size of the large log")
    parser.add_argument("--frames", type=int, default=FRAMES, help="frames of the long log")
    parser.add_argument("--rounds", type=int, default=5, help="times a log is opened")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        open_long_log(folder / "long", options.frames, options.rounds)
        logdir = folder / "runs"
        frames = write_many_bytes(logdir / "large", options.gigabytes)
        with serve(logdir, folder / "messages.txt") as tensorboard:
            serve_large_log(tensorboard, frames, options.gigabytes)


def open_long_log(run: Path, frames: int, rounds: int) -> None:
    """What a log of many frames costs to open, and to look at again."""
    first = write_many_frames(run, frames)
    opened = [_seconds(lambda: len(tb_layerview.open(run).steps)) for _ in range(rounds)]
    log = tb_layerview.open(run)
    # The first look makes the index, which the later ones go on from.
    assert len(log.steps) == frames  # noqa: S101 - else it is another log that was measured
    idle = [_seconds(lambda: len(log.steps)) for _ in range(REFRESHES)]
    grown = []
    with closing(LogWriter(run)) as writer:
        for number in range(REFRESHES):
            writer.append(replace(first, step=frames + number))
            grown.append(_seconds(lambda: len(log.steps)))
    print(f"a log of {frames:,} frames of {TENSORS} tensors:")
    print(f"  opened in {_spread(opened)} ms")
    print(f"  looked at again: {_spread(idle)} ms, with one more frame {_spread(grown)} ms")


def serve_large_log(tensorboard: TensorBoard, frames: int, gigabytes: float) -> None:
    """What arrays of a large log cost a TensorBoard."""
    client = Client(tensorboard.url)
    _until_known(client)
    before = usage_of(tensorboard.pid)
    client.get("catalog", run="large")
    print(f"a log of {gigabytes:g} GB, {frames} steps of {SIDE} x {SIDE}; tiles of 512 x 512:")
    for level in (0, 1):
        cells = SIDE // BLOCK**level
        for name, forget in (("cold", True), ("warm", False)):
            seconds, processor = _tiles(client, tensorboard, level, cells, frames, forget=forget)
            print(
                f"  level {level}, {name}: {_spread(seconds)} ms an answer, "
                f"{processor * MS:.1f} ms of the processor"
            )
    begun = time.monotonic()
    used = usage_of(tensorboard.pid).processor_seconds
    answers = ask_together(
        tensorboard.url,
        CLIENTS,
        lambda _: time.monotonic() - begun > CLIENT_SECONDS,
        lambda one, number: one.get("array", **_tile(number, 0, SIDE, frames)),
    )
    taken = time.monotonic() - begun
    used = usage_of(tensorboard.pid).processor_seconds - used
    print(
        f"  {CLIENTS} clients: {len(answers.seconds) / taken:.0f} requests a second of a megabyte "
        f"each, half within {answers.percentile(0.5) * MS:.0f} ms, 99 % within "
        f"{answers.percentile(0.99) * MS:.0f} ms, "
        f"{used / max(1, len(answers.seconds)) * MS:.1f} ms of the server's processor each, "
        f"{len(answers.errors)} errors"
    )
    after = usage_of(tensorboard.pid)
    print(
        f"  memory of the process: {before.resident_bytes / MEGABYTE:.0f} MB with the run not "
        f"opened, {after.resident_bytes / MEGABYTE:.0f} MB after all of this; "
        f"{before.files} and {after.files} open files"
    )
    client.close()


def _tiles(
    client: Client, tensorboard: TensorBoard, level: int, cells: int, frames: int, *, forget: bool
) -> tuple[list[float], float]:
    """Seconds of each answer, and the processor's for one."""
    seconds = []
    used = usage_of(tensorboard.pid).processor_seconds
    for number in range(TILES):
        if forget:
            _forget(Path(tensorboard.log).parent / "runs")
        query = _tile(number, level, cells, frames)
        seconds.append(_seconds(partial(client.get, "array", **query)))
    used = usage_of(tensorboard.pid).processor_seconds - used
    return seconds, used / TILES


def _tile(number: int, level: int, cells: int, frames: int) -> dict[str, str]:
    """Another tile for each number, all over the log."""
    tiles = max(1, cells // 512)
    place = number * 7
    corner = (place % tiles * 512, place // tiles % tiles * 512)
    return tile_query("large", MATRIX, number * 13 % frames, level, corner)


def _forget(folder: Path) -> None:
    """Have the operating system drop what it keeps of the files in memory."""
    for path in folder.rglob("*.lvlog"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


def _until_known(client: Client) -> None:
    deadline = time.monotonic() + 60
    while b'"large"' not in client.get("runs"):
        if time.monotonic() > deadline:
            raise AssertionError("TensorBoard did not find the run")
        time.sleep(0.2)


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _spread(seconds: list[float]) -> str:
    low, high = min(seconds) * MS, max(seconds) * MS
    return f"{median(seconds) * MS:.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    main()
