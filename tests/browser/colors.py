"""The colours that matplotlib gives to numbers, and those that a screenshot has."""

from __future__ import annotations

import io
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.colors import Normalize
from PIL import Image

Colors = npt.NDArray[np.uint8]
"""Red, green and blue, 0 to 255, along the last axis."""

BRIGHTEST: Final = 255


def color_table(name: str) -> Colors:
    """The 256 colours of one of matplotlib's colour maps, (256, 3)."""
    return _bytes(mpl.colormaps[name](np.arange(256)))


def viridis(values: npt.NDArray[Any]) -> Colors:
    """The colours of ``values`` over their finite range; one more axis than they have.

    What is not finite has no colour there: do not look at it.
    """
    numbers = values.astype(np.float64)
    finite = np.isfinite(numbers)
    return viridis_within(values, numbers[finite].min(), numbers[finite].max())


def viridis_within(values: npt.NDArray[Any], least: float, greatest: float) -> Colors:
    """The colours of ``values`` over a range; one more axis than they have."""
    numbers = values.astype(np.float64)
    place = Normalize(least, greatest)(np.where(np.isfinite(numbers), numbers, least))
    return _bytes(mpl.colormaps["viridis"](place))


def _bytes(rgba: Any) -> Colors:  # noqa: ANN401  # matplotlib answers an array or a tuple
    colors: Colors = np.rint(np.asarray(rgba)[..., :3] * BRIGHTEST).astype(np.uint8)
    return colors


class Box(NamedTuple):
    """A place on the screen, in CSS pixels from the window's corner."""

    x: float
    y: float
    width: float
    height: float


class Cells(NamedTuple):
    """Equal cells that fill a box."""

    box: Box
    rows: int
    columns: int

    def center(self, row: int, column: int) -> tuple[float, float]:
        """The middle of a cell, in CSS pixels from the window's corner."""
        x, y, width, height = self.box
        return x + (column + 0.5) * width / self.columns, y + (row + 0.5) * height / self.rows

    def of(self, row: int, column: int) -> Box:
        """The box of a cell."""
        x, y, width, height = self.box
        width, height = width / self.columns, height / self.rows
        return Box(x + column * width, y + row * height, width, height)


class Screenshot:
    """What a part of the window looks like, one pixel of the picture a CSS pixel."""

    def __init__(self, png: bytes, box: Box) -> None:
        with Image.open(io.BytesIO(png)) as picture:
            self._pixels: Colors = np.asarray(picture.convert("RGB"))
        self._box = box

    def inside(self, box: Box) -> Colors:
        """The pixels that lie wholly inside of ``box``, (height, width, 3)."""
        left, top = box.x - self._box.x, box.y - self._box.y
        first, end = np.ceil([top, left]), np.floor([top + box.height, left + box.width])
        assert (first >= 0).all(), f"{box} is not on the picture of {self._box}"
        assert (end <= self._pixels.shape[:2]).all(), f"{box} is not on the picture of {self._box}"
        rows, columns = (slice(int(a), int(b)) for a, b in zip(first, end, strict=True))
        return self._pixels[rows, columns]

    def centers(self, cells: Cells) -> Colors:
        """The pixel in the middle of each cell, (rows, columns, 3)."""
        x, y, width, height = cells.box
        # A browser puts what it draws on whole pixels, wherever between two of them it should be.
        top, left = round(y - self._box.y), round(x - self._box.x)
        rows = top + (np.arange(cells.rows) + 0.5) * height / cells.rows
        columns = left + (np.arange(cells.columns) + 0.5) * width / cells.columns
        found: Colors = self._pixels[np.ix_(rows.astype(int), columns.astype(int))]
        return found

    def backgrounds(self, cells: Cells) -> Colors:
        """The colour that most pixels of each cell have, whatever stands in it; as `centers`."""
        colors = np.empty((cells.rows, cells.columns, 3), np.uint8)
        for row, column in np.ndindex(cells.rows, cells.columns):
            pixels = self.inside(cells.of(row, column)).reshape(-1, 3)
            found, counts = np.unique(pixels, axis=0, return_counts=True)
            colors[row, column] = found[counts.argmax()]
        return colors
