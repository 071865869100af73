"""Builds frames out of plain arrays; the statistics are recognisable numbers, not real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_layerview.log.columns import BINS, STATISTICS
from tb_layerview.log.frame import Frame, TensorData
from tb_layerview.log.levels import PyramidLevel
from tb_layerview.log.names import parse_key
from tb_layerview.log.schema import ModuleSpec, Schema, TensorSpec

Arrays = Mapping[str, npt.NDArray[Any]]
Pyramid = tuple[PyramidLevel, ...]


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


def random_pyramid(shapes: Sequence[tuple[int, ...]], kind: npt.DTypeLike) -> Pyramid:
    """Levels of ``shapes`` full of random numbers, as if they had been measured."""
    random = np.random.default_rng(len(shapes))
    return tuple(
        PyramidLevel(
            mean=random.standard_normal(shape).astype(kind),
            min=random.standard_normal(shape).astype(kind),
            max=random.standard_normal(shape).astype(kind),
            flags=random.integers(0, 8, shape, np.uint8),
        )
        for shape in shapes
    )


def with_stored(
    frame: Frame, key: str, stored: str, *, elements: bool, pyramid: Pyramid = ()
) -> Frame:
    """``frame`` with something else stored of the tensor ``key``."""
    specs, tensors = list(frame.schema.tensors), list(frame.tensors)
    place = [spec.key for spec in specs].index(key)
    specs[place] = replace(specs[place], stored=stored)
    kept = tensors[place].elements if elements else None
    tensors[place] = replace(tensors[place], elements=kept, pyramid=pyramid)
    schema = replace(frame.schema, tensors=tuple(specs))
    return replace(frame, schema=schema, tensors=tensors)
