from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tb_layerview.errors import SliceError
from tb_layerview.log.dtypes import dtype_of
from tb_layerview.log.slices import normalise, read_slice, selected_shape

INT16 = dtype_of("int16")
INT32 = dtype_of("int32")


class CountingSource:
    """The bytes of an array, and how many of them were asked for."""

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self.data = np.frombuffer(array.tobytes(), np.uint8)
        self.read_bytes = 0
        self.reads = 0
        self.largest = 0

    def read(self, begin: int, end: int) -> npt.NDArray[np.uint8]:
        assert 0 <= begin < end <= len(self.data)
        self.read_bytes += end - begin
        self.reads += 1
        self.largest = max(self.largest, end - begin)
        return self.data[begin:end]


def take(array: npt.NDArray[Any], index: object) -> tuple[npt.NDArray[Any], int]:
    source = CountingSource(array)
    selection = normalise(index, array.shape)
    taken = read_slice(source.read, array.shape, dtype_of(array.dtype.name), selection)
    assert taken.shape == selected_shape(selection)
    return taken, source.read_bytes


@given(st.data())
def test_every_basic_index_selects_what_numpy_selects(data: st.DataObject) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6))
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=False))
    array = np.arange(math.prod(shape), dtype=np.int16).reshape(shape)
    taken, _ = take(array, index)
    expected = array[index]
    assert taken.dtype == np.int16
    assert taken.shape == np.shape(expected)
    np.testing.assert_array_equal(taken, expected)


@pytest.mark.parametrize(
    ("index", "at_most"),
    [
        ((0, 3), 512 * 512 * 4),
        ((1, 5, 7, 9), 4),
        ((0, slice(2, 4)), 2 * 512 * 512 * 4),
        ((0, 0, slice(0, 256), slice(0, 256)), 2 * 256 * 256 * 4),
        ((slice(None), 3, 4), 2 * 512 * 4),
    ],
)
def test_a_slice_reads_hardly_more_bytes_than_it_selects(
    index: tuple[int | slice, ...], at_most: int
) -> None:
    array = np.arange(2 * 8 * 512 * 512, dtype=np.int32).reshape(2, 8, 512, 512)
    taken, read_bytes = take(array, index)
    np.testing.assert_array_equal(taken, array[index])
    assert read_bytes <= at_most


def test_scattered_positions_that_lie_close_are_read_at_once() -> None:
    array = np.arange(64 * 64, dtype=np.int16).reshape(64, 64)
    taken, read_bytes = take(array, (slice(None), 5))
    np.testing.assert_array_equal(taken, array[:, 5])
    assert read_bytes <= array.nbytes


@pytest.mark.parametrize(
    ("index", "complaint"),
    [
        ((0, 0, 0), "at most 2 indices"),
        (4, "an index from -4 to 3 on axis 0"),
        ((0, -6), "an index from -5 to 4 on axis 1"),
        ((..., ...), "at most one Ellipsis"),
        ("weight", "integers, slices and Ellipsis"),
        (True, "integers, slices and Ellipsis"),
        ([0, 1], "integers, slices and Ellipsis"),
        (np.array([0, 1]), "integers, slices and Ellipsis"),
        ((0, np.array([True])), "integers, slices and Ellipsis"),
        (None, "integers, slices and Ellipsis"),
        (1.5, "integers, slices and Ellipsis"),
        (slice(0, 2, 0), "integers in the slice of axis 0"),
        (slice("a", None), "integers in the slice of axis 0"),
    ],
)
def test_an_index_that_is_none_is_an_error_that_says_so(index: object, complaint: str) -> None:
    with pytest.raises(SliceError, match=complaint) as caught:
        normalise(index, (4, 5))
    assert isinstance(caught.value, IndexError)


@pytest.mark.parametrize(("columns", "reads"), [(8_000, 3), (40_000, 300), (4_000_000, 4)])
def test_rows_of_a_tile_that_lie_close_are_read_in_few_pieces(columns: int, reads: int) -> None:
    rows = min(300, 16_000_000 // columns)
    array = np.zeros((rows, columns), np.int16)
    array[:, 1000:1100] = np.arange(100)
    source = CountingSource(array)
    selection = normalise((slice(None), slice(1000, 1100)), array.shape)
    taken = read_slice(source.read, array.shape, INT16, selection)
    np.testing.assert_array_equal(taken, array[:, 1000:1100])
    assert source.reads == reads


def test_what_is_taken_whole_is_read_in_pieces_of_2_mebibytes() -> None:
    array = np.arange(4 * 600 * 1_000, dtype=np.int32).reshape(4, 600, 1_000)
    source = CountingSource(array)
    for index in (..., (slice(None, None, -1), slice(3, None, 7), slice(5, 999))):
        taken = read_slice(source.read, array.shape, INT32, normalise(index, array.shape))
        np.testing.assert_array_equal(taken, array[index])
    assert source.largest <= 2 * 1024 * 1024


def test_what_is_read_at_once_is_bounded() -> None:
    array = np.ones((2_000, 16_000), np.int16)
    source = CountingSource(array)
    selection = normalise((slice(None), 7), array.shape)
    read_slice(source.read, array.shape, INT16, selection)
    assert source.reads == len(array)
