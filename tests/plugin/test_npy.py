from __future__ import annotations

import io

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_layerview.log.dtypes import DTYPES, Array
from tb_layerview.plugin.npy import npy_bytes

VALUE_DTYPES = sorted({dtype.values for dtype in DTYPES}, key=str)


@settings(deadline=None)
@given(
    hnp.arrays(
        st.sampled_from(VALUE_DTYPES),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    ),
    st.booleans(),
)
def test_the_bytes_are_those_that_numpy_writes(array: Array, transposed: bool) -> None:
    array = array.T if transposed else array
    expected = io.BytesIO()
    np.save(expected, np.ascontiguousarray(array).reshape(array.shape))
    assert npy_bytes(array) == expected.getvalue()


@pytest.mark.parametrize("index", [np.s_[::2, 1:], np.s_[:, 3], np.s_[5:5], np.s_[0, 0]])
def test_a_view_of_a_larger_array_is_written_alone(index: tuple[slice | int, ...]) -> None:
    array = np.arange(48.0).reshape(6, 8)[index]
    loaded = np.load(io.BytesIO(npy_bytes(np.asarray(array))))
    assert loaded.shape == array.shape
    assert np.array_equal(loaded, array)
