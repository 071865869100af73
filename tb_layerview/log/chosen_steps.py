"""Some of the steps of a run: those in a range, and a few that are spread over them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np


def within(steps: Sequence[int], first: int | None, last: int | None) -> Sequence[int]:
    """Those of ascending ``steps`` from ``first`` to ``last``, both included; None is no bound."""
    begin = 0 if first is None else bisect_left(steps, first)
    end = len(steps) if last is None else bisect_right(steps, last)
    return steps[begin:end]


def spread(steps: Sequence[int], most: int) -> list[int]:
    """At most ``most`` (1 or more) of ``steps``, spread evenly over their places.

    The first and the last are among them; where there may be only one, it is the last.
    """
    if len(steps) <= most:
        return list(steps)
    if most == 1:
        return [steps[-1]]
    places = np.linspace(0, len(steps) - 1, most).round().astype(int).tolist()
    return [steps[place] for place in places]
