"""The names nearest to one that nobody knows: what an error suggests, at a cost that is bounded."""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterable
from itertools import takewhile
from operator import eq
from typing import Final

_SUGGESTED: Final = 5
_COMPARED: Final = 50
_COMPARED_CHARACTERS: Final = 100
"""Matching is quadratic in the lengths: of a longer name, the end is compared."""


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Up to five of ``known`` that are like ``name``, the likest first.

    Those that begin and end as it does are compared in full, at most 50 of them.
    """

    def shared(other: str) -> int:
        return _common(name, other) + _common(reversed(name), reversed(other))

    near = heapq.nlargest(_COMPARED, known, key=shared)
    by_end = {other[-_COMPARED_CHARACTERS:]: other for other in reversed(near)}
    wanted = name[-_COMPARED_CHARACTERS:]
    found = difflib.get_close_matches(wanted, by_end, _SUGGESTED, cutoff=0)
    return [by_end[end] for end in found]


def _common(one: Iterable[str], other: Iterable[str]) -> int:
    """Characters that both begin with."""
    return sum(takewhile(bool, map(eq, one, other)))
