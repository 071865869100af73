"""Count, extremes, mean and spread of numbers that come in parts."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(slots=True)
class Moments:
    """Of finite numbers: how many, the extremes, the mean, and the sum of squared deviations.

    ``mean`` and ``squared_deviations`` are those of the numbers divided by ``2**exponent``, which
    keeps squares of the largest and smallest float64 within its range.

    Two parts are merged as by T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating Formulae and a
    Pairwise Algorithm for Computing Sample Variances" (1979): nothing cancels, so the spread of
    numbers far from zero is as precise as that of numbers around it.
    """

    count: int = 0
    minimum: float = math.inf
    maximum: float = -math.inf
    mean: float = 0.0
    squared_deviations: float = 0.0
    exponent: int = 0

    def merge(self, other: Moments) -> None:
        """Take in another part. The exponent is that of the part with the larger numbers."""
        if other.count == 0:
            return
        if self.exponent != other.exponent:
            if self.max_abs < other.max_abs:
                self.rescale(other.exponent)
            else:
                other = replace(other)
                other.rescale(self.exponent)
        count = self.count + other.count
        share = other.count / count
        delta = other.mean - self.mean
        self.mean += delta * share
        self.squared_deviations += other.squared_deviations + delta * delta * share * self.count
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
        self.count = count

    def rescale(self, exponent: int) -> None:
        """Divide by ``2**exponent`` from now on."""
        by = self.exponent - exponent
        self.mean = math.ldexp(self.mean, by)
        self.squared_deviations = math.ldexp(self.squared_deviations, 2 * by)
        self.exponent = exponent

    @property
    def max_abs(self) -> float:
        """The largest magnitude; -inf of no numbers."""
        return max(self.maximum, -self.minimum)

    def statistics(self) -> dict[str, float]:
        """min, max, mean, std (divided by the count), rms and max_abs; NaN of no numbers."""
        if self.count == 0:
            return dict.fromkeys(("min", "max", "mean", "std", "rms", "max_abs"), math.nan)
        lowest, highest, largest = (
            math.ldexp(value, -self.exponent)
            for value in (self.minimum, self.maximum, self.max_abs)
        )
        variance = self.squared_deviations / self.count
        # Rounding may take these past the extremes that bound them, and past float64 altogether.
        mean = min(max(self.mean, lowest), highest)
        std = min(math.sqrt(variance), largest)
        rms = min(math.sqrt(variance + self.mean * self.mean), largest)
        return {
            "min": self.minimum,
            "max": self.maximum,
            "mean": math.ldexp(mean, self.exponent),
            "std": math.ldexp(std, self.exponent),
            "rms": math.ldexp(rms, self.exponent),
            "max_abs": self.max_abs,
        }
