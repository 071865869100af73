from __future__ import annotations

import pytest
import torch

from tests.fixtures.runs import run, same_numbers_each_time

__all__ = ["run", "same_numbers_each_time"]


@pytest.fixture(scope="session", autouse=True)
def _on_a_gpu() -> None:
    if not torch.cuda.is_available():
        pytest.exit("PyTorch sees no CUDA device here", returncode=1)
