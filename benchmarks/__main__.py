"""Prints what recording costs beside other ways: `python -m benchmarks [--rounds N]`."""

from __future__ import annotations

import argparse
import platform

import torch

from benchmarks import recording
from benchmarks.models import demo_cnn, small_transformer

OURS = "tb_layerview"
MILLISECONDS = 1e3
MEGABYTE = 1e6


def main() -> None:
    """Measure the models one after the other and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="rounds that are counted")
    rounds: int = parser.parse_args().rounds
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}")
    for workload in (demo_cnn(), small_transformer()):
        costs, step_bytes, frame_bytes = recording.measure(workload, rounds)
        print(f"\n{workload.name}: {step_bytes / MEGABYTE:.1f} MB of parameters and leaf outputs")
        print(f"on disk {frame_bytes / MEGABYTE:.1f} MB a step (of outputs, 4 samples each)")
        print(f"{'added to a step, ms':24}{'training thread':>28}{'processor':>28}")
        for name, spreads in costs.items():
            columns = [
                f"{spread.median * MILLISECONDS:9.2f} ({spread.least * MILLISECONDS:.2f} to "
                f"{spread.most * MILLISECONDS:.2f})"
                for spread in spreads.values()
            ]
            print(f"{name:24}" + "".join(f"{column:>28}" for column in columns))
        for name in costs:
            if name != OURS:
                ratios = [
                    f"{costs[name][column].median / costs[OURS][column].median:.1f}"
                    for column in ("thread", "processor")
                ]
                print(f"{name} / ours: thread {ratios[0]}, processor {ratios[1]}")


if __name__ == "__main__":
    main()
