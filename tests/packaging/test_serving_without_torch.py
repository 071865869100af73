"""The wheel, installed as a user would, on a machine that only serves."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
import torch

from demo.model import CNN
from tb_layerview import snapshot
from tests.packaging.conftest import ROOT, Distributions
from tests.tensorboard_server import TensorBoard, serve

INSTALL_SECONDS = 300
LOAD_SECONDS = 30
POLL_SECONDS = 0.2
KEY = "fc_final.0/param.weight"


@pytest.fixture(scope="module")
def serving_python(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of a new environment that has the wheel and what it requires, no more."""
    folder = tmp_path_factory.mktemp("serving") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=INSTALL_SECONDS)
    python = str(folder / "bin" / "python")
    pinned, wheel = str(ROOT / "constraints.txt"), str(distributions.wheel)
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "-c", pinned, wheel],
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    assert installed.returncode == 0, installed.stderr
    return python


@pytest.fixture(scope="module")
def model() -> CNN:
    torch.manual_seed(0)
    return CNN()


@pytest.fixture(scope="module")
def logdir(model: CNN, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run ``demo``, recorded here, where PyTorch is."""
    folder = tmp_path_factory.mktemp("runs")
    snapshot(model, folder / "demo", step=3, inputs=torch.rand(4, 1, 28, 28))
    return folder


@pytest.fixture(scope="module")
def server(
    serving_python: str, logdir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TensorBoard]:
    log = tmp_path_factory.mktemp("messages") / "messages.txt"
    with serve(logdir, log, python=serving_python) as running:
        yield running


def _get(server: TensorBoard, route: str, **parameters: str | int) -> bytes:
    url = f"{server.url}data/plugin/layerview/{route}?{urlencode(parameters)}"
    with urllib.request.urlopen(url, timeout=LOAD_SECONDS) as answer:
        body: bytes = answer.read()
    return body


def _runs_once_loaded(server: TensorBoard) -> list[dict[str, Any]]:
    deadline = time.monotonic() + LOAD_SECONDS
    while True:
        runs: list[dict[str, Any]] = json.loads(_get(server, "runs"))["runs"]
        if runs or time.monotonic() > deadline:
            return runs
        time.sleep(POLL_SECONDS)


def test_the_environment_has_no_torch_and_its_requirements_fit(serving_python: str) -> None:
    found = subprocess.run([serving_python, "-c", "import torch"], capture_output=True, check=False)
    assert b"ModuleNotFoundError: No module named 'torch'" in found.stderr
    subprocess.run([serving_python, "-m", "pip", "check"], check=True, capture_output=True)


def test_tensorboard_serves_what_was_recorded_elsewhere(server: TensorBoard, model: CNN) -> None:
    (run,) = _runs_once_loaded(server)
    assert (run["name"], run["first_step"], run["last_step"]) == ("demo", 3, 3)
    keys = {tensor["key"] for tensor in json.loads(_get(server, "catalog", run="demo"))["tensors"]}
    assert {KEY, "conv2.0/output"} <= keys
    array = np.load(io.BytesIO(_get(server, "array", run="demo", key=KEY, step=3)))
    np.testing.assert_array_equal(array, model.state_dict()["fc_final.0.weight"].numpy())


def test_the_page_of_the_tab_is_served(server: TensorBoard) -> None:
    assert b"render" in _get(server, "index.js")


def test_the_reader_opens_a_run(serving_python: str, logdir: Path, model: CNN) -> None:
    program = (
        "import sys, tb_layerview; "
        f"array = tb_layerview.open({str(logdir / 'demo')!r})[{KEY!r}].at(3)[...]; "
        "sys.stdout.buffer.write(array.tobytes())"
    )
    read = subprocess.run([serving_python, "-c", program], capture_output=True, check=False)
    assert read.returncode == 0, read.stderr.decode()
    assert read.stdout == model.state_dict()["fc_final.0.weight"].numpy().tobytes()
