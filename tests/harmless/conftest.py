from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The directory of a run, which does not exist yet."""
    return tmp_path / "run"


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Sums in one order: with several threads even plain PyTorch may differ from itself."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
