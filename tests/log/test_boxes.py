from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tb_layerview.log import slices
from tb_layerview.log.boxes import Box, overlap


@given(st.data())
def test_the_overlap_of_a_slice_and_a_box_is_what_numpy_selects(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 9))
    first = data.draw(st.integers(0, length))
    size = data.draw(st.integers(0, length - first))
    index = data.draw(st.slices(length))
    selected = np.arange(length)[index]
    inside = (selected >= first) & (selected < first + size)
    common = overlap(slices.normalise(index, (length,)), Box((first,), (size,)))
    if common is None:
        assert not inside.any()
    else:
        (within,) = common.within
        assert isinstance(within, range)
        np.testing.assert_array_equal(selected[common.into[0]], np.array(within) + first)
        np.testing.assert_array_equal(selected[inside], np.array(within) + first)
