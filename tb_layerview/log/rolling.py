"""Segments that are all kept: a new one where the last would grow too large."""

from __future__ import annotations

from pathlib import Path

from tb_layerview.log.frame import Frame
from tb_layerview.log.naming import SegmentNames
from tb_layerview.log.segment_writer import SchemaText, SegmentWriter


class RollingSegments:
    """One segment after the other."""

    def __init__(self, folder: Path, rank: int, segment_bytes: int) -> None:
        """Begin the first one in ``folder``.

        Raises:
            OSError: it cannot be written.
        """
        self._names = SegmentNames(folder, rank)
        self._segment_bytes = segment_bytes
        self._text = SchemaText()
        self._segment: SegmentWriter | None = self._names.begin()

    def append(self, frame: Frame) -> int:
        """Write ``frame``; answer its bytes.

        Raises:
            OSError: they could not be written.
        """
        segment = self._segment_for(frame)
        try:
            return segment.write(segment.encode(frame, self._text.of(frame.schema)))
        finally:
            if segment.is_torn:
                self.close()

    def is_deleted(self) -> bool:
        """Whether somebody deleted the file that is written."""
        return self._segment is not None and self._segment.is_deleted()

    def close(self) -> None:
        """Close the file. A second call does nothing."""
        segment, self._segment = self._segment, None
        if segment is not None:
            segment.close()

    def _segment_for(self, frame: Frame) -> SegmentWriter:
        """The segment that takes ``frame``: a new one where it is gone, or would grow too large."""
        stored_bytes = sum(tensor.stored_bytes for tensor in frame.tensors)
        segment = self._segment
        is_full = segment and not segment.is_empty
        if segment and is_full and segment.position + stored_bytes > self._segment_bytes:
            self.close()
        if self.is_deleted():
            self.close()
        if self._segment is None:
            self._segment = self._names.begin()
        return self._segment
