"""Prints what recording costs beside other ways: `python -m benchmarks [--rounds N]`."""

from __future__ import annotations

import argparse
import platform
import statistics
from collections.abc import Sequence

import torch

from benchmarks.models import WORKLOADS
from benchmarks.recording import OURS, Measured, Spread, measure, spread_of
from benchmarks.sorting import measure_settings, print_settings
from benchmarks.watching import Watching, measure_watching

MILLISECONDS = 1e3
MICROSECONDS = 1e6
MEGABYTE = 1e6

_ROUNDS_OF_SORTING = 3
"""With a processor's older instructions, a histogram of the transformer takes seconds."""


def main() -> None:
    """Measure the models one after the other and print a table of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="rounds that are counted")
    rounds: int = parser.parse_args().rounds
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, {platform.machine()}")
    for make in WORKLOADS.values():
        workload = make()
        measured = measure(workload, rounds)
        print(f"\n{workload.name}, a step of {measured.plain_seconds * MILLISECONDS:.1f} ms")
        print_table(measured)
    for name in WORKLOADS:
        print(f"\n{name}")
        print_watching(measure_watching(name))
    print_settings(measure_settings(min(rounds, _ROUNDS_OF_SORTING)))


def print_table(measured: Measured) -> None:
    """The added costs, what they are in ratios, and what is left of them between recordings."""
    print(
        f"{measured.step_bytes / MEGABYTE:.1f} MB of parameters, gradients and leaf outputs; "
        f"on disk {measured.frame_bytes / MEGABYTE:.1f} MB, of outputs 4 samples each"
    )
    print(f"{'added to a step, ms':24}{'training thread':>30}{'processor':>30}")
    for name, spreads in measured.added.items():
        print(f"{name:24}" + "".join(f"{_text(spread):>30}" for spread in spreads.values()))
    ours = measured.added[OURS]
    for name, spreads in measured.added.items():
        if name != OURS:
            thread, processor = (_ratio(spreads[column], ours[column]) for column in spreads)
            print(f"{name} / {OURS}: training thread {thread}, processor {processor}")
    print_direct(measured)
    print(f"a step that is not due: {measured.idle_seconds * MICROSECONDS:.1f} microseconds")
    inside = spread_of([row.recording for row in measured.direct])
    for every in (10, 100):
        by_steps, by_clock = (
            (spread.median / every + measured.idle_seconds) / measured.plain_seconds
            for spread in (ours["thread"], inside)
        )
        print(f"every={every}: {by_steps:.2%} of a step, {by_clock:.2%} by the clock inside")


def print_direct(measured: Measured) -> None:
    """The clock that runs while the training thread records, beside a copy of the same bytes."""
    rows = measured.direct
    print("inside of the recording, by a clock of its own, ms a step:")
    copying = [row.copying for row in rows]
    for name, seconds in (
        ("recording", [row.recording for row in rows]),
        ("with updates by SGD", [row.with_updates for row in rows]),
        ("copy into warm buffers", copying),
    ):
        ratios = spread_of([one / other for one, other in zip(seconds, copying, strict=True)])
        beside = f"{ratios.median:.2f} ({ratios.least:.2f} to {ratios.most:.2f}) of the copy"
        print(f"{name:24}{_text(spread_of(seconds)):>30}  {beside}")
    recorded, copied = rows[-1].recorded_bytes, rows[-1].copied_bytes
    print(
        f"the recording copies {recorded / MEGABYTE:.1f} MB, each tensor once; "
        f"the copy beside it {copied / MEGABYTE:.1f} MB"
    )


def print_watching(processes: Sequence[Watching]) -> None:
    """What `on_nonfinite="record"` adds to a step in which nothing goes wrong."""
    print(f'on_nonfinite="record", in {len(processes)} processes:')
    for clock, plain, added in (
        ("on the wall", _of(processes, "plain_wall"), _of(processes, "wall")),
        (
            "training thread on a processor",
            _of(processes, "plain_thread"),
            _of(processes, "thread"),
        ),
    ):
        step, median = statistics.median(plain), statistics.median(added)
        each = ", ".join(f"{seconds * MICROSECONDS:.0f}" for seconds in sorted(added))
        print(
            f"{clock}: {median * MICROSECONDS:.0f} microseconds, the median of {each}; "
            f"{median / step:.2%} of a step of {step * MILLISECONDS:.2f} ms"
        )
    inside, step = (statistics.median(_of(processes, name)) for name in ("inside", "plain_wall"))
    print(f"inside of the watch: {inside * MICROSECONDS:.0f} microseconds, {inside / step:.2%}")


def _of(processes: Sequence[Watching], name: str) -> list[float]:
    return [getattr(process, name) for process in processes]


def _ratio(theirs: Spread, ours: Spread) -> str:
    """A ratio of medians; where a median is not above zero, the noise of a step hid the cost."""
    if min(theirs.median, ours.median) <= 0:
        return "lost in the noise"
    return f"{theirs.median / ours.median:.2f}"


def _text(spread: Spread) -> str:
    median, least, most = (value * MILLISECONDS for value in spread)
    return f"{median:.2f} ({least:.2f} to {most:.2f})"


if __name__ == "__main__":
    main()
