"""The statistics of a whole from those of its parts; nothing here knows of ranks or files."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from tb_layerview.log.columns import STATISTICS

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_COLUMN: Final = {name: place for place, name in enumerate(STATISTICS)}
_COUNTS: Final = [_COLUMN[name] for name in ("count", "nan", "pos_inf", "neg_inf", "zero")]


def combine(parts: Floats, chosen: Flags) -> Floats:
    """float64 ``[tensors, statistics]``: those of each tensor's chosen parts taken together.

    Counts add up, extremes are the outermost, and moments are exact, too: those of the union of
    the elements, after Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for
    Computing Sample Variances" (1979). Where no part is chosen, all are NaN.

    Args:
        parts: float64 ``[parts, tensors, statistics]``.
        chosen: bool ``[parts, tensors]``: which parts belong to the whole.
    """
    counts = np.where(chosen[..., None], parts[..., _COUNTS], 0.0)
    finite = counts[..., 0] - counts[..., 1:4].sum(axis=-1)
    moments = np.where((finite > 0)[..., None], parts, 0.0)
    mean = _ratio((finite * moments[..., _COLUMN["mean"]]).sum(axis=0), finite.sum(axis=0))
    deviation = moments[..., _COLUMN["mean"]] - np.where(np.isnan(mean), 0.0, mean)
    spread = np.hypot(moments[..., _COLUMN["std"]], np.where(finite > 0, deviation, 0.0))
    whole = np.full(parts.shape[1:], np.nan)
    whole[:, _COUNTS] = counts.sum(axis=0)
    extremes = np.where((finite > 0)[..., None], parts, np.nan)
    whole[:, _COLUMN["min"]] = np.fmin.reduce(extremes[..., _COLUMN["min"]])
    for name in ("max", "max_abs"):
        whole[:, _COLUMN[name]] = np.fmax.reduce(extremes[..., _COLUMN[name]])
    whole[:, _COLUMN["mean"]] = mean
    whole[:, _COLUMN["std"]] = _root_mean_square(spread, finite)
    whole[:, _COLUMN["rms"]] = _root_mean_square(moments[..., _COLUMN["rms"]], finite)
    update = moments[..., _COLUMN["update_rms"]]
    updated = np.where(np.isnan(update), 0.0, finite)
    whole[:, _COLUMN["update_rms"]] = _root_mean_square(np.nan_to_num(update), updated)
    whole[:, _COLUMN["update_ratio"]] = _ratio(
        whole[:, _COLUMN["update_rms"]], whole[:, _COLUMN["rms"]]
    )
    # What has one part is that part, to the last bit.
    single = chosen.sum(axis=0) == 1
    first = parts[chosen.argmax(axis=0), np.arange(parts.shape[1])]
    whole[single] = first[single]
    whole[~chosen.any(axis=0)] = np.nan
    return whole


def _ratio(sums: Floats, counts: Floats) -> Floats:
    """``sums / counts``, NaN where nothing is counted."""
    ratio = np.full(sums.shape, np.nan)
    np.divide(sums, counts, out=ratio, where=counts > 0)
    return ratio


def _root_mean_square(values: Floats, counts: Floats) -> Floats:
    """Over axis 0, of ``values`` that each stand for ``counts`` elements; no square overflows."""
    largest = values.max(axis=0, initial=0.0)
    scale = np.where(largest > 0, largest, 1.0)
    mean_square = _ratio((counts * (values / scale) ** 2).sum(axis=0), counts.sum(axis=0))
    root: Floats = scale * np.sqrt(mean_square)
    return root
