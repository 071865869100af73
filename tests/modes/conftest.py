from __future__ import annotations

from pathlib import Path

import pytest
import torch


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The directory of a run, which does not exist yet."""
    return tmp_path / "run"


@pytest.fixture(autouse=True)
def _same_numbers_each_time() -> None:
    torch.manual_seed(0)
