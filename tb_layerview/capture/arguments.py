"""Whole numbers, as users give them."""

from __future__ import annotations

import operator
from typing import SupportsIndex


def whole_number(value: object) -> int | None:
    """`value` as an int if it is a whole number, also of NumPy or PyTorch; None if it is not."""
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        return None
    try:
        return operator.index(value)
    except TypeError:
        # Tensors and arrays have the method whatever they hold.
        return None
