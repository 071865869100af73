"""What makes the flight recorder record a step: a value that is not finite, or a spike."""

from __future__ import annotations

import bisect
import math
from collections import deque
from typing import Final

from tb_layerview.capture.arguments import real_number, whole_number
from tb_layerview.errors import ArgumentError

RECENT: Final = 100
"""Values that a spike is told from: the last ones that were finite."""

FEWEST: Final = 20
"""Values below which there is no range yet to be outside of."""

SPREADS: Final = 10.0
"""Spreads above the median from which on a value is a spike, where the user names no number."""

_DEVIATIONS_PER_MAD: Final = 1.4826
"""Standard deviations in a median absolute deviation, if values are normally distributed."""

_LEAST_SPREAD: Final = 0.01
"""Of the median's magnitude: values that hardly change at all are no reason to see spikes."""

_REFRESH: Final = 10
"""Values after which the range is computed anew: it changes slowly, and sorting costs."""


class Spikes:
    """The recent range of a value, and what is far above it.

    A spike is more than the median of the last `RECENT` finite values plus ``spreads`` of their
    spread: 1.4826 times the median absolute deviation, the robust estimate of a standard
    deviation (Hampel 1974).
    """

    def __init__(self, spreads: float) -> None:
        self._spreads = spreads
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._since = 0
        self._median = self._spread = math.nan

    def exceeds(self, value: float) -> str | None:
        """What `value` is far outside of, in words; None if it is not. It is then remembered."""
        if not math.isfinite(value):
            return None
        if len(self._recent) >= FEWEST and (math.isnan(self._median) or self._since >= _REFRESH):
            self._learn()
        is_spike = value > self._median + self._spreads * self._spread
        if not is_spike:
            # What is far outside says nothing about what is usual.
            self._recent.append(value)
            self._since += 1
            return None
        return f"median {self._median:.4g}, spread {self._spread:.2g}"

    def _learn(self) -> None:
        ordered = sorted(self._recent)
        self._median = _middle(ordered)
        deviations: list[float] = []
        for value in ordered:
            bisect.insort(deviations, abs(value - self._median))
        spread = _DEVIATIONS_PER_MAD * _middle(deviations)
        self._spread = max(spread, _LEAST_SPREAD * abs(self._median))
        self._since = 0


def _middle(ordered: list[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


class TripWire:
    """Says of each watched value whether its step is to be recorded."""

    def __init__(self, *, nonfinite: bool, spreads: float | None) -> None:
        self.nonfinite = nonfinite
        self.spreads = spreads
        self._spikes: dict[str, Spikes] = {}

    def reason(self, name: str, value: float, *, may_spike: bool = True) -> str | None:
        """Why the step is recorded in which `name` has this `value`; None if it is not."""
        if not math.isfinite(value):
            return f"{name} is {value}" if self.nonfinite else None
        if self.spreads is None or not may_spike:
            return None
        spikes = self._spikes.setdefault(name, Spikes(self.spreads))
        usual = spikes.exceeds(value)
        return None if usual is None else f"{name} is {value:.4g}, far above its range ({usual})"


def trip_wire(on_nonfinite: object, on_spike: object) -> TripWire | None:
    """What the arguments of a `LayerView` ask for; None if it is nothing.

    Raises:
        ArgumentError: one of them is none of what it may be.
    """
    if on_nonfinite is not None and on_nonfinite != "record":
        raise ArgumentError("on_nonfinite", "'record' or None", on_nonfinite)
    spreads = None
    if on_spike is not None:
        spreads = SPREADS if on_spike == "record" else real_number(on_spike)
        if spreads is None or not 1 <= spreads < math.inf:
            expected = "'record', a number of spreads from 1 on, or None"
            raise ArgumentError("on_spike", expected, on_spike)
    if on_nonfinite is None and spreads is None:
        return None
    return TripWire(nonfinite=on_nonfinite is not None, spreads=spreads)


def trip_limit(max_trips: object) -> int:
    """`max_trips` of a `LayerView`.

    Raises:
        ArgumentError: it is no whole number from 1 on.
    """
    limit = whole_number(max_trips)
    if limit is None or limit < 1:
        raise ArgumentError("max_trips", "a number of steps from 1 on", max_trips)
    return limit
