"""A frame: what one process recorded at one step. `tb_layerview.log.encoding` makes it bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tb_layerview.log.levels import PyramidLevel
from tb_layerview.log.schema import Schema


@dataclass(frozen=True, slots=True)
class TensorData:
    """One tensor of a frame, in the order of ``schema.tensors``.

    ``elements`` is C-contiguous, of the dtype's storage type and the spec's shape: what is kept.
    ``statistics`` (float64 ``[len(STATISTICS)]``) and ``histogram`` (int64 ``[BINS]``) are those
    of the whole tensor. ``alias_of`` is the index of an earlier tensor of the frame that has the
    very same elements, which are then stored once.

    ``pyramid`` holds the levels from level 1 on, all that `level_count` counts for the spec's
    shape. What must be there depends on ``spec.stored``: of an ``exact`` tensor the elements, and
    a pyramid if one likes; of a ``pyramid`` that and no elements (None); of ``statistics`` neither.
    """

    elements: npt.NDArray[Any] | None
    statistics: npt.NDArray[np.float64]
    histogram: npt.NDArray[np.int64]
    alias_of: int | None = None
    pyramid: tuple[PyramidLevel, ...] = ()

    @property
    def stored_bytes(self) -> int:
        """Bytes of the elements and planes that this tensor adds to its frame."""
        if self.alias_of is not None:
            return 0
        element_bytes = 0 if self.elements is None else self.elements.nbytes
        return element_bytes + sum(level.nbytes for level in self.pyramid)


@dataclass(frozen=True, slots=True)
class Frame:
    """What one process recorded at one step.

    ``wall_time`` is in seconds since 1970. ``skipped`` counts the steps that were due and not
    recorded since the writer began; ``problems`` are sentences for the user. ``mark`` says
    what the flight recorder saw go wrong in the step; None if nothing.
    """

    step: int
    wall_time: float
    schema: Schema
    tensors: Sequence[TensorData]
    skipped: int = 0
    problems: tuple[str, ...] = ()
    mark: str | None = None
