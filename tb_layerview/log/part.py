"""What one frame stores of a tensor: all of it, or a shard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy.typing as npt

from tb_layerview.log import slices
from tb_layerview.log.boxes import Box
from tb_layerview.log.dtypes import DType
from tb_layerview.log.elements import StoredBytes, read_places
from tb_layerview.log.header import RecordPlace
from tb_layerview.log.joining import level_box
from tb_layerview.log.segment import FrameEntry, SegmentFile


class StoredPart:
    """The tensor at ``position`` in the schema of the frame ``entry``."""

    def __init__(self, entry: FrameEntry, position: int) -> None:
        self.step = entry.header.step
        self._entry = entry
        self._position = position
        self._spec = entry.schema.schema.tensors[position]

    @property
    def path(self) -> Path:
        """The file that it lies in."""
        return self._entry.path

    def places(self) -> list[RecordPlace]:
        """Where all that is stored of it lies.

        Raises:
            DamagedLogError: the table that tells is not what was written.
        """
        with SegmentFile.open(self._entry.path) as file:
            return read_places(file, self._entry, self._position)

    def box(self, level: int) -> Box | None:
        """Where it stands in the whole, in blocks of ``level``; None where shards cut these."""
        return level_box(self._spec, level)

    def read(
        self, level: int, plane: int, kind: DType, within: tuple[int | range, ...]
    ) -> npt.NDArray[Any] | None:
        """What ``within`` selects of its elements, or of a plane of a level; None if not stored.

        Raises:
            DamagedLogError: the bytes are not those that were written.
        """
        box = self.box(level)
        with SegmentFile.open(self._entry.path) as file:
            places = read_places(file, self._entry, self._position)
            stored = [place for place in places if (place.level, place.plane) == (level, plane)]
            if not stored or box is None:
                return None
            source = StoredBytes(file, self._entry, stored)
            return slices.read_slice(source.read, box.shape, kind, within)
