"""What the columns of a frame hold: the statistics of a tensor, and the bins of its histogram.

Both are part of the file format (``docs/format.md``), so they stand here, below the code that
computes them (``measure``) and the code that serves them (``plugin``).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

STATISTICS: Final = (
    "count",
    "nan",
    "pos_inf",
    "neg_inf",
    "zero",
    "min",
    "max",
    "mean",
    "std",
    "rms",
    "max_abs",
    "update_rms",
    "update_ratio",
)
"""Names of the columns of the statistics table, in their order in the file.

``std`` is the population's (divided by the number of finite elements), as NumPy's ``std``. The last
two are of a parameter: how much the step changed it, and that beside its ``rms``.
"""

NON_FINITE: Final = ("nan", "pos_inf", "neg_inf")
"""The statistics that count what is not finite."""

BINS_PER_OCTAVE: Final = 4
SMALLEST_EXPONENT: Final = -40
LARGEST_EXPONENT: Final = 24


def _magnitude_edges() -> npt.NDArray[np.float64]:
    """Ascending magnitudes from 2**-40 to 2**24; each octave is cut into four of equal width."""
    exponents = np.arange(SMALLEST_EXPONENT, LARGEST_EXPONENT)
    quarters = 1.0 + np.arange(BINS_PER_OCTAVE) / BINS_PER_OCTAVE
    edges = (2.0 ** exponents[:, None] * quarters).ravel()
    return np.append(edges, 2.0**LARGEST_EXPONENT)


MAGNITUDE_EDGES: Final = _magnitude_edges()
"""float64 ``[257]``: where the bins of the positive half begin and end."""

EDGES: Final = np.concatenate([-MAGNITUDE_EDGES[::-1], MAGNITUDE_EDGES])
"""float64 ``[514]``: the interior edges of all bins, ascending."""

BINS: Final = EDGES.size + 1
"""Bins of a histogram. The first and last are open; the middle one (``CENTRE_BIN``) is
``|x| < 2**-40``, zero included. Non-finite elements are in no bin.

A bin of positive numbers holds its lower edge; a bin of negative ones its upper edge, so that a
histogram of ``-x`` is that of ``x`` reversed.
"""

CENTRE_BIN: Final = MAGNITUDE_EDGES.size


def is_finite(table: npt.NDArray[np.float64]) -> bool:
    """Whether a table ``[tensors, statistics]`` counts nothing that is not finite."""
    columns = slice(STATISTICS.index(NON_FINITE[0]), STATISTICS.index(NON_FINITE[-1]) + 1)
    # A NaN is no 0: of what was not counted nothing is known.
    return bool((table[:, columns] == 0).all())
