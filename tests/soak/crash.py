"""Processes that record are killed at random moments; nothing that was acknowledged is lost."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np

import tb_layerview
from tb_layerview.diagnosis.log import Log
from tests.soak.recording import Order, inputs_of, weight_of
from tests.soak.row import Row

LIVES: Final = 5
"""So often a run is killed and gone on with."""

KEEP: Final = 0.003
_LONGEST_SECONDS: Final = 0.08
_PIECES: Final = (1 << 30, 4096, 997)


class Recorders:
    """The process that forks those that record."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Recorders]:
        """Started, and ended with the block."""
        command = [sys.executable, "-m", "tests.soak.recording"]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield cls(process)
            finally:
                if process.stdin is not None:
                    process.stdin.close()

    def killed(self, order: Order, seconds: float) -> list[int]:
        """Have a process record and kill it after so many seconds; what it acknowledged."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order._asdict()) + "\n")
        self._process.stdin.flush()
        pid = None
        begun = False
        acknowledged: list[int] = []
        while True:
            word, _, number = self._line().partition(" ")
            if word == "pid":
                pid = int(number)
            elif word == "recording":
                begun = True
            elif word == "ended":
                assert int(number) == -signal.SIGKILL, f"ended with status {number}"
                return acknowledged
            else:
                acknowledged.append(int(word))
            if pid is not None and begun:
                time.sleep(seconds)
                os.kill(pid, signal.SIGKILL)
                begun = False

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that forks has ended"
        return line.strip()


def kill_many(
    recorders: Recorders, folder: Path, times: int, seed: int = 0, keep: float | None = None
) -> Row:
    """Kill so many recording processes, and look for what they acknowledged."""
    choose = random.Random(seed)  # noqa: S311
    acknowledged = 0
    lost: list[str] = []
    known: dict[int, int] = {}
    for trial in range(times):
        life = trial % LIVES
        run = folder / f"run{trial // LIVES}"
        if life == 0:
            known = {}
        first = max(known, default=-1) + 1
        order = Order(str(run), seed + trial, first, keep, choose.choice(_PIECES))
        steps = recorders.killed(order, choose.uniform(0, _LONGEST_SECONDS))
        flushed = range(first, steps[-1] + 1) if steps else range(0)
        known.update(dict.fromkeys(flushed, order.seed))
        acknowledged += len(flushed)
        log = tb_layerview.open(run)
        lost += _lost(log, known, is_bounded=keep is not None)
        for step in log.steps:
            known.setdefault(step, order.seed)
        if keep is not None and _disk(run) > keep * 1e9:
            lost.append(f"{run} takes {_disk(run)} bytes")
        if life == LIVES - 1:
            shutil.rmtree(run)
    what = "a recording process is killed (SIGKILL) while it writes"
    if keep is not None:
        what += ", with `keep_gigabytes`"
    assert lost == [], lost[:5]
    return Row(what, times, len(lost), f"{acknowledged:,} acknowledged steps, all bit for bit")


def _lost(log: Log, known: dict[int, int], *, is_bounded: bool) -> list[str]:
    """What is not as it was acknowledged, or not there."""
    lost = [f"{problem}" for problem in log.problems]
    whole = set(log.whole_steps)
    if is_bounded:
        ends = {min(known), max(known)} if known else set()
        lost += [f"step {step} is not kept" for step in ends - whole]
    else:
        lost += [f"step {step} is gone" for step in known.keys() - whole]
    for step in sorted(whole & known.keys()):
        weight, inputs = weight_of(known[step], step), inputs_of(known[step], step)
        same = np.array_equal(log["1/param.weight"].at(step)[...], weight)
        same = same and np.array_equal(log["0/output"].at(step)[...], inputs)
        if not same:
            lost.append(f"step {step} is another")
    return lost


def _disk(run: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in run.rglob("*.lvlog"))
