"""What it costs to watch a training for what is not finite, where nothing goes wrong.

That is less than one step differs from the next one. So neighbours are compared, a few steps in a
row without the watch and a few with it, in an order that is drawn anew each time: what drifts is
the same for both. The first of each row is not counted: what a training does at every step, it
finds closer to the processor than what it did some steps ago. The cost is the median of the
differences. It still is another in each process, by where in memory things happen to lie: so there
are several processes, and how well the cost is known is told from how they differ.

Whether the C library gives the memory of a step back to the system, or keeps it for the next, is a
matter of where a few small blocks lie: a third of a small model's step, which a change of a few
bytes may begin or end. So it is told to keep it, where that can be told; the steps without the
watch are then shorter, too.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import torch
from torch import Tensor
from torch.optim.optimizer import _global_optimizer_pre_hooks, register_optimizer_step_pre_hook
from torch.utils.hooks import RemovableHandle

from benchmarks.direct import Clock
from benchmarks.models import WORKLOADS, Workload
from tb_layerview import LayerView
from tb_layerview.capture.flight import recorder as flight

_LEARNING_RATE: Final = 1e-6
_PROCESSES: Final = 8
_SECONDS: Final = 15.0
"""Time in each process in which rows are compared: some hundred of a small model."""

_WARM_UP: Final = 2
_IN_A_ROW: Final = 4
_FEWEST: Final = 4
_CLOCKED: Final = 100
"""Steps of a small model in which a clock runs; of a large one as many as rows were compared."""

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
"""Of ``mallopt`` in the GNU C library."""

_KEPT_BYTES: Final = 1 << 30
_MAPPED_FROM_BYTES: Final = 1 << 25
"""The most that it takes."""


Step = Callable[[int], None]
"""Runs the step of this number."""


class Watching(NamedTuple):
    """Seconds in one process: a step without the watch, and what the watch adds to it.

    By the clock on the wall, and by that of the training thread's own time on the processor: where
    the machine has other things to do, that does not count them. ``inside`` is the median of a
    clock that runs only while the watch does: it is known to a microsecond, but also counts
    gradients that it takes into the processor's caches, where the optimizer then finds them. It
    runs in steps of its own, as it takes time, too.
    """

    rows: int
    plain_wall: float
    wall: float
    plain_thread: float
    thread: float
    inside: float


def measure_watching(workload: str) -> list[Watching]:
    """In processes of their own, one after the other: the `workload` is told by its name."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.watching", workload]
    found = []
    for _ in range(_PROCESSES):
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
        found.append(Watching(*json.loads(done.stdout.splitlines()[-1])))
    return found


def measure_here(workload: Workload) -> Watching:
    """Every step is forward, backward and SGD, and none of them is recorded."""
    _keep_memory()
    optimizer = torch.optim.SGD(workload.model.parameters(), lr=_LEARNING_RATE)

    def loss_of() -> Tensor:
        loss: Tensor = workload.model(workload.batch).square().mean()
        return loss

    def plain(_: int) -> None:
        # Named as below: what lives longer changes where the next step finds memory.
        loss = loss_of()
        loss.backward()
        optimizer.step()

    clock = Clock()
    hooks: list[tuple[RemovableHandle, Callable[..., None]]] = []

    def register(hook: Callable[..., None]) -> RemovableHandle:
        hooks.append((register_optimizer_step_pre_hook(hook), hook))
        return hooks[-1][0]

    def hook_with(wrap: Callable[..., Any]) -> None:
        for handle, hook in hooks:
            _global_optimizer_pre_hooks[handle.id] = wrap(hook)

    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(flight, "register_optimizer_step_pre_hook", register),
        LayerView(workload.model, folder, every=lambda _: False, on_nonfinite="record") as view,
        # Outside of a step of the view, its hook of the optimizer returns at once.
    ):
        inside: list[float] = []

        def watched(number: int) -> None:
            with view.step(number) as recording:
                loss = loss_of()
                recording.watch(loss, again=loss_of)
                loss.backward()
                optimizer.step()

        def clocked(number: int) -> None:
            clock.seconds = 0.0
            hook_with(clock.wrapped)
            recording = clock.wrapped(view.step)(number)
            clock.wrapped(recording.__enter__)()
            loss = loss_of()
            clock.wrapped(recording.watch)(loss, again=loss_of)
            loss.backward()
            optimizer.step()
            clock.wrapped(recording.__exit__)(None, None, None)
            inside.append(clock.seconds)
            hook_with(lambda hook: hook)

        compared = _compared(plain, watched, workload.clear)
        for number in range(min(_CLOCKED, len(compared.wall[plain]))):
            clocked(number)
            workload.clear()
    (plain_wall, wall), (plain_thread, thread) = (
        (statistics.median(clock[plain]), _added(clock[plain], clock[watched]))
        for clock in compared
    )
    return Watching(
        len(compared.wall[plain]),
        plain_wall,
        wall,
        plain_thread,
        thread,
        statistics.median(inside),
    )


class _Compared(NamedTuple):
    """Seconds of a step of each kind, each the median of those in a row."""

    wall: dict[Step, list[float]]
    thread: dict[Step, list[float]]


def _compared(plain: Step, watched: Step, clear: Callable[[], None]) -> _Compared:
    order = random.Random(0)  # noqa: S311 - no secret
    compared = _Compared({plain: [], watched: []}, {plain: [], watched: []})
    begun = time.perf_counter()
    number = 0
    while time.perf_counter() - begun < _SECONDS or number < _FEWEST + _WARM_UP:
        for step in order.sample((plain, watched), 2):
            wall, thread = [], []
            for _ in range(_IN_A_ROW):
                at, own = time.perf_counter(), time.thread_time()
                step(number)
                thread.append(time.thread_time() - own)
                wall.append(time.perf_counter() - at)
                clear()
            if number >= _WARM_UP:
                compared.wall[step].append(statistics.median(wall[1:]))
                compared.thread[step].append(statistics.median(thread[1:]))
        number += 1
    return compared


def _keep_memory() -> None:
    allocator = ctypes.CDLL(None)
    if hasattr(allocator, "mallopt"):
        allocator.mallopt(_M_MMAP_THRESHOLD, _MAPPED_FROM_BYTES)
        allocator.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
        allocator.mallopt(_M_TOP_PAD, _KEPT_BYTES // 4)


def _added(plain: Sequence[float], watched: Sequence[float]) -> float:
    return statistics.median(more - less for less, more in zip(plain, watched, strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("workload", choices=WORKLOADS)
    print(json.dumps(measure_here(WORKLOADS[parser.parse_args().workload]())))
