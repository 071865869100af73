"""How often codes occur, counted by PyTorch: NumPy does not let go of the interpreter's lock."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import torch

from tb_layerview.measure.numbers import BLOCK


def count_codes(codes: npt.NDArray[np.int64], limit: int) -> npt.NDArray[np.int64]:
    """As `tb_layerview.measure.counting.CountCodes`, in half the time of `numpy.bincount`.

    A training goes on meanwhile, and no thread but the one that calls is busy.
    """
    counts = torch.zeros(limit, dtype=torch.int64, device="cpu")
    for block in torch.from_numpy(codes).split(BLOCK):
        counts.scatter_add_(0, block, _ones()[: len(block)])
    counted: npt.NDArray[np.int64] = counts.numpy()
    return counted


@cache
def _ones() -> torch.Tensor:
    """As many as a block has elements: a single one, expanded, takes twice the time."""
    with torch.inference_mode(mode=False):
        return torch.ones(BLOCK, dtype=torch.int64, device="cpu")
