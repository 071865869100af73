"""Fixtures that tests of several parts share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.tensorboard_server import TensorBoard, serve


def pytest_configure() -> None:
    """Have tests find the Node of the environment that runs them, activated or not."""
    programs = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([programs, os.environ.get("PATH", os.defpath)])


class StartTensorBoard(Protocol):
    """Start a TensorBoard over ``logdir`` with further ``arguments`` of its command line."""

    def __call__(self, logdir: Path, *arguments: str) -> TensorBoard: ...


@pytest.fixture(scope="session")
def start_tensorboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartTensorBoard]:
    """Starts real TensorBoards, each on a port of its own; they end with the tests."""
    with ExitStack() as running:

        def start(logdir: Path, *arguments: str) -> TensorBoard:
            log = tmp_path_factory.mktemp("tensorboard") / "messages.txt"
            return running.enter_context(serve(logdir, log, *arguments))

        yield start
