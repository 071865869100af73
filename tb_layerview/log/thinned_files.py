"""Open files of numbered frames, which together with those before them keep to a bounded room."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Final, Generic, NamedTuple, TypeVar

from tb_layerview.errors import TooLargeError
from tb_layerview.log.frame import Frame
from tb_layerview.log.header import Numbered
from tb_layerview.log.naming import SegmentNames
from tb_layerview.log.segment import WriterName
from tb_layerview.log.segment_writer import Encoded, SchemaText, SegmentWriter
from tb_layerview.log.thinning import Room, Unit

Place = TypeVar("Place", bound=Hashable)


class Open(NamedTuple):
    """A file that is written, and what is known of it."""

    segment: SegmentWriter
    unit: Unit


class Numbers(NamedTuple):
    """What stands in the header of a frame, and its number over all writers of the run."""

    header: Numbered
    overall: int


class ThinnedFiles(Generic[Place]):
    """One file for each ``Place`` until it is closed; then another one."""

    def __init__(
        self, names: SegmentNames, room: Room, what: str, leave: Callable[[Unit, int], None]
    ) -> None:
        """``leave`` keeps what is wanted of a file before it is removed.

        It is given the number of the next frame. ``what`` is that of which an error says that there
        is too much.
        """
        self.room: Final = room
        self.open: Final[dict[Place, Open]] = {}
        self.last: Path | None = None
        self._names = names
        self._what = what
        self._leave = leave
        self.refusal: OSError | None = None
        self._text = SchemaText()

    def append(
        self,
        place: Place,
        frame: Frame,
        numbers: Numbers,
        now: int,
        *,
        tier: int,
        stays: bool = False,
        writer: WriterName | None = None,
    ) -> int:
        """Write ``frame``, after there is room for it; answer its bytes.

        Raises:
            TooLargeError: there is no room, whatever is dropped.
            OSError: the bytes could not be written, or what is wanted of a dropped file.
        """
        encoded = self._with_room(place, frame, numbers, now)
        known = self.open.get(place)
        if known is None:
            known = self.begun(place, self._names.begin(writer), tier, numbers.overall)
        segment, unit = known
        growth = segment.growth(encoded)
        try:
            written = segment.write(encoded)
        except BaseException:
            if segment.is_torn:
                # What was written of it could not be taken back: it is at most all of it.
                unit.nbytes += growth
                self.close_one(place)
            raise
        unit.nbytes = segment.nbytes
        unit.youngest = numbers.overall
        unit.stays = stays
        unit.steps.append(frame.step)
        self.last = segment.path
        return written

    def _with_room(self, place: Place, frame: Frame, numbers: Numbers, now: int) -> Encoded:
        """The bytes of a frame, after there is room for them."""
        text = self._text.of(frame.schema)
        encoded = self._try_room(place, frame, text, numbers, now)
        if encoded is None:
            # All that is left is being written; once closed, it can be dropped, too.
            self.close()
            encoded = self._try_room(place, frame, text, numbers, now)
        if encoded is None:
            raise TooLargeError(self._what, self.room.limit, self.room.nbytes) from self.refusal
        return encoded

    def _try_room(
        self, place: Place, frame: Frame, text: bytes, numbers: Numbers, now: int
    ) -> Encoded | None:
        known = self.open.get(place)
        # A file is begun when there is room for it: until then, its bytes are only counted.
        segment = known.segment if known else SegmentWriter(Path())
        encoded = segment.encode(frame, text, numbers.header)
        growth = segment.growth(encoded)
        self.room.check(self._what, growth)
        return encoded if self._make_room(growth, now) else None

    def _make_room(self, nbytes: int, now: int) -> bool:
        self.refusal = None
        return self.room.make(nbytes, now, lambda unit: self._remove(unit, now))

    def _remove(self, unit: Unit, now: int) -> bool:
        """Remove a file, after what is wanted of it was kept; False where it cannot be, for now."""
        if not unit.is_left:
            self._leave(unit, now)
            unit.is_left = True
        try:
            unit.path.unlink(missing_ok=True)
        except OSError as error:
            # Windows does not remove what a reader has open; and a folder may not let one.
            self.refusal = error
            return False
        return True

    def begun(self, place: Place, segment: SegmentWriter, tier: int, overall: int) -> Open:
        """Count a file that was just begun."""
        unit = Unit(segment.path, tier, overall, segment.nbytes, is_open=True)
        self.room.add(unit)
        opened = self.open[place] = Open(segment, unit)
        return opened

    def shrink(self, now: int) -> None:
        """Drop what is too much for the room's limit, as far as it can be removed.

        Raises:
            OSError: what is to be kept of a file could not be written.
        """
        if not self._make_room(0, now):
            self.close()
            self._make_room(0, now)

    @property
    def open_bytes(self) -> int:
        """What the open files take."""
        return sum(opened.unit.nbytes for opened in self.open.values())

    def close(self) -> None:
        """Close all files. A second call does nothing."""
        for place in list(self.open):
            self.close_one(place)

    def close_one(self, place: Place) -> None:
        """Close a file: it may be dropped from now on."""
        segment, unit = self.open.pop(place)
        segment.close()
        unit.is_open = False

    def is_deleted(self) -> bool:
        """Whether somebody deleted a file that is written."""
        return any(segment.is_deleted() for segment, _ in self.open.values())
