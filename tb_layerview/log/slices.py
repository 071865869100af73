"""NumPy basic slicing over bytes that lie elsewhere: reads what the slice needs, no more.

Knows nothing of files: it is given a function that reads a range of the tensor's bytes.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, SupportsIndex

import numpy as np
import numpy.typing as npt

from tb_layerview.errors import SliceError
from tb_layerview.log.dtypes import DType

ReadBytes = Callable[[int, int], npt.NDArray[np.uint8]]
"""``read(begin, end)`` answers the bytes from ``begin`` up to ``end`` of the tensor."""

_WASTE_BYTES: Final = 65_536
"""Reading up to this much too much costs less than a second read."""

_TOGETHER_BYTES: Final = 16 * 1024 * 1024
"""Pieces are read one by one rather than at once where they are spread over more than this."""

_BAND_BYTES: Final = 2 * 1024 * 1024
"""What is read at once: the memory that a slice takes beside itself, used for each read again."""


def normalise(index: object, shape: tuple[int, ...]) -> tuple[int | range, ...]:
    """What ``array[index]`` selects on each axis of an array of ``shape``.

    An integer stands for an axis that is dropped, a range for the positions that stay.

    Raises:
        SliceError: not integers, slices and at most one Ellipsis, or outside of ``shape``.
    """
    entries = _without_ellipsis(index if isinstance(index, tuple) else (index,), shape)
    if len(entries) > len(shape):
        raise SliceError("slice", f"at most {len(shape)} indices for shape {shape}", index)
    full = slice(None)
    padded = [*entries, *[full] * (len(shape) - len(entries))]
    return tuple(_on_axis(entry, axis, shape) for axis, entry in enumerate(padded))


def selected_shape(selection: Sequence[int | range]) -> tuple[int, ...]:
    """The shape of what a normalised index selects."""
    return tuple(len(positions) for positions in selection if isinstance(positions, range))


def read_slice(
    read: ReadBytes, shape: tuple[int, ...], dtype: DType, selection: Sequence[int | range]
) -> npt.NDArray[Any]:
    """The selected elements of a C-contiguous tensor, as the dtype's values.

    The leading axes are walked position by position down to the axis from which on the extent of
    the selection is hardly larger than the selection itself; that extent is read in bands.
    """
    ranges = [_as_range(positions) for positions in selection]
    lengths = [len(positions) for positions in ranges]
    out = np.empty(lengths, dtype.storage)
    if out.size:
        strides = _strides(shape, dtype.itemsize)
        split = _split_axis(ranges, strides, dtype.itemsize)
        for place in itertools.product(*(range(length) for length in lengths[:split])):
            base = sum(
                ranges[axis][position] * strides[axis] for axis, position in enumerate(place)
            )
            for band, inner in _bands(ranges[split:], strides[split:]):
                begin = base + _lowest(inner, strides[split:])
                data = read(begin, begin + _extent(inner, strides[split:], dtype.itemsize))
                where: tuple[int | slice, ...] = (*place, *band)
                out[where] = _strided(data, inner, strides[split:], dtype)
    return dtype.decode(out.reshape(selected_shape(selection)))


def bytes_read(shape: tuple[int, ...], itemsize: int, selection: Sequence[int | range]) -> int:
    """About how many bytes `read_slice` reads: a piece takes a chunk of checksums at least."""
    ranges = [_as_range(positions) for positions in selection]
    if not all(ranges):
        return 0
    strides = _strides(shape, itemsize)
    split = _split_axis(ranges, strides, itemsize)
    pieces = math.prod(len(positions) for positions in ranges[:split])
    return pieces * max(_extent(ranges[split:], strides[split:], itemsize), _WASTE_BYTES)


def _without_ellipsis(index: tuple[object, ...], shape: tuple[int, ...]) -> list[object]:
    places = [place for place, entry in enumerate(index) if entry is Ellipsis]
    if len(places) > 1:
        raise SliceError("slice", "at most one Ellipsis", index)
    if not places:
        return list(index)
    missing = len(shape) - (len(index) - 1)
    return [*index[: places[0]], *[slice(None)] * missing, *index[places[0] + 1 :]]


def _on_axis(entry: object, axis: int, shape: tuple[int, ...]) -> int | range:
    length = shape[axis]
    if isinstance(entry, slice):
        try:
            return range(*entry.indices(length))
        except (TypeError, ValueError) as error:
            raise SliceError("slice", f"integers in the slice of axis {axis}", entry) from error
    position = _integer(entry)
    if position is None:
        raise SliceError("slice", "integers, slices and Ellipsis", entry)
    if not -length <= position < length:
        raise SliceError("slice", f"an index from {-length} to {length - 1} on axis {axis}", entry)
    return position % length


def _integer(entry: object) -> int | None:
    if isinstance(entry, bool) or not isinstance(entry, SupportsIndex):
        return None
    try:
        return operator.index(entry)
    except TypeError:
        # Arrays and tensors have the method, however many numbers they hold.
        return None


def _as_range(positions: int | range) -> range:
    return range(positions, positions + 1) if isinstance(positions, int) else positions


def _strides(shape: tuple[int, ...], itemsize: int) -> list[int]:
    """Bytes from one position to the next, for each axis of a C-contiguous array."""
    strides = [itemsize] * len(shape)
    for axis in reversed(range(len(shape) - 1)):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    return strides


def _extent(ranges: Sequence[range], strides: Sequence[int], itemsize: int) -> int:
    """Bytes from the first selected element to the end of the last."""
    spans = (abs(r[-1] - r[0]) * stride for r, stride in zip(ranges, strides, strict=True))
    return sum(spans) + itemsize


def _lowest(ranges: Sequence[range], strides: Sequence[int]) -> int:
    """Bytes from the start of the array to its first selected element."""
    return sum(min(r[0], r[-1]) * stride for r, stride in zip(ranges, strides, strict=True))


def _bands(
    ranges: Sequence[range], strides: Sequence[int]
) -> Iterator[tuple[tuple[slice, ...], Sequence[range]]]:
    """What is read in one piece, in bands along its first axis: where each goes, and what it is."""
    if not ranges:
        yield (), ranges
        return
    first, *others = ranges
    positions = max(1, _BAND_BYTES // max(1, abs(first.step) * strides[0]))
    for start in range(0, len(first), positions):
        band = slice(start, start + positions)
        yield (band,), [first[band], *others]


def _split_axis(ranges: Sequence[range], strides: Sequence[int], itemsize: int) -> int:
    """The first axis from which on the selection is read in one piece.

    That is dense enough for it, or its pieces lie so close that reading each for itself would read
    what is between them, too.
    """
    for axis in range(len(ranges)):
        # A band is at least one position of the first axis, with all of the others.
        if axis + 1 < len(ranges):
            one = _extent(ranges[axis + 1 :], strides[axis + 1 :], itemsize)
            if one > _BAND_BYTES:
                continue
        extent = _extent(ranges[axis:], strides[axis:], itemsize)
        needed = itemsize
        for positions in ranges[axis:]:
            needed *= len(positions)
        close = 2 * extent <= len(ranges[axis]) * _WASTE_BYTES
        if extent <= max(2 * needed, _WASTE_BYTES) or (close and extent <= _TOGETHER_BYTES):
            return axis
    return len(ranges)


def _strided(
    data: npt.NDArray[np.uint8], ranges: Sequence[range], strides: Sequence[int], dtype: DType
) -> npt.NDArray[Any]:
    """The selected elements of an extent that begins at the lowest selected address."""
    first = sum(
        (r[0] - min(r[0], r[-1])) * stride for r, stride in zip(ranges, strides, strict=True)
    )
    return np.ndarray(
        shape=[len(r) for r in ranges],
        dtype=dtype.storage,
        buffer=data.data,
        offset=first,
        strides=[r.step * stride for r, stride in zip(ranges, strides, strict=True)],
    )
