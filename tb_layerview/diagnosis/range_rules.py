"""Numbers at the ends of what their type can hold."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np

from tb_layerview.diagnosis.condition import Condition, Seen
from tb_layerview.diagnosis.evidence import Flags, Numbers, Piece
from tb_layerview.diagnosis.finding import shown

_KINDS: Final = ("output", "output_grad", "grad", "param", "tap")

LARGEST: Final = {
    "float8_e4m3fn": 448.0,
    "float8_e5m2": 57344.0,
    "float16": 65504.0,
    "bfloat16": float.fromhex("0x1.fep127"),
    "float32": float.fromhex("0x1.fffffep127"),
}
"""The largest finite number of a type."""

SMALLEST_NORMAL: Final = {"float16": 2.0**-14, "bfloat16": 2.0**-126, "float32": 2.0**-126}
"""The smallest normal number: below it, digits are lost one after the other."""

_NEAR: Final = {
    "float8_e4m3fn": 1 / 4,
    "float8_e5m2": 1 / 4,
    "float16": 1 / 4,
    "bfloat16": 1e-4,
    "float32": 1e-4,
}
"""Which share of the largest number is near to it: the square root of a factor that layers have."""


class OverflowNear(Condition):
    """Magnitudes that the next layer or step may take over the end of their type."""

    name = "overflow_near"
    states = (
        "The largest magnitude of a tensor is above a quarter of the largest number of its type "
        "(65504 of float16), or above 1e-4 of that of float32 and bfloat16 (3.4e38). A smallest "
        "element that is exactly the type's own is a mask, and does not count."
    )

    def concerns(self) -> Flags:
        """Floating-point tensors with such a limit."""
        known = [spec.dtype in LARGEST for spec in self.evidence.specs]
        met: Flags = np.logical_and(self.evidence.kinds(*_KINDS), known)
        return met

    def holds(self, piece: Piece) -> Flags:
        """Above the share that is near."""
        met: Flags = np.greater_equal(self.measure(piece), self._limits)
        return met

    @cached_property
    def _limits(self) -> Numbers:
        """``[keys, 1]``: from where on a magnitude is near the largest."""
        dtypes = [spec.dtype for spec in self.evidence.specs]
        return np.array([[LARGEST.get(name, np.inf) * _NEAR.get(name, 1)] for name in dtypes])

    @cached_property
    def _ends(self) -> Numbers:
        """``[keys, 1]``: the largest number of each type."""
        return np.array([[LARGEST.get(spec.dtype, np.nan)] for spec in self.evidence.specs])

    def measure(self, piece: Piece) -> Numbers:
        """The largest magnitude, masks left out."""
        lowest = np.where(piece["min"] == -self._ends, 0.0, -piece["min"])
        largest: Numbers = np.fmax(piece["max"], lowest)
        return largest

    def says(self, row: int, seen: Seen) -> str:
        """How near."""
        dtype = self.evidence.specs[row].dtype
        return (
            f"{self.called(row)} reaches {shown(seen.strongest)} at step {seen.strongest_step}: "
            f"{dtype} ends at {shown(LARGEST[dtype])}"
        )


class Underflow(Condition):
    """Gradients so small that their digits, or they themselves, are lost."""

    name = "underflow"
    states = (
        "All elements of a gradient that are not zero are below the smallest normal number of "
        "their type (6.1e-5 for float16), or more than half of a float16 gradient is zero while "
        "its largest element is below 16 times that; in three recorded steps on end."
    )
    at_least = 3

    def concerns(self) -> Flags:
        """Gradients of floating-point tensors."""
        known = [spec.dtype in SMALLEST_NORMAL for spec in self.evidence.specs]
        met: Flags = np.logical_and(self.evidence.kinds("grad", "output_grad"), known)
        return met

    def holds(self, piece: Piece) -> Flags:
        """Where digits are lost."""
        specs = self.evidence.specs
        smallest = np.array([[SMALLEST_NORMAL.get(spec.dtype, 0.0)] for spec in specs])
        is_half = np.array([[spec.dtype == "float16"] for spec in specs])
        largest = piece["max_abs"]
        flushed = is_half & (piece["zero"] > piece["count"] / 2) & (largest < 16 * smallest)
        met: Flags = (largest > 0) & ((largest < smallest) | flushed)
        return met

    def measure(self, piece: Piece) -> Numbers:
        """The smaller the largest element, the worse."""
        return -piece["max_abs"]

    def says(self, row: int, seen: Seen) -> str:
        """How small."""
        dtype = self.evidence.specs[row].dtype
        return (
            f"{self.called(row)} has no element above {shown(-seen.strongest)} at step "
            f"{seen.strongest_step}: below {shown(SMALLEST_NORMAL[dtype])} {dtype} loses digits "
            f"({seen.often}). Scaling the loss helps"
        )
