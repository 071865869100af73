"""Runs whose disk is bounded: how tests write them, measure them, and expect them to be thinned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from tb_layerview.log.frame import Frame
from tb_layerview.log.reader import LogReader
from tests.log.building import make_frame
from tests.log.small_runs import folder

ROOM: Final = 600_000
ELEMENTS: Final = 4_000


def frame(step: int, elements: int = ELEMENTS, mark: str | None = None) -> Frame:
    made = make_frame(step, {"a/output": np.full(elements, step, "<f4")})
    return replace(made, mark=mark)


def disk_usage(run: Path) -> int:
    """What ``du`` says, of files that may go while they are looked at."""
    total = 0
    for path in folder(run).iterdir():
        try:
            total += path.stat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total


def whole(log: LogReader) -> list[int]:
    return [step for step in log.steps if step not in set(log.summarized_steps)]


class Expected:
    """The rule of docs/format.md, on lists: which frames there are after each one.

    Every file is a list of ordinals; sizes are those that the frames were measured to have.
    """

    def __init__(self, room: int, alone_bytes: int, first_bytes: int, next_bytes: int) -> None:
        self.room, self.epoch_bytes = room, room // 32
        self.alone_bytes = alone_bytes
        self.first_bytes, self.next_bytes = first_bytes, next_bytes
        self.closed: list[tuple[int, list[int], int]] = []
        self.open: dict[int, list[int]] = {}
        self.count = 0

    def size(self, frames: int) -> int:
        return -(-(self.first_bytes + (frames - 1) * self.next_bytes) // 4096) * 4096

    def total(self) -> int:
        files = [found for _, found, _ in self.closed] + list(self.open.values())
        return sum(self.size(len(found)) for found in files)

    def append(self) -> None:
        ordinal, self.count = self.count, self.count + 1
        if ordinal == 0:
            self.closed.append((10**6, [0], 0))
            return
        tier = len(bin(ordinal)) - len(bin(ordinal).rstrip("0"))
        grown = len(self.open.get(tier, []))
        needed = self.size(grown + 1) - (self.size(grown) if grown else 0)
        while self.total() + needed > self.room:
            candidates = [file for file in self.closed if file[0] < 10**6]
            worst = max(candidates, key=lambda file: ((ordinal - file[2]) / 2 ** file[0], -file[0]))
            self.closed.remove(worst)
        self.open.setdefault(tier, []).append(ordinal)
        if sum(self.size(len(found)) for found in self.open.values()) >= self.epoch_bytes:
            self.closed += [(tier, found, ordinal) for tier, found in self.open.items()]
            self.open.clear()

    def kept(self) -> list[int]:
        files = [found for _, found, _ in self.closed] + list(self.open.values())
        return sorted(ordinal for found in files for ordinal in found)
