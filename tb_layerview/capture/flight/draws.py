"""Whether the steps of a training draw random numbers: if so, each step's generator is noted."""

from __future__ import annotations

from typing import Final

_LAZY: Final = 2
"""Steps at first that may draw what they do not draw again: lazy layers get their weights."""

_FEWEST: Final = 8
"""Steps in a row that must not have drawn before not all are noted."""

_REST: Final = 32
"""Steps of which then one is noted, to see whether it draws."""

_DRAWING: Final = 256
"""Steps that are noted after one that drew, before any is seen to draw no more."""


class Draws:
    """Decides of which steps the random generator of the host is noted.

    To note it takes 10 microseconds, a tenth of what is done in a step that is watched.
    """

    def __init__(self) -> None:
        self._until_seen = _LAZY
        self._without = 0

    def are_likely(self) -> bool:
        """Whether the generator is to be noted for the step that begins."""
        return self._without < _FEWEST or not self._until_seen

    def are_seen(self) -> bool:
        """Whether `saw` has to be told of the step that ends."""
        if self._until_seen:
            self._until_seen -= 1
            return False
        return True

    def saw(self, *, drew: bool) -> None:
        """Whether the step drew from the generator."""
        if drew:
            self._without, self._until_seen = 0, _DRAWING
        else:
            self._without += 1
            self._until_seen = _REST - 1 if self._without >= _FEWEST else 0
