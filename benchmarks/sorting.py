"""`add_histogram` where NumPy sorts as it does on other processors, and recording beside it.

A histogram of TensorBoard's is made by sorting, and what NumPy sorts by depends on the processor.
Which of them it uses is fixed when it is imported: so each setting is a process of its own, in
which both ways are measured. What is taken away changes little else: sums, shifts and products of
NumPy are as fast without.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from torch.utils.tensorboard import SummaryWriter

from benchmarks.direct import DirectClock
from benchmarks.models import Workload, demo_cnn, small_transformer
from benchmarks.recording import KINDS, OURS, leaves, others, ours, run_round, tensors_of
from tb_layerview import LayerView

_SWITCH: Final = "NPY_DISABLE_CPU_FEATURES"
_WARM_UP: Final = 1
MEGABYTE: Final = 1e6


class Beside(NamedTuple):
    """Of one model, what `add_histogram` costs.

    Megabytes of 10**6 bytes that it takes in a second, and how many times longer than recording it
    keeps the training thread and the processor busy.
    """

    workload: str
    megabytes_per_second: float
    thread_ratio: float
    processor_ratio: float


def settings() -> dict[str, list[str]]:
    """Features of this processor that NumPy is to do without, by what that is called."""
    present = [name for name, is_there in _features().items() if is_there]
    return {
        "as it comes": [],
        "without AVX-512": [name for name in present if "AVX512" in name or name == "X86_V4"],
        "without AVX-512 and AVX2": present,
    }


def _features() -> dict[str, bool]:
    """What this NumPy was built to choose between, and whether the processor has it."""
    core = getattr(np, "_core", None) or np.core
    umath = core._multiarray_umath  # noqa: SLF001 - what `numpy.show_runtime` prints, as data
    return {name: umath.__cpu_features__[name] for name in umath.__cpu_dispatch__}


def measure_settings(rounds: int) -> dict[str, list[Beside]]:
    """Each setting in a process of its own."""
    found = {}
    for name, features in settings().items():
        done = subprocess.run(  # noqa: S603 - this very module
            [sys.executable, "-W", "ignore", "-m", "benchmarks.sorting", "--rounds", str(rounds)],
            env={**os.environ, _SWITCH: " ".join(features)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        found[name] = [Beside(*row) for row in json.loads(done.stdout.splitlines()[-1])]
    return found


def measure_here(workload: Workload, rounds: int) -> Beside:
    """In this process, with what its NumPy was imported with."""
    with tempfile.TemporaryDirectory() as folder, tensors_of(workload) as tensors:
        model = workload.model
        with LayerView(
            model, Path(folder, "ours"), layers=leaves(model), kinds=KINDS, max_elements=None
        ) as view:
            writer = SummaryWriter(str(Path(folder, "theirs")))
            theirs = others(workload, writer, tensors)[0]
            ways = [ours(workload, view), theirs]
            numbers = range(_WARM_UP + rounds)
            added = [run_round(workload, ways, number)[1] for number in numbers][_WARM_UP:]
            clock = DirectClock(workload, view, tensors)
            first = len(numbers)
            direct = [clock.measure(first + 2 * number) for number in numbers][_WARM_UP:]
            writer.close()
        workload.step()
        nbytes = sum(tensor.nbytes for tensor in tensors())
        workload.clear()
    histograms = statistics.median(cost[theirs.name].thread for cost in added)
    return Beside(
        workload.name,
        nbytes / MEGABYTE / histograms,
        histograms / statistics.median(row.recording for row in direct),
        statistics.median(cost[theirs.name].processor for cost in added)
        / statistics.median(cost[OURS].processor for cost in added),
    )


def print_settings(found: Mapping[str, Sequence[Beside]]) -> None:
    """A line for each setting and model."""
    print("\nadd_histogram beside recording, where NumPy sorts as on other processors:")
    for name, rows in found.items():
        for row in rows:
            print(
                f"NumPy {name}, {row.workload}: add_histogram {row.megabytes_per_second:.0f} MB/s; "
                f"add_histogram / recording: training thread {row.thread_ratio:.0f}, "
                f"processor {row.processor_ratio:.1f}"
            )


def main() -> None:
    """Measure here, and print the rows as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds that are counted")
    rounds: int = parser.parse_args().rounds
    print(json.dumps([measure_here(made(), rounds) for made in (demo_cnn, small_transformer)]))


if __name__ == "__main__":
    main()
