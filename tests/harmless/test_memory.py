"""A recording holds `queue_bytes` at most, and no more the longer it lasts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

MEGABYTE: Final = 1 << 20

PROGRAM: Final = """
import os, sys, time, torch, tb_layerview
from tb_layerview.log import record_file

PAGE = os.sysconf("SC_PAGE_SIZE")
WRITE = record_file.write_some


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * PAGE


def slow(file, block):
    time.sleep(0.0005)
    return WRITE(file, block[: 1 << 18])


def train(model, inputs, steps, view):
    highest = 0
    for step in steps:
        with view.step(step, inputs=inputs):
            model(inputs).sum().backward()
            model.zero_grad(set_to_none=False)
        highest = max(highest, resident())
    return highest


torch.set_num_threads(1)
run = sys.argv[1]
"""

LARGE: Final = """
model = torch.nn.Sequential(*(torch.nn.Linear(1800, 1800) for _ in range(4)))
inputs = torch.ones(2, 1800)
with tb_layerview.LayerView(torch.nn.Linear(2, 2), run + "/warm") as view:
    train(model, inputs, range(2), view)
record_file.write_some = slow
before = resident()
queue_bytes = 110 * (1 << 20)
with tb_layerview.LayerView(model, run + "/large", queue_bytes=queue_bytes) as view:
    highest = train(model, inputs, range(12), view)
    print(highest - before - queue_bytes)
    record_file.write_some = WRITE
print(len(tb_layerview.open(run + "/large").steps))
"""

LARGER: Final = """
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmHWM")) << 10


model = torch.nn.Sequential(*(torch.nn.Linear(256, 256) for _ in range(10)))
inputs = torch.ones(20_000, 256)
model(inputs)
before = peak()
queue_bytes = 40 * (1 << 20)
with tb_layerview.LayerView(model, run + "/larger", queue_bytes=queue_bytes) as view:
    for step in range(3):
        with view.step(step):
            model(inputs)
print(peak() - before - queue_bytes)
print(len(tb_layerview.open(run + "/larger").steps))
"""

LONG: Final = """
model = torch.nn.Sequential(torch.nn.Linear(300, 300), torch.nn.Tanh(), torch.nn.Linear(300, 30))
inputs = torch.ones(16, 300)
with tb_layerview.LayerView(model, run, queue_bytes=4 << 20, when_full="wait") as view:
    train(model, inputs, range(50), view)
    view.flush()
    before = resident()
    highest = train(model, inputs, range(50, 250), view)
print(highest - before)
print(len(tb_layerview.open(run).steps))
"""


def measured(program: str, run: Path) -> tuple[int, int]:
    """The two numbers that a program prints."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + program, str(run)],
        # Large blocks that PyTorch frees go back to the system at once: what is left is held.
        env={"PYTHONPATH": ".", "PATH": "", "MALLOC_MMAP_THRESHOLD_": str(1 << 16)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.split()
    return int(first), int(second)


pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="needs Linux's account of resident memory"
)


def test_a_slow_disk_costs_no_more_memory_than_the_queue(run: Path) -> None:
    """A model of 52 MB, of whose steps two would fit the queue."""
    beyond, steps = measured(LARGE, run)
    assert -64 * MEGABYTE < beyond < 8 * MEGABYTE, f"{beyond / MEGABYTE:.0f} MB beyond queue_bytes"
    assert steps >= 2


def test_a_step_five_times_the_queue_costs_no_more_memory_than_the_queue(run: Path) -> None:
    """Its outputs are 205 MB, and the training's own memory holds them, too."""
    beyond, steps = measured(LARGER, run)
    assert -30 * MEGABYTE < beyond < 8 * MEGABYTE, f"{beyond / MEGABYTE:.0f} MB beyond queue_bytes"
    assert steps >= 1


def test_a_long_recording_takes_no_more_memory_than_a_short_one(run: Path) -> None:
    """Each step records 0.5 MB: 200 of them would not go unseen."""
    growth, steps = measured(LONG, run)
    assert growth < 6 * MEGABYTE, f"{growth / MEGABYTE:.1f} MB in 200 steps"
    assert steps == 250
