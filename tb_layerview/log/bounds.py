"""Bounds on what a file says of itself: a log may come from anybody, and checksums prove nothing.

What a reader multiplies, allocates or counts up to is checked here, when it is taken in.
"""

from __future__ import annotations

import math
from typing import Final

MAX_NUMBER: Final = 2**53
"""Positions, counts and lengths: JSON's own limit, and far from where products overflow."""

MAX_AXES: Final = 32
"""Axes of a tensor: what every NumPy allows."""

MAX_ELEMENTS: Final = 2**59
"""Elements of a tensor: the bytes of the widest type are still a signed integer of 64 bits."""

MAX_WORLD_SIZE: Final = 1_000_000
"""Processes of a group."""

MAX_DEPTH: Final = 500
"""Modules within each other: a page walks down them, and a stack ends."""

MAX_PLACES: Final = 65_536
"""Records that the elements and planes of one tensor lie in: of 512 MB each."""

MAX_LEVEL: Final = 20
"""Levels of detail: an axis of `MAX_NUMBER` elements has fewer."""

MAX_DESCRIPTION_BYTES: Final = 32 * 1024 * 1024
"""Of a schema, or of the header of a frame: they are JSON, which takes twenty times its size."""

MAX_COLUMN_BYTES: Final = 256 * 1024 * 1024
"""Of a column of a frame: the histograms of 65,000 tensors."""

MAX_ENVELOPE_BYTES: Final = 65_536
"""Of a protobuf message around its content: an empty field of 2 bytes takes 100 when parsed."""


def whole_number(value: object, limit: int = MAX_NUMBER) -> int:
    """``value``, a number from 0 up to ``limit``.

    Raises:
        ValueError: it is something else.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= limit:
        raise ValueError(f"expected a number from 0 to {limit}, received {value!s:.40}")
    return value


def shape_of(value: object) -> tuple[int, ...]:
    """``value``, the lengths of the axes of a tensor.

    Raises:
        ValueError: it is something else, or no tensor is so large.
    """
    if not isinstance(value, list) or len(value) > MAX_AXES:
        raise ValueError(f"expected at most {MAX_AXES} lengths of axes, received {value!s:.40}")
    shape = tuple(whole_number(length) for length in value)
    # An axis without elements does not make the others harmless: levels are made axis by axis.
    if math.prod(max(1, length) for length in shape) > MAX_ELEMENTS:
        raise ValueError(f"expected at most {MAX_ELEMENTS} elements, received the shape {shape}")
    return shape
