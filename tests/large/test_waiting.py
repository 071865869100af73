"""How long waits for the disk look, and that large tensors keep to the memory they may use."""

from __future__ import annotations

import io
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview.capture import progress
from tests.capture.recorded import warned
from tests.capture.test_queue import STATE, stuck_disk

SIDE = 1500
WEIGHT_BYTES = 4 * SIDE * SIDE


class Terminal(io.StringIO):
    """Standard error that sets `bar_is_shown` once something was written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.bar_is_shown = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        written = super().write(text)
        self.bar_is_shown.set()
        return written


def recorded_steps(view: tb_layerview.LayerView, steps: int) -> None:
    for step in range(steps):
        with view.step(step):
            pass


@pytest.mark.parametrize("ending", ["flush", "close"])
def test_a_long_wait_shows_how_far_it_is_and_cleans_up(
    run: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "SHORT_SECONDS", 0.05)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    model = nn.Linear(500, 500, bias=False)
    with stuck_disk() as free, tb_layerview.LayerView(model, run, kinds=STATE) as view:
        recorded_steps(view, 3)
        waiting = threading.Thread(target=getattr(view, ending))
        waiting.start()
        assert terminal.bar_is_shown.wait(20)
        free.set()
        waiting.join(20)
        shown = terminal.getvalue()
        assert "\r\x1b[Ktb_layerview: writing 0 of 3 steps, 0.0 of 3." in shown
        assert shown.endswith("\r\x1b[K")
    assert tb_layerview.open(run).steps == [0, 1, 2]


def test_a_short_wait_shows_nothing(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with tb_layerview.LayerView(nn.Linear(50, 50), run, kinds=STATE) as view:
        recorded_steps(view, 3)
        view.flush()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("max_elements", [None, 1000], ids=["whole", "reduced"])
def test_what_pyramids_add_to_the_memory_is_that_of_one_step(
    run: Path, max_elements: int | None
) -> None:
    model = nn.Sequential(*(nn.Linear(SIDE, SIDE, bias=False) for _ in range(3)))
    frame_bytes = 3 * WEIGHT_BYTES
    with tb_layerview.LayerView(
        model,
        run,
        kinds=STATE,
        max_elements=max_elements,
        queue_bytes=2 * frame_bytes + 10**7,
        when_full="wait",
    ) as view:
        recorded_steps(view, 1)
        view.flush()
        tracemalloc.start()
        try:
            recorded_steps(view, 6)
            view.flush()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    # Copies lie in PyTorch's memory, which queue_bytes bounds; NumPy's are the planes, 13 bytes
    # for each 256 of elements, as float64 sums beside them while they are made, and scratch.
    planes = frame_bytes * 13 // 256
    assert peak < 2 * planes + 3_000_000
    assert tb_layerview.open(run).skipped == 0


def test_a_full_queue_skips_steps_of_reduced_tensors_and_goes_on(run: Path) -> None:
    model = nn.Linear(SIDE, SIDE, bias=False)
    with (
        warned() as sentences,
        stuck_disk() as free,
        tb_layerview.LayerView(
            model, run, kinds=STATE, max_elements=1000, queue_bytes=2 * WEIGHT_BYTES + 10**7
        ) as view,
    ):
        recorded_steps(view, 5)
        free.set()
        view.flush()
        with view.step(5):
            pass
    log = tb_layerview.open(run)
    assert log.steps[0] == 0
    assert log.steps[-1] == 5
    assert log.skipped == 6 - len(log.steps)
    assert log["/param.weight"].at(5).levels() == [1]
    (sentence,) = sentences
    assert "queue is full" in sentence


def test_training_and_worker_see_the_same_weights_while_pyramids_are_made(run: Path) -> None:
    model = nn.Linear(SIDE, SIDE, bias=False)
    with tb_layerview.LayerView(
        model, run, kinds=STATE, max_elements=1000, when_full="wait"
    ) as view:
        for step in range(4):
            with torch.no_grad():
                model.weight.fill_(step)
            with view.step(step):
                pass
    log = tb_layerview.open(run)
    for step in range(4):
        at = log["/param.weight"].at(step)
        assert {float(at.level(1, name)[...].min()) for name in ("mean", "min", "max")} == {step}
        assert {float(at.level(1, name)[...].max()) for name in ("mean", "min", "max")} == {step}
