from __future__ import annotations

import numpy as np
import pytest
import torch

from tb_layerview.errors import ArgumentError
from tb_layerview.log.dtypes import DTYPES, DType, dtype_of


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.name)
def test_the_names_and_sizes_are_those_of_pytorch(dtype: DType) -> None:
    assert getattr(torch, dtype.name).itemsize == dtype.itemsize


@pytest.mark.parametrize("name", ["float8_e5m2", "float8_e4m3fn"])
def test_every_float8_code_is_widened_as_pytorch_widens_it(name: str) -> None:
    codes = np.arange(256, dtype=np.uint8)
    expected = torch.from_numpy(codes).view(getattr(torch, name)).float().numpy()
    np.testing.assert_array_equal(dtype_of(name).decode(codes), expected)


def test_every_bfloat16_code_is_widened_as_pytorch_widens_it() -> None:
    codes = np.arange(65_536, dtype=np.uint16)
    expected = torch.from_numpy(codes.view(np.int16)).view(torch.bfloat16).float().numpy()
    np.testing.assert_array_equal(dtype_of("bfloat16").decode(codes), expected)


def test_an_unknown_element_type_is_an_error_that_lists_the_known_ones() -> None:
    with pytest.raises(ArgumentError, match=r"one of float64, .* received 'quint8'"):
        dtype_of("quint8")
