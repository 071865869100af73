"""What it costs to watch a training for what is not finite, where nothing goes wrong.

Rounds of a step without and one with the watch, in turn; the one that comes first alternates, so
that what the first leaves in the caches favours none. The cost is the difference within a round.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from typing import Final, NamedTuple

import torch
from torch import Tensor

from benchmarks.models import Workload
from tb_layerview import LayerView

_LEARNING_RATE: Final = 1e-6
_WARM_UP_ROUNDS: Final = 2


class Watching(NamedTuple):
    """Of one round: seconds of a step without the watch, and those that the watch added.

    ``processor`` is of the whole process: what else the machine does is not in it.
    """

    plain_thread: float
    added_thread: float
    plain_processor: float
    added_processor: float


def measure_watching(workload: Workload, rounds: int) -> list[Watching]:
    """One row a round; every step is forward, backward and SGD, and none of them is recorded."""
    optimizer = torch.optim.SGD(workload.model.parameters(), lr=_LEARNING_RATE)

    def loss_of() -> Tensor:
        loss: Tensor = workload.model(workload.batch).square().mean()
        return loss

    def plain(_: int) -> None:
        loss_of().backward()
        optimizer.step()

    with (
        tempfile.TemporaryDirectory() as folder,
        LayerView(workload.model, folder, every=lambda _: False, on_nonfinite="record") as view,
    ):

        def watched(number: int) -> None:
            with view.step(number) as recording:
                loss = loss_of()
                recording.watch(loss, again=loss_of)
                loss.backward()
                optimizer.step()

        rows = [
            _round(workload, plain, watched, number) for number in range(_WARM_UP_ROUNDS + rounds)
        ]
    return rows[_WARM_UP_ROUNDS:]


def _round(
    workload: Workload, plain: Callable[[int], None], watched: Callable[[int], None], number: int
) -> Watching:
    seconds: dict[Callable[[int], None], tuple[float, float]] = {}
    for step in (plain, watched) if number % 2 else (watched, plain):
        thread, processor = time.perf_counter(), time.process_time()
        step(number)
        seconds[step] = (time.perf_counter() - thread, time.process_time() - processor)
        workload.clear()
    (plain_thread, plain_processor), (thread, processor) = seconds[plain], seconds[watched]
    return Watching(
        plain_thread, thread - plain_thread, plain_processor, processor - plain_processor
    )
