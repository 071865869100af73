"""A real TensorBoard for tests."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

START_SECONDS: Final = 60
STOP_SECONDS: Final = 10
POLL_SECONDS: Final = 0.05


@dataclass(frozen=True)
class TensorBoard:
    """``url`` ends in a slash and has the path prefix; ``log`` is where its messages go."""

    url: str
    log: Path
    pid: int


@contextmanager
def serve(
    logdir: Path | None,
    log: Path,
    *arguments: str,
    python: str = sys.executable,
    environment: Mapping[str, str] | None = None,
) -> Iterator[TensorBoard]:
    """TensorBoard over ``logdir``, on a free port of this machine, until the block ends.

    ``arguments`` are further ones of its command line, ``python`` the interpreter that has it;
    ``logdir`` is None where ``arguments`` say where the runs are.
    """
    where = [] if logdir is None else ["--logdir", str(logdir)]
    command = [python, "-m", "tensorboard.main", *where, "--port", "0"]
    with log.open("wb") as messages:
        process = subprocess.Popen(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=messages,
            stderr=subprocess.STDOUT,
            env=environment,
        )
    try:
        yield TensorBoard(_announced_url(process, log), log, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _announced_url(process: subprocess.Popen[bytes], log: Path) -> str:
    messages = ""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        messages = log.read_text("utf-8", errors="replace")
        announced = re.search(r"TensorBoard \S+ at (http://\S+)", messages)
        if announced:
            return announced[1].rstrip("/") + "/"
        if ended:
            raise AssertionError(f"TensorBoard ended with {process.returncode}:\n{messages}")
        time.sleep(POLL_SECONDS)
    raise AssertionError(f"TensorBoard was not ready after {START_SECONDS} s:\n{messages}")
