"""Elements of any type as the numbers that are measured."""

from __future__ import annotations

import threading
from typing import Final

import numpy as np
import numpy.typing as npt

from tb_layerview.log.dtypes import Array, DType

BLOCK: Final = 1 << 17
"""Elements of a block: few enough that what is computed of them stays in the cache, and enough that
the calls, each of which waits for the interpreter's lock while a training runs, are few."""


class _Scratch(threading.local):
    """Arrays that every block uses again, one set for each thread: fresh ones cost page faults."""

    def __init__(self) -> None:
        self.single = np.empty(BLOCK, np.float32)
        self.double = np.empty(BLOCK, np.float64)


_scratch: Final = _Scratch()


def as_numbers(block: Array, dtype: DType) -> npt.NDArray[np.floating]:
    """``block``, at most `BLOCK` elements of ``dtype.storage``, as ``dtype.measured``; same shape.

    The elements themselves where they are of that type, else valid until the thread's next call.
    """
    values = dtype.decode(block)
    if values.dtype == dtype.measured:
        return values
    scratch = _scratch.single if dtype.measured == np.float32 else _scratch.double
    out = scratch[: values.size].reshape(values.shape)
    if values.dtype.kind != "c":
        np.copyto(out, values, casting="same_kind")
        return out
    np.hypot(values.real, values.imag, out=out, dtype=np.float64)
    # C's hypot calls an infinite and a NaN part infinite; a user looks for the NaN.
    np.copyto(out, np.nan, where=np.isnan(values))
    return out
