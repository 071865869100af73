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
        self.unseen = _LAZY
        """Steps until `saw` has to be told of one, for which the generator is noted."""
        self.are_likely = True
        """Whether it is to be noted for those until then, too."""
        self._without = 0

    def saw(self, *, drew: bool) -> None:
        """Whether a step drew from the generator."""
        self._without = 0 if drew else self._without + 1
        self.are_likely = self._without < _FEWEST
        if drew:
            self.unseen = _DRAWING
        elif not self.are_likely:
            self.unseen = _REST - 1
