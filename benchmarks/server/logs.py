"""Logs that are large by their number of frames, or by their bytes, written in seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from tb_layerview.log.frame import Frame
from tb_layerview.log.writer import LogWriter
from tests.fixtures.small_log import make_frame, tell_tensorboard

TENSORS: Final = 300
FRAMES: Final = 10_000
SIDE: Final = 4096
MATRIX: Final = "layer/param.weight"
GIGABYTE: Final = 10**9


def write_many_frames(run: Path, frames: int = FRAMES) -> Frame:
    """Write `frames` frames of `TENSORS` small tensors each; answers the first one."""
    rng = np.random.default_rng(0)
    arrays = {
        f"layer{number}/param.weight": rng.standard_normal((8, 8), np.float32)
        for number in range(TENSORS)
    }
    first = make_frame(0, arrays)
    _write(run, (replace(first, step=step) for step in range(frames)))
    return first


def write_many_bytes(run: Path, gigabytes: float) -> int:
    """Write frames of one weight of `SIDE` x `SIDE` until they take `gigabytes`.

    Returns:
        How many frames that were. All have the same elements, those of `matrix`.
    """
    elements = matrix()
    frame = make_frame(0, {MATRIX: elements}, stored={MATRIX: "exact and pyramid"})
    count = max(1, round(gigabytes * GIGABYTE / frame.tensors[0].stored_bytes))
    _write(run, (replace(frame, step=step) for step in range(count)))
    return count


def matrix() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """The elements of every frame of `write_many_bytes`."""
    return np.random.default_rng(1).standard_normal((SIDE, SIDE), np.float32)


def _write(run: Path, frames: Iterator[Frame]) -> None:
    with closing(LogWriter(run)) as writer:
        for frame in frames:
            writer.append(frame)
    tell_tensorboard(run)
