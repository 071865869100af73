"""However a view, or the process that it is in, ends: what was recorded is in the log."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from torch import nn

import tb_layerview


def test_a_view_that_is_forgotten_is_closed_and_its_thread_ends(run: Path) -> None:
    def threads() -> set[threading.Thread]:
        return {thread for thread in threading.enumerate() if thread.name == "tb_layerview"}

    before = threads()
    view = tb_layerview.LayerView(nn.Linear(2, 2), run)
    with view.step(0):
        pass
    (thread,) = threads() - before
    del view
    gc.collect()
    thread.join(10)
    assert not thread.is_alive()
    assert tb_layerview.open(run).steps == [0]


PROGRAM = """
import os, sys, torch, tb_layerview
model = torch.nn.Linear(200, 200)
view = tb_layerview.LayerView(model, sys.argv[1])
for step in range(20):
    with view.step(step):
        model(torch.ones(1, 200))
{end}
"""


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("", 0),
        ("sys.exit(3)", 3),
        ("raise KeyboardInterrupt", 130),
        ("os.fork() or os._exit(0)", 0),
    ],
    ids=["end of the program", "sys.exit", "KeyboardInterrupt", "a child that is forked"],
)
def test_an_interpreter_that_ends_leaves_a_whole_log(run: Path, end: str, code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(end=end), str(run)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (code, -2 if code == 130 else code), done.stderr
    assert tb_layerview.open(run).steps == list(range(20))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a system that forks")
def test_a_process_that_is_forked_records_nothing_and_does_not_hang(run: Path) -> None:
    end = """
view.flush()
pid = os.fork()
with view.step(20) as recording:
    model(torch.ones(1, 200))
view.flush()
view.close()
if pid:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore::DeprecationWarning",
            "-c",
            PROGRAM.format(end=end),
            str(run),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "this process was forked" in done.stderr
    assert tb_layerview.open(run).steps == list(range(21))
