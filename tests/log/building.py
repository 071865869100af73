"""Builds frames out of plain arrays; the statistics are recognisable numbers, not real ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_layerview.log.columns import BINS, STATISTICS
from tb_layerview.log.frame import Frame, TensorData
from tb_layerview.log.names import parse_key
from tb_layerview.log.schema import ModuleSpec, Schema, TensorSpec

Arrays = Mapping[str, npt.NDArray[Any]]


def make_schema(arrays: Arrays, dtypes: Mapping[str, str] | None = None) -> Schema:
    """A schema of ``arrays``; ``dtypes`` names those that NumPy does not have."""
    modules = dict.fromkeys(parse_key(key).module for key in arrays)
    return Schema(
        modules=tuple(
            ModuleSpec(path, "Module", f"Module({path})", order)
            for order, path in enumerate(modules)
        ),
        tensors=tuple(
            TensorSpec(
                key=key,
                module=parse_key(key).module,
                kind=parse_key(key).kind,
                shape=array.shape,
                dtype=(dtypes or {}).get(key, array.dtype.name),
                axes=tuple(f"Axis {axis}" for axis in range(array.ndim)),
            )
            for key, array in arrays.items()
        ),
        samples=(0, 1),
    )


def make_frame(
    step: int,
    arrays: Arrays,
    *,
    dtypes: Mapping[str, str] | None = None,
    aliases: Mapping[int, int] | None = None,
    skipped: int = 0,
    problems: tuple[str, ...] = (),
) -> Frame:
    """A frame of ``arrays``.

    Statistic ``s`` of tensor ``t`` is ``step + t + s / 100``; its histogram counts ``t + 1``
    elements in bin 100 and ``step`` in bin ``200 + t``.
    """
    tensors = []
    for place, array in enumerate(arrays.values()):
        statistics = step + place + np.arange(len(STATISTICS)) / 100
        histogram = np.zeros(BINS, np.int64)
        histogram[100] = place + 1
        histogram[200 + place] = step
        tensors.append(TensorData(array, statistics, histogram, (aliases or {}).get(place)))
    return Frame(
        step=step,
        wall_time=1_700_000_000.25 + step,
        schema=make_schema(arrays, dtypes),
        tensors=tensors,
        skipped=skipped,
        problems=problems,
    )
