"""A plugin of pytest: every tensor that a test makes, and every model, is on the GPU."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import torch

# Plain PyTorch differs from itself without these.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


@pytest.fixture(autouse=True)
def _everything_on_the_gpu() -> Iterator[None]:
    torch.backends.cudnn.deterministic = True
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    torch.set_default_device("cuda")
    yield
    torch.set_default_device(None)
    torch.use_deterministic_algorithms(mode=False)
