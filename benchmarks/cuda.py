"""Prints what recording costs on a GPU: `python -m benchmarks.cuda [--rounds N]`."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from benchmarks.models import Workload, demo_cnn, small_transformer
from benchmarks.recording import KINDS, OURS, leaves, others, spread_of, tensors_of
from benchmarks.way import Way
from tb_layerview import LayerView

MILLISECONDS: Final = 1e3
MEGABYTE: Final = 1e6
STEPS_IN_A_ROW: Final = 100
"""Of a training that nobody waits for: the device works while the host asks for more."""
ROWS: Final = 7


class Cost(NamedTuple):
    """Seconds of one step: until the training thread goes on, and until the device is done.

    Both from a device that has nothing to do.
    """

    thread: float
    device: float


def main() -> None:
    """Measure the models one after the other and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="rounds that are counted")
    rounds: int = parser.parse_args().rounds
    if not torch.cuda.is_available():
        parser.error("PyTorch sees no CUDA device here")
    print(f"torch {torch.__version__}, {torch.cuda.get_device_name()}")
    for workload in (demo_cnn(), small_transformer()):
        _measure(
            workload._replace(model=workload.model.cuda(), batch=workload.batch.cuda()), rounds
        )


def _measure(workload: Workload, rounds: int) -> None:
    """Print what recording everything at every step of `workload` adds, beside other ways."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        tensors = stack.enter_context(tensors_of(workload))
        view = LayerView(
            workload.model,
            folder / "ours",
            layers=leaves(workload.model),
            kinds=KINDS,
            max_elements=None,
            when_full="wait",
        )
        stack.enter_context(view)
        writer = SummaryWriter(str(folder / "theirs"))
        stack.callback(writer.close)
        # Buffers on the device are none that anybody would keep a recording in.
        histograms, _, clones = others(workload, writer, tensors)
        ways = [_ours(workload, view), histograms, _to_pinned_memory(workload, tensors), clones]
        costs: dict[str, list[Cost]] = {way.name: [] for way in ways}
        plain: list[Cost] = []
        for number in range(rounds + 2):
            base = _timed(lambda _: workload.step(), workload.clear, number)
            plain.append(base)
            for way in ways:
                cost = _timed(way.step, way.finish, number)
                costs[way.name].append(Cost(cost.thread - base.thread, cost.device - base.device))
        # The first rounds make buffers.
        plain, costs = plain[2:], {name: found[2:] for name, found in costs.items()}
        workload.step()
        nbytes = sum(tensor.nbytes for tensor in tensors())
        workload.clear()
        rows = [_rows(workload, ways[0], number) for number in range(rounds + 2, rounds + 2 + ROWS)]
        print(view.report())
    step = statistics.median(cost.device for cost in plain)
    issued = statistics.median(cost.thread for cost in plain)
    print(
        f"\n{workload.name} on the GPU: a step of {step * MILLISECONDS:.2f} ms, for which the "
        f"training thread asks in {issued * MILLISECONDS:.2f}; {nbytes / MEGABYTE:.1f} MB of "
        "parameters, gradients and leaf outputs"
    )
    print(f"{'added to a step, ms':24}{'training thread':>30}{'until the device is done':>30}")
    for name, found in costs.items():
        columns = ([cost.thread for cost in found], [cost.device for cost in found])
        print(f"{name:24}" + "".join(f"{_text(column):>30}" for column in columns))
    unrecorded = statistics.median(row[0] for row in rows) / STEPS_IN_A_ROW
    added = statistics.median(recorded - without for without, recorded in rows)
    print(
        f"{STEPS_IN_A_ROW} steps in a row: {unrecorded * MILLISECONDS:.2f} ms a step, and "
        f"{added * MILLISECONDS:.2f} ms more in all if one of them is recorded"
    )
    for every in (10, 100):
        print(f"every={every}: {added / every / unrecorded:.2%} of a step")


def _rows(workload: Workload, way: Way, number: int) -> tuple[float, float]:
    """Seconds of steps between which nobody waits: without `way`, and with the step `number` so."""
    found = []
    for is_recorded in (False, True):
        torch.cuda.synchronize()
        begun = time.perf_counter()
        for step in range(STEPS_IN_A_ROW):
            if is_recorded and step == STEPS_IN_A_ROW // 2:
                way.step(number)
            else:
                workload.step()
                workload.clear()
        torch.cuda.synchronize()
        found.append(time.perf_counter() - begun)
        way.finish()
    without, recorded = found
    return without, recorded


def _timed(step: Callable[[int], object], finish: Callable[[], object], number: int) -> Cost:
    torch.cuda.synchronize()
    begun = time.perf_counter()
    step(number)
    thread = time.perf_counter() - begun
    torch.cuda.synchronize()
    device = time.perf_counter() - begun
    finish()
    return Cost(thread, device)


def _ours(workload: Workload, view: LayerView) -> Way:
    def step(number: int) -> None:
        with view.step(number):
            workload.step()
        workload.clear()

    return Way(OURS, step, view.flush)


def _to_pinned_memory(workload: Workload, tensors: Callable[[], list[Tensor]]) -> Way:
    """Copies of the tensors that the host does not wait for, into memory that is used again."""
    warm: list[Tensor] = []

    def step(_: int) -> None:
        workload.step()
        if not warm:
            warm.extend(
                torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
                for tensor in tensors()
            )
        for target, tensor in zip(warm, tensors(), strict=True):
            target.copy_(tensor.detach(), non_blocking=True)

    return Way("copies to pinned memory", step, workload.clear)


def _text(seconds: list[float]) -> str:
    median, least, most = (value * MILLISECONDS for value in spread_of(seconds))
    return f"{median:.2f} ({least:.2f} to {most:.2f})"


if __name__ == "__main__":
    main()
