"""However a process ends, and whatever it forks: the log that it leaves can be read."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest

import tb_layerview

STEPS: Final = 12
FLUSHED: Final = 5
"""Steps that were recorded before the one flush of a training."""

TRAINING: Final = f"""
import os, signal, sys, threading
import torch
import tb_layerview

# Who started the tests in the background may have had it ignored, which programs inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)
torch.set_num_threads(1)
model = torch.nn.Sequential(torch.nn.Linear(40, 40), torch.nn.ReLU())
ending = None

def middle(*_):
    if ending is not None:
        ending()

model[1].register_forward_hook(middle)

def train(steps, end=None):
    global ending
    for step in range({STEPS}):
        if step == {FLUSHED}:
            view.flush()
        with view.step(step):
            if step == {STEPS} - 1:
                ending = end
            model(torch.ones(2, 40))
"""


class Ending(NamedTuple):
    """How a program ends, its exit status, and whether that is after everything was written."""

    program: str
    status: int
    orderly: bool


def interrupt(how: str) -> str:
    """Train, and end so in the middle of the last step."""
    return f"view = tb_layerview.LayerView(model, sys.argv[1])\ntrain({STEPS}, {how})"


ENDINGS: Final[Mapping[str, Ending]] = {
    "the end of the program": Ending(interrupt("None"), 0, orderly=True),
    "KeyboardInterrupt": Ending(
        interrupt("lambda: signal.raise_signal(signal.SIGINT)"), -signal.SIGINT, orderly=True
    ),
    "sys.exit": Ending(interrupt("lambda: sys.exit(3)"), 3, orderly=True),
    "an exception": Ending(interrupt("lambda: model.missing"), 1, orderly=True),
    "sys.exit in another thread": Ending(
        "view = tb_layerview.LayerView(model, sys.argv[1])\n"
        f"thread = threading.Thread(target=train, args=({STEPS}, lambda: sys.exit(3)))\n"
        "thread.start()\nthread.join()",
        0,
        orderly=True,
    ),
    "os._exit": Ending(interrupt("lambda: os._exit(4)"), 4, orderly=False),
    "a signal that kills": Ending(
        interrupt("lambda: signal.raise_signal(signal.SIGKILL)"), -signal.SIGKILL, orderly=False
    ),
}

LOADERS: Final = """
class Rows(torch.utils.data.Dataset):
    def __len__(self):
        return 8

    def __getitem__(self, index):
        return torch.full((40,), float(index))

if __name__ == "__main__":
    view = tb_layerview.LayerView(model, sys.argv[1])
    step = 0
    for method in ("fork", "spawn"):
        loader = torch.utils.data.DataLoader(
            Rows(), batch_size=2, num_workers=1, multiprocessing_context=method,
            persistent_workers=True,
        )
        for epoch in range(2):
            for rows in loader:
                with view.step(step, inputs=rows):
                    model(rows)
                step += 1
"""


class Process(NamedTuple):
    run: Path
    started: subprocess.Popen[str]

    def end(self) -> tuple[int, str]:
        """Wait; the exit status, and what was printed."""
        printed, _ = self.started.communicate(timeout=120)
        return self.started.returncode, printed


def start(folder: Path, program: str) -> Process:
    """Run a program that trains as above; ``sys.argv[1]`` is the directory of its run."""
    folder.mkdir()
    script = folder / "program.py"
    script.write_text(TRAINING + program)
    started = subprocess.Popen(
        [sys.executable, "-W", "ignore::DeprecationWarning", str(script), str(folder / "run")],
        env={"PYTHONPATH": ".", "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Process(folder / "run", started)


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Process]:
    """All programs at once: most of their time is Python's, to import PyTorch."""
    root = tmp_path_factory.mktemp("processes")
    programs = {name: ending.program for name, ending in ENDINGS.items()} | {"loaders": LOADERS}
    return {
        name: start(root / str(number), program)
        for number, (name, program) in enumerate(programs.items())
    }


@pytest.mark.parametrize("name", ENDINGS)
def test_a_process_that_ends_leaves_a_readable_log(
    processes: Mapping[str, Process], name: str
) -> None:
    process, ending = processes[name], ENDINGS[name]
    status, printed = process.end()
    assert status == ending.status, printed
    assert "tb_layerview" not in printed.replace("tb_layerview.LayerView(model", "")
    log = tb_layerview.open(process.run)
    assert log.steps[:FLUSHED] == list(range(FLUSHED))
    if ending.orderly:
        assert log.steps == list(range(STEPS))
    for step in log.steps:
        assert (log["0/param.weight"].at(step)[...] == log["0/param.weight"].at(0)[...]).all()


def test_workers_of_a_data_loader_leave_an_open_view_alone(
    processes: Mapping[str, Process],
) -> None:
    process = processes["loaders"]
    status, printed = process.end()
    assert (status, printed) == (0, "")
    log = tb_layerview.open(process.run)
    assert log.steps == list(range(16))
    for step in log.steps:
        first = 2 * (step % 4)
        assert log["/sample.inputs"].at(step)[:, 0].tolist() == [first, first + 1]
    assert log.skipped == 0
    assert len({path.name.split(".")[2] for path in process.run.glob("plugins/*/*.lvlog")}) == 1
