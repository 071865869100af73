from __future__ import annotations

import numpy as np
import pytest
import torch

from tb_layerview.capture.counts import count_codes
from tb_layerview.measure.numbers import BLOCK


@pytest.mark.parametrize("size", [0, 1, 1000, BLOCK, 2 * BLOCK + 3])
@pytest.mark.parametrize(
    ("limit", "kind"), [(1, np.int16), (300, np.int16), (1 << 15, np.int16), (1 << 16, np.int64)]
)
def test_codes_are_counted_as_numpy_counts_them(
    size: int, limit: int, kind: type[np.signedinteger]
) -> None:
    codes = np.random.default_rng(size).integers(0, limit, size).astype(kind)
    expected = np.bincount(codes, minlength=limit)
    with torch.inference_mode():
        assert np.array_equal(count_codes(codes, limit), expected)
    assert np.array_equal(count_codes(codes, limit), expected)
