"""What several ranks record of the same tensors, each its part: frames for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_layerview.log.dtypes import dtype_of
from tb_layerview.log.frame import Frame, TensorData
from tb_layerview.log.schema import Schema, TensorSpec
from tb_layerview.measure.summary import summarize
from tests.log.building import make_schema
from tests.log.conftest import OpenWriter

WEIGHT = "fc/param.weight"
OUTPUT = "fc/output"
Cut = tuple[slice, ...]


def shard_of(whole: npt.NDArray[Any], cut: Cut) -> tuple[npt.NDArray[Any], tuple[int, ...]]:
    """The part of an array that a rank has, and the index of its first element."""
    first = tuple(part.indices(length)[0] for part, length in zip(cut, whole.shape, strict=True))
    return np.ascontiguousarray(whole[cut]), first


def rank_frame(
    rank: int,
    world_size: int,
    tensors: Mapping[str, npt.NDArray[Any]],
    *,
    step: int = 0,
    shards: Mapping[str, Cut] | None = None,
) -> Frame:
    """What a rank records of `tensors`: its cut of those in `shards`, the others whole."""
    specs: list[TensorSpec] = []
    rows: list[TensorData] = []
    for spec, whole in zip(make_schema(tensors).tensors, tensors.values(), strict=True):
        elements, placed = whole, spec
        if shards and spec.key in shards:
            elements, offset = shard_of(whole, shards[spec.key])
            placed = replace(spec, shape=elements.shape, global_shape=whole.shape, offset=offset)
        summary = summarize(elements, dtype_of(spec.dtype))
        specs.append(placed)
        rows.append(TensorData(elements, summary.statistics, summary.histogram))
    schema = Schema(make_schema(tensors).modules, tuple(specs), (0,), rank, world_size)
    return Frame(step, 1.7e9, schema, rows)


def row_cuts(*lengths: int) -> list[Cut]:
    ends = np.cumsum(lengths).tolist()
    return [
        (slice(end - length, end), slice(0, None))
        for end, length in zip(ends, lengths, strict=True)
    ]


def write_shards(run: Path, open_writer: OpenWriter, whole: npt.NDArray[Any], *cuts: Cut) -> None:
    for rank, cut in enumerate(cuts):
        frame = rank_frame(rank, len(cuts), {WEIGHT: whole}, shards={WEIGHT: cut})
        open_writer(run, rank=rank).append(frame)


def numbers(*shape: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(7).standard_normal(shape).astype("<f4")


GRID = [
    (slice(0, 3), slice(0, 2)),
    (slice(0, 3), slice(2, 5)),
    (slice(3, 7), slice(0, 2)),
    (slice(3, 7), slice(2, 5)),
]
