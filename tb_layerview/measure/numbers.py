"""Elements of any type as the numbers that are measured."""

from __future__ import annotations

import threading
from typing import Final

import numpy as np
import numpy.typing as npt

from tb_layerview.log.dtypes import Array, DType

BLOCK: Final = 1 << 18
"""Elements of a block: few enough that what is computed of them stays in a processor's last cache,
and enough that the calls are few. Each takes some microseconds from a training that asks for many
small operations, as those of a GPU are: only one of the two threads has the interpreter's lock."""


class Scratch(threading.local):
    """Arrays that every block uses again, one set for each thread: fresh ones cost page faults.

    ``single`` and ``double`` are the elements as numbers, if they are not such already. ``codes``
    are of no more bits than they need: counting them is reading them. ``wide_codes`` and
    ``deviations`` are needed one after the other, and are the same memory.
    """

    def __init__(self) -> None:
        self.single = np.empty(BLOCK, np.float32)
        self.double = np.empty(BLOCK, np.float64)
        self.codes = np.empty(BLOCK, np.int16)
        self.wide_codes = np.empty(BLOCK, np.int64)
        self.deviations = self.wide_codes.view(np.float64)
        self.is_zero = np.empty(BLOCK, np.bool_)


scratch: Final = Scratch()


def as_numbers(block: Array, dtype: DType) -> npt.NDArray[np.floating]:
    """``block``, at most `BLOCK` elements of ``dtype.storage``, as ``dtype.measured``; same shape.

    The elements themselves where they are of that type, else valid until the thread's next call.
    """
    values = dtype.decode(block)
    if values.dtype == dtype.measured:
        return values
    room = scratch.single if dtype.measured == np.float32 else scratch.double
    out = room[: values.size].reshape(values.shape)
    if values.dtype.kind != "c":
        np.copyto(out, values, casting="same_kind")
        return out
    np.hypot(values.real, values.imag, out=out, dtype=np.float64)
    # C's hypot calls an infinite and a NaN part infinite; a user looks for the NaN.
    np.copyto(out, np.nan, where=np.isnan(values))
    return out
