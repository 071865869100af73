"""From numbers, or the leading bits of floating-point ones, to the bins of the histogram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tb_layerview.log.columns import BINS, BINS_PER_OCTAVE, CENTRE_BIN, MAGNITUDE_EDGES

MANTISSA_BITS: Final = BINS_PER_OCTAVE.bit_length() - 1
"""Leading bits of the mantissa that tell the bins of one octave apart."""


def bins_of(values: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """The bin of each finite number; same shape."""
    distance = np.searchsorted(MAGNITUDE_EDGES, np.abs(values), side="right")
    return np.where(values < 0, CENTRE_BIN - distance, CENTRE_BIN + distance)


def histogram_of(
    bins: npt.NDArray[np.intp], counts: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """int64 ``[BINS]``: the sum of the ``counts`` that fall into each of the ``bins``."""
    # bincount sums weights in float64, which is exact up to 2**53 elements.
    return np.bincount(bins, weights=counts, minlength=BINS).astype(np.int64)


@dataclass(frozen=True, slots=True)
class FloatCodes:
    """How the leading bits of a binary floating-point type stand for bins.

    The *code* of an element is its sign, its exponent and the first `MANTISSA_BITS` of its
    mantissa. The edges of the histogram lie where the code changes, so counting codes counts bins;
    and the code tells zeros and subnormals (exponent all zeros) and non-finite elements (all ones)
    from the rest. A code is a row and a column of ``[2 signs, codes of a sign]``.
    """

    floating: np.dtype[Any]
    bits: np.dtype[Any]
    shift: int
    codes_of_a_sign: int
    finite_bins: npt.NDArray[np.intp]

    @property
    def codes(self) -> int:
        """How many codes there are."""
        return 2 * self.codes_of_a_sign

    def split(
        self, counts: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Views of ``counts`` ``[codes]``: of tiny (zero, subnormal), finite, non-finite codes."""
        by_sign = counts.reshape(2, self.codes_of_a_sign)
        step = 1 << MANTISSA_BITS
        return by_sign[:, :step], by_sign[:, :-step], by_sign[:, -step:]

    def histogram(self, counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """int64 ``[BINS]`` of ``counts`` ``[codes]``; non-finite codes are in no bin."""
        finite = self.split(counts)[1].ravel()
        present = np.flatnonzero(finite)
        return histogram_of(self.finite_bins[present], finite[present])


def _float_codes(floating: str, bits: str) -> FloatCodes:
    kind = np.dtype(floating)
    layout = np.finfo(kind)
    shift = layout.nmant - MANTISSA_BITS
    codes_of_a_sign = 1 << (layout.nexp + MANTISSA_BITS)
    finite = np.arange(codes_of_a_sign - (1 << MANTISSA_BITS), dtype=bits)
    # Every element of a code is in the bin of the smallest magnitude with that code.
    smallest = (finite << np.array(shift, bits)).view(kind).astype(np.float64)
    bins = bins_of(smallest)
    return FloatCodes(
        floating=kind,
        bits=np.dtype(bits),
        shift=shift,
        codes_of_a_sign=codes_of_a_sign,
        finite_bins=np.concatenate([bins, 2 * CENTRE_BIN - bins]),
    )


SINGLE: Final = _float_codes("<f4", "<u4")
DOUBLE: Final = _float_codes("<f8", "<u8")
