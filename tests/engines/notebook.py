"""A real Jupyter notebook server, whose kernel is the Python that runs the tests."""

from __future__ import annotations

import json
import os
import signal
import site
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

from tests.engines.nginx import free_port

START_SECONDS: Final = 90
TOKEN: Final = "engines"  # noqa: S105  # a server of this test, for as long as it runs


def _write_notebook(folder: Path, cells: list[str]) -> None:
    body = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "tested", "display_name": "tested"}},
        "cells": [
            {
                "id": f"cell-{place}",
                "cell_type": "code",
                "metadata": {},
                "outputs": [],
                "execution_count": None,
                "source": source,
            }
            for place, source in enumerate(cells)
        ],
    }
    (folder / "try.ipynb").write_text(json.dumps(body))


def _write_kernel(folder: Path, python: str) -> None:
    """A kernel that imports what this process can, and starts its TensorBoard."""
    kernel = folder / "share" / "kernels" / "tested"
    kernel.mkdir(parents=True)
    paths = [str(Path.cwd()), *site.getsitepackages()]
    programs = str(Path(sys.executable).parent)
    spec = {
        "argv": [python, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "tested",
        "language": "python",
        "env": {
            "PYTHONPATH": os.pathsep.join(paths),
            "PATH": os.pathsep.join([programs, os.environ.get("PATH", os.defpath)]),
            "TMPDIR": str(folder),  # where TensorBoard looks for others that it could use
        },
    }
    (kernel / "kernel.json").write_text(json.dumps(spec))


@contextmanager
def notebook(jupyter: str, folder: Path, cells: list[str]) -> Iterator[str]:
    """The address of a notebook with ``cells``, none of which has been run."""
    _write_notebook(folder, cells)
    _write_kernel(folder, str(Path(jupyter).parent / "python"))
    port = free_port()
    log = folder / "jupyter.txt"
    options = {
        "ServerApp.port": port,
        "ServerApp.ip": "localhost",
        "IdentityProvider.token": TOKEN,
        "ServerApp.root_dir": folder,
        "ServerApp.allow_root": True,
        "ServerApp.open_browser": False,
    }
    command = [jupyter, *(f"--{name}={value}" for name, value in options.items())]
    settled = {
        "JUPYTER_PATH": str(folder / "share"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
    }
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with log.open("wb") as messages:
        process = subprocess.Popen(
            command, stdout=messages, stderr=messages, env={**environment, **settled}
        )
    try:
        base = f"http://localhost:{port}"
        _wait_for(f"{base}/api?token={TOKEN}", process, log)
        yield f"{base}/notebooks/try.ipynb?token={TOKEN}"
    finally:
        process.terminate()
        process.wait(START_SECONDS)
        # A TensorBoard outlives the notebook that started it; it leaves a note on itself.
        for note in folder.glob(".tensorboard-info/*.info"):
            os.kill(json.loads(note.read_text())["pid"], signal.SIGTERM)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(url):
                return
        except URLError:
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(errors="replace")
                raise AssertionError(f"Jupyter did not start:\n{said}") from None
        time.sleep(0.2)
