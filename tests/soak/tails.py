"""A machine that loses its last unsynced bytes: what a log may end in, and what is read then."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np

from tb_layerview.errors import DamagedLogError
from tb_layerview.log.reader import LogReader
from tb_layerview.log.writer import LogWriter
from tests.log.building import make_frame
from tests.soak.row import Row

STEPS: Final = 3
KEY: Final = "a/output"
_BLOCK: Final = 4096
_SECTOR: Final = 512


def cut(data: bytes, _choose: random.Random) -> Iterator[tuple[int, bytes]]:
    """The file ends anywhere: at every byte."""
    for length in range(len(data)):
        yield length, data[:length]


def zeros(data: bytes, _choose: random.Random) -> Iterator[tuple[int, bytes]]:
    """The length was written, the last bytes were not: zeros from any byte on."""
    for length in range(len(data)):
        yield length, data[:length] + bytes(len(data) - length)


def torn(data: bytes, choose: random.Random) -> Iterator[tuple[int, bytes]]:
    """Blocks reach the disk in any order: some of the last ones are zeros."""
    for number in range(len(data)):
        size = choose.choice((_SECTOR, _BLOCK))
        missing = [begin for begin in range(0, len(data), size) if choose.random() < 0.3]
        if not missing:
            missing = [len(data) // size * size]
        spoiled = bytearray(data)
        for begin in missing:
            spoiled[begin : begin + size] = bytes(len(spoiled[begin : begin + size]))
        if number % 2:
            del spoiled[choose.randrange(missing[0], len(spoiled) + 1) :]
        yield missing[0], bytes(spoiled)


def repeated(data: bytes, _choose: random.Random) -> Iterator[tuple[int, bytes]]:
    """The last bytes are there twice, as a copy that was taken up again leaves them."""
    for length in range(len(data)):
        yield len(data), data + data[length:]


def garbage(data: bytes, choose: random.Random) -> Iterator[tuple[int, bytes]]:
    """Other bytes from anywhere on: those of a file that was there before."""
    for length in range(len(data)):
        yield length, data[:length] + choose.randbytes(choose.randrange(1, 300))


TAILS: Final[dict[str, Callable[[bytes, random.Random], Iterator[tuple[int, bytes]]]]] = {
    "cut at every byte": cut,
    "zeros from every byte on": zeros,
    "blocks that were not written, in any order": torn,
    "the last bytes twice, from every byte on": repeated,
    "other bytes from every byte on": garbage,
}


def written(step: int) -> np.ndarray:
    """What is recorded at a step."""
    return np.full(12, step + 1, "<f4")


def spoil_tails(folder: Path, every: int = 1) -> Iterator[Row]:
    """Spoil a small log in all of these ways, read it, and go on with it.

    Of each way, every ``every``-th place is tried.
    """
    with closing(LogWriter(folder / "whole")) as writer:
        ends = []
        for step in range(STEPS):
            writer.append(make_frame(step, {KEY: written(step)}))
            ends.append(_segment(folder / "whole").stat().st_size)
    segment = _segment(folder / "whole")
    data = segment.read_bytes()
    for what, tails in TAILS.items():
        run = folder / tails.__name__
        spoiled = run / segment.relative_to(folder / "whole")
        spoiled.parent.mkdir(parents=True)
        choose = random.Random(1)  # noqa: S311
        times = 0
        for number, (intact, content) in enumerate(tails(data, choose)):
            if number % every:
                continue
            spoiled.write_bytes(content)
            whole = {step for step, end in enumerate(ends) if end <= intact}
            _check(LogReader(run), whole)
            with closing(LogWriter(run)) as writer:
                writer.append(make_frame(STEPS, {KEY: written(STEPS)}))
            _check(LogReader(run), {*whole, STEPS})
            for path in spoiled.parent.iterdir():
                path.unlink()
            times += 1
        yield Row(f"a log ends in {what}", times, 0, "then gone on with")


def _segment(run: Path) -> Path:
    (segment,) = (run / "plugins" / "layerview").iterdir()
    return segment


def _check(log: LogReader, whole: set[int]) -> None:
    """Every frame that is whole is served as it was written, and nothing else as another."""
    for step in log.steps:
        try:
            found = log[KEY].at(step)[...]
        except DamagedLogError:
            assert step not in whole
            continue
        np.testing.assert_array_equal(found, written(step))
    assert whole <= set(log.steps), (whole, log.steps)
