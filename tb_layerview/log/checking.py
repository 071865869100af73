"""Reads a whole log, and tells what of it is no longer what was written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from tb_layerview.errors import DamagedLogError, GoneError, NotFoundError
from tb_layerview.log.levels import PLANES
from tb_layerview.log.numbering import Kept
from tb_layerview.log.reader import LogReader
from tb_layerview.log.tensor import StoredArray, TensorSlice

_PIECE_BYTES: Final = 64_000_000
"""Of a tensor, at most about so much is read at once."""

_TRIES: Final = 20
"""How often files may go while the columns of all frames are read."""


@dataclass
class Checked:
    """What was read, and a sentence for each place that is damaged.

    ``whole`` and ``damaged`` count tensors of frames: one key at one step, with its levels.
    ``tails`` are by file the bytes at its end that are no whole frame: no damage while it is
    written. ``dropped`` are those that a training dropped for room while they were to be read.
    ``kept`` is what a bound on the disk left, where it dropped anything.
    """

    frames: int
    whole: int = 0
    damaged: int = 0
    dropped: int = 0
    nbytes: int = 0
    damages: list[str] = field(default_factory=list)
    kept: Kept | None = None
    tails: dict[str, int] = field(default_factory=dict)


def check_log(
    log: LogReader, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Checked:
    """Read everything that can be seen of `log`, so that every checksum is compared.

    `progress` is told how many of how many steps are done.
    """
    steps = log.steps
    checked = Checked(len(steps), kept=log.kept, tails=log.tails())
    checked.damages += _damage(log)
    keys = log.keys()
    for place, step in enumerate(steps):
        for key in keys:
            try:
                tensor = log[key].at(step)
            except NotFoundError:
                continue
            try:
                checked.nbytes += _read(tensor)
            except GoneError:
                checked.dropped += 1
                log.refresh()
            except DamagedLogError as error:
                checked.damaged += 1
                checked.damages.append(f"{key} at step {step}: {error}")
            else:
                checked.whole += 1
        progress(place + 1, len(steps))
    return checked


def _damage(log: LogReader) -> list[str]:
    """As `LogReader.damage`, of a log whose files a training may drop meanwhile."""
    for _ in range(_TRIES):
        try:
            return log.damage()
        except GoneError:
            log.refresh()
    return log.damage()


def _read(tensor: TensorSlice) -> int:
    """Read all that is stored of a tensor; the bytes that were answered."""
    nbytes = 0
    for array in _stored(tensor):
        shape = array.shape
        if array.size == 0:
            continue
        rows = shape[0] if shape else 1
        row_bytes = max(1, math.prod(shape[1:]) * array.dtype.itemsize)
        step = max(1, _PIECE_BYTES // row_bytes)
        for first in range(0, rows, step):
            nbytes += (array[first : first + step] if shape else array[()]).nbytes
    return nbytes


def _stored(tensor: TensorSlice) -> Iterator[StoredArray]:
    for level in tensor.levels():
        if level == 0:
            yield tensor
        else:
            for plane in PLANES:
                yield tensor.level(level, plane)
