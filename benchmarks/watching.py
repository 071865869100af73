"""What it costs to watch a training for what is not finite, where nothing goes wrong.

That is less than one step differs from the next one. So pairs of neighbours are compared, a step
without the watch and one with it in an order that is drawn anew for each pair: what drifts is the
same for both, and what the first leaves in the caches favours none. The cost is the median of the
differences, and how well it is known a bootstrap of the pairs tells.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple
from unittest.mock import patch

import numpy as np
import torch
from torch import Tensor
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.utils.hooks import RemovableHandle

from benchmarks.direct import Clock
from benchmarks.models import Workload
from tb_layerview import LayerView
from tb_layerview.capture.flight import recorder as flight

_LEARNING_RATE: Final = 1e-6
_WARM_UP_PAIRS: Final = 3
_SECONDS: Final = 20.0
"""Time in which pairs are run: some thousand of a small model, some twenty of a large one."""

_FEWEST_PAIRS: Final = 15
_RESAMPLED: Final = 2000
_INTERVAL: Final = (2.5, 97.5)
"""Percentiles of the medians of resampled pairs: an interval of 95 %."""


class Added(NamedTuple):
    """Seconds that the watch adds to a step: their median, and the interval that holds it."""

    median: float
    low: float
    high: float


class Watching(NamedTuple):
    """By the clock on the wall, and by that of the training thread's own time on the processor.

    ``plain`` are the medians of a step without the watch. Where the machine has other things to do,
    the second clock does not count them. ``inside`` is the median of a clock that runs only while
    the watch does: it is known to a microsecond, but also counts gradients that it takes into the
    processor's caches, where the optimizer then finds them.
    """

    pairs: int
    plain_wall: float
    wall: Added
    plain_thread: float
    thread: Added
    inside: float


def measure_watching(workload: Workload) -> Watching:
    """Every step is forward, backward and SGD, and none of them is recorded."""
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

    def register(hook: Callable[..., None]) -> RemovableHandle:
        return register_optimizer_step_pre_hook(clock.wrapped(hook))

    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(flight, "register_optimizer_step_pre_hook", register),
        LayerView(workload.model, folder, every=lambda _: False, on_nonfinite="record") as view,
        # Outside of a step of the view, its hook of the optimizer returns at once.
    ):
        inside: list[float] = []

        def watched(number: int) -> None:
            clock.seconds = 0.0
            recording = clock.wrapped(view.step)(number)
            clock.wrapped(recording.__enter__)()
            loss = loss_of()
            clock.wrapped(recording.watch)(loss, again=loss_of)
            loss.backward()
            optimizer.step()
            clock.wrapped(recording.__exit__)(None, None, None)
            inside.append(clock.seconds)

        compared = _compared(plain, watched, workload.clear)
        return Watching(*compared, inside=statistics.median(inside))


def _compared(
    plain: Callable[[int], None], watched: Callable[[int], None], clear: Callable[[], None]
) -> tuple[int, float, Added, float, Added]:
    order = random.Random(0)  # noqa: S311 - no secret
    wall: dict[Callable[[int], None], list[float]] = {plain: [], watched: []}
    thread: dict[Callable[[int], None], list[float]] = {plain: [], watched: []}
    begun = time.perf_counter()
    number = 0
    while time.perf_counter() - begun < _SECONDS or len(wall[plain]) < _FEWEST_PAIRS:
        pair = [plain, watched]
        order.shuffle(pair)
        for step in pair:
            at, own = time.perf_counter(), time.thread_time()
            step(number)
            if number >= _WARM_UP_PAIRS:
                thread[step].append(time.thread_time() - own)
                wall[step].append(time.perf_counter() - at)
            clear()
        number += 1
    return (
        len(wall[plain]),
        statistics.median(wall[plain]),
        _added(wall[plain], wall[watched]),
        statistics.median(thread[plain]),
        _added(thread[plain], thread[watched]),
    )


def _added(plain: Sequence[float], watched: Sequence[float]) -> Added:
    differences = np.subtract(watched, plain)
    drawn = np.random.default_rng(0).integers(0, len(plain), (_RESAMPLED, len(plain)))
    low, high = np.percentile(np.median(differences[drawn], axis=1), _INTERVAL)
    return Added(float(np.median(differences)), float(low), float(high))
