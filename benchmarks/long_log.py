"""A log of many layers and steps of which there are statistics and nothing else."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np

from tb_layerview.log.columns import BINS, STATISTICS
from tb_layerview.log.frame import Frame, TensorData
from tb_layerview.log.schema import ModuleSpec, Schema, TensorSpec
from tb_layerview.log.writer import LogWriter
from tests.fixtures.small_log import tell_tensorboard

SHAPE = (8, 64)


def write_long_log(run: Path, layers: int, steps: int) -> None:
    """Write outputs of ``layers`` layers at ``steps`` steps: their statistics, made up.

    The root mean square of a layer drifts over the steps, so that neighbours differ; one element of
    the layer in the middle is NaN at the step in the middle.
    """
    random = np.random.default_rng(0)
    paths = [f"blocks.{layer}" for layer in range(layers)]
    schema = Schema(
        modules=tuple(
            ModuleSpec(path, "Linear", "Linear(64, 64)", order) for order, path in enumerate(paths)
        ),
        tensors=tuple(
            TensorSpec(
                key=f"{path}/output",
                module=path,
                kind="output",
                shape=SHAPE,
                dtype="float32",
                axes=("Sample", "Node"),
                stored="statistics",
            )
            for path in paths
        ),
        samples=(0,),
    )
    histogram = np.zeros(BINS, np.int64)
    column = {name: place for place, name in enumerate(STATISTICS)}
    size = random.standard_normal(layers)
    with closing(LogWriter(run)) as writer:
        for step in range(steps):
            size += 0.02 * random.standard_normal(layers)
            table = np.zeros((layers, len(STATISTICS)))
            table[:, column["count"]] = np.prod(SHAPE)
            for name in ("max", "std", "rms", "max_abs"):
                table[:, column[name]] = np.exp(size)
            if step == steps // 2:
                table[layers // 2, column["nan"]] = 1
            tensors = [TensorData(None, row, histogram) for row in table]
            writer.append(Frame(step=step, wall_time=0.0, schema=schema, tensors=tensors))
    tell_tensorboard(run)
