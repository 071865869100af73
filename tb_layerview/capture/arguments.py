"""Numbers, as users give them."""

from __future__ import annotations

import math
import operator
from typing import Final, SupportsFloat, SupportsIndex

from tb_layerview.errors import ArgumentError

_MEGABYTE: Final = 1_000_000
_LARGEST_MEGABYTES: Final = 1e12
"""An exabyte: whoever says more means a number of bytes, or no limit."""

_GIGABYTE: Final = 1_000_000_000
_SMALLEST_GIGABYTES: Final = 0.001
"""A megabyte: files take whole blocks of the disk, and there are some of them."""

_LARGEST_GIGABYTES: Final = _LARGEST_MEGABYTES * _MEGABYTE / _GIGABYTE


def whole_number(value: object) -> int | None:
    """`value` as an int if it is a whole number, also of NumPy or PyTorch; None if it is not."""
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        return None
    try:
        return operator.index(value)
    except TypeError:
        # Tensors and arrays have the method whatever they hold.
        return None


def element_limit(max_elements: object) -> int | None:
    """`max_elements` of a `LayerView`: a number from 1 on, or None for no limit.

    Raises:
        ArgumentError: it is neither.
    """
    if max_elements is None:
        return None
    limit = whole_number(max_elements)
    if limit is None or limit < 1:
        raise ArgumentError("max_elements", "a number of elements from 1 on, or None", max_elements)
    return limit


def byte_limit(max_megabytes_per_step: object) -> int | None:
    """`max_megabytes_per_step` of a `LayerView` in bytes; None for no limit.

    Raises:
        ArgumentError: it is no number above 0, and not None.
    """
    if max_megabytes_per_step is None:
        return None
    megabytes = real_number(max_megabytes_per_step)
    if megabytes is None or not 0 < megabytes <= _LARGEST_MEGABYTES:
        raise ArgumentError(
            "max_megabytes_per_step",
            "a number of megabytes above 0, or None",
            max_megabytes_per_step,
        )
    return math.ceil(megabytes * _MEGABYTE)


def keep_limit(keep_gigabytes: object) -> int | None:
    """`keep_gigabytes` of a `LayerView` in bytes; None for no limit.

    Raises:
        ArgumentError: it is no number from 0.001 on, and not None.
    """
    if keep_gigabytes is None:
        return None
    gigabytes = real_number(keep_gigabytes)
    if gigabytes is None or not _SMALLEST_GIGABYTES <= gigabytes <= _LARGEST_GIGABYTES:
        raise ArgumentError(
            "keep_gigabytes",
            f"a number of gigabytes, at least {_SMALLEST_GIGABYTES}, or None",
            keep_gigabytes,
        )
    return int(gigabytes * _GIGABYTE)


def real_number(value: object) -> float | None:
    """`value` as a float if it is one number, also of NumPy or PyTorch; None if it is not."""
    if isinstance(value, (bool, str, bytes)) or not isinstance(value, SupportsFloat):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        # Tensors and arrays have the method whatever they hold.
        return None
