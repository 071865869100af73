"""The element types of a log: PyTorch's names, TensorBoard's numbers, NumPy's views.

One table, from which both directions are derived. NumPy has no bfloat16 and no float8: their bits
are stored as they are and *widened* to float32 when read, which loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from tensorboard.compat.proto import types_pb2

from tb_layerview.errors import ArgumentError

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class DType:
    """One element type.

    ``name`` is PyTorch's without ``torch.``, ``proto`` TensorBoard's ``DataType``, ``storage`` the
    little-endian NumPy type that holds the bits, ``values`` the one that reading answers, and
    ``widen`` maps an array of the first to one of the second (None where they are the same).
    """

    name: str
    proto: int
    storage: np.dtype[Any]
    values: np.dtype[Any]
    widen: Callable[[Array], Array] | None = None

    @property
    def itemsize(self) -> int:
        """Bytes of an element."""
        return self.storage.itemsize

    @property
    def measured(self) -> np.dtype[Any]:
        """The type in which elements are measured: float32 where it holds every value, or float64.

        64-bit integers are rounded to float64; of complex numbers it is that of the magnitude.
        """
        exact_in_single = np.can_cast(self.values, np.float32, casting="safe")
        return np.dtype("<f4") if exact_in_single else np.dtype("<f8")

    def decode(self, stored: Array) -> Array:
        """Values of an array of stored bits, same shape."""
        return stored if self.widen is None else self.widen(stored)


def _widen_bfloat16(bits: Array) -> Array:
    return (bits.astype("<u4") << np.uint32(16)).view("<f4")


def _float8_table(exponent_bits: int, mantissa_bits: int, *, has_infinity: bool) -> Array:
    """float32 ``[256]``: the value of each code.

    After "FP8 Formats for Deep Learning" (arXiv 2209.05433): E5M2 follows IEEE 754; E4M3 has no
    infinity, and its only NaN is the code of all ones.
    """
    codes = np.arange(1 << 8)
    mantissa = codes & ((1 << mantissa_bits) - 1)
    exponent = (codes >> mantissa_bits) & ((1 << exponent_bits) - 1)
    bias = (1 << (exponent_bits - 1)) - 1
    fraction = mantissa / (1 << mantissa_bits)
    magnitude = np.where(
        exponent == 0,
        fraction * 2.0 ** (1 - bias),
        (1.0 + fraction) * 2.0 ** (exponent - bias),
    )
    all_ones = exponent == (1 << exponent_bits) - 1
    if has_infinity:
        magnitude = np.where(all_ones, np.where(mantissa == 0, np.inf, np.nan), magnitude)
    else:
        magnitude = np.where(all_ones & (mantissa == (1 << mantissa_bits) - 1), np.nan, magnitude)
    return np.where(codes >> 7 == 1, -magnitude, magnitude).astype("<f4")


_E5M2: Final = _float8_table(5, 2, has_infinity=True)
_E4M3FN: Final = _float8_table(4, 3, has_infinity=False)


def _same(name: str, proto: int, storage: str) -> DType:
    return DType(name, proto, np.dtype(storage), np.dtype(storage))


def _widened(name: str, proto: int, storage: str, widen: Callable[[Array], Array]) -> DType:
    return DType(name, proto, np.dtype(storage), np.dtype("<f4"), widen)


DTYPES: Final = (
    _same("float64", types_pb2.DT_DOUBLE, "<f8"),
    _same("float32", types_pb2.DT_FLOAT, "<f4"),
    _same("float16", types_pb2.DT_HALF, "<f2"),
    _widened("bfloat16", types_pb2.DT_BFLOAT16, "<u2", _widen_bfloat16),
    _widened("float8_e5m2", types_pb2.DT_FLOAT8_E5M2, "u1", _E5M2.__getitem__),
    _widened("float8_e4m3fn", types_pb2.DT_FLOAT8_E4M3FN, "u1", _E4M3FN.__getitem__),
    _same("int64", types_pb2.DT_INT64, "<i8"),
    _same("int32", types_pb2.DT_INT32, "<i4"),
    _same("int16", types_pb2.DT_INT16, "<i2"),
    _same("int8", types_pb2.DT_INT8, "i1"),
    _same("uint64", types_pb2.DT_UINT64, "<u8"),
    _same("uint32", types_pb2.DT_UINT32, "<u4"),
    _same("uint16", types_pb2.DT_UINT16, "<u2"),
    _same("uint8", types_pb2.DT_UINT8, "u1"),
    _same("bool", types_pb2.DT_BOOL, "?"),
    _same("complex64", types_pb2.DT_COMPLEX64, "<c8"),
    _same("complex128", types_pb2.DT_COMPLEX128, "<c16"),
)

_BY_NAME: Final = {dtype.name: dtype for dtype in DTYPES}


def dtype_of(name: str) -> DType:
    """The element type with PyTorch's name ``name``, such as ``"float32"``.

    Raises:
        ArgumentError: no such type can be stored.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise ArgumentError("dtype", "one of " + ", ".join(_BY_NAME), name) from None
