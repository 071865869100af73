"""The parameters of a request: text from a URL, checked and made into values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import EllipsisType
from typing import Final

from werkzeug.datastructures import MultiDict

from tb_layerview.errors import ArgumentError
from tb_layerview.log.levels import PLANES

Parameters = MultiDict[str, str]
Index = tuple[int | slice | EllipsisType, ...]
"""A NumPy basic index."""

MAX_DIGITS: Final = 18
"""So many fit a signed integer of 64 bits, whatever they are."""

WHOLE: Final = "..."
"""The slice that is all of a tensor, of any rank."""

DEFAULT_PLANE: Final = "mean"

_INTEGER: Final = re.compile(rf"[+-]?[0-9]{{1,{MAX_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class ArrayQuery:
    """Which elements or blocks the ``array`` route is asked for.

    ``index`` is in those of the level; ``slice_text`` is what it was.
    """

    key: str
    step: int
    index: Index
    slice_text: str
    level: int = 0
    plane: str = DEFAULT_PLANE


def text(parameters: Parameters, name: str, default: str | None = None) -> str:
    """The one value of ``name``.

    Raises:
        ArgumentError: it is missing and has no default, or comes more than once.
    """
    values = parameters.getlist(name)
    if not values and default is not None:
        return default
    if len(values) != 1:
        raise ArgumentError(name, "one value", values or None)
    return values[0]


def array_query(parameters: Parameters) -> ArrayQuery:
    """The parameters ``key``, ``step``, ``slice``, ``level`` and ``plane``.

    Raises:
        ArgumentError: one of them is missing, repeated or malformed.
    """
    level = integer("level", text(parameters, "level", "0"))
    if level < 0:
        raise ArgumentError("level", "0 or more", level)
    plane = text(parameters, "plane", DEFAULT_PLANE)
    if plane not in PLANES:
        raise ArgumentError("plane", "one of " + ", ".join(PLANES), plane)
    if level == 0 and plane != DEFAULT_PLANE:
        raise ArgumentError("plane", f"{DEFAULT_PLANE} at level 0, that of the elements", plane)
    slice_text = text(parameters, "slice", WHOLE)
    return ArrayQuery(
        key=text(parameters, "key"),
        step=integer("step", text(parameters, "step")),
        index=parse_slice(slice_text),
        slice_text=slice_text,
        level=level,
        plane=plane,
    )


@dataclass(frozen=True, slots=True)
class StatsQuery:
    """What the ``stats`` route is asked for.

    Without ``keys`` all tensors; the steps from ``first_step`` to ``last_step``; with
    ``max_columns``, that many columns at most, each of as many steps as the next, but for the last.
    With ``every``, of so many steps in a row only the last is looked at. With ``total``, one row:
    the sum over the tensors, NaN counting nothing.
    """

    names: tuple[str, ...]
    keys: tuple[str, ...] | None = None
    first_step: int | None = None
    last_step: int | None = None
    max_columns: int | None = None
    every: int = 1
    total: bool = False


def stats_query(parameters: Parameters) -> StatsQuery:
    """The parameters ``stat``, ``key``, those of steps and columns, ``every`` and ``over``.

    Raises:
        ArgumentError: one of them is missing, repeated or malformed.
    """
    names = parameters.getlist("stat")
    if not names or len(set(names)) < len(names):
        raise ArgumentError("stat", "one value", names or None)
    over = text(parameters, "over", "")
    if over not in ("", "keys"):
        raise ArgumentError("over", "keys, or nothing", over)
    return StatsQuery(
        names=tuple(names),
        keys=tuple(parameters.getlist("key")) or None,
        first_step=_optional_integer(parameters, "first_step"),
        last_step=_optional_integer(parameters, "last_step"),
        max_columns=optional_count(parameters, "max_columns"),
        every=optional_count(parameters, "every") or 1,
        total=over == "keys",
    )


@dataclass(frozen=True, slots=True)
class RowsQuery:
    """Of which tensor and at which steps the ``histogram`` and ``series`` routes are asked.

    Of the steps of ``key`` those from ``first_step`` to ``last_step``; with ``max_rows``, that many
    of them at most, spread evenly.
    """

    key: str
    first_step: int | None = None
    last_step: int | None = None
    max_rows: int | None = None


def rows_query(parameters: Parameters) -> RowsQuery:
    """The parameters ``key``, ``first_step``, ``last_step`` and ``max_rows``.

    Raises:
        ArgumentError: one of them is missing, repeated or malformed.
    """
    return RowsQuery(
        key=text(parameters, "key"),
        first_step=_optional_integer(parameters, "first_step"),
        last_step=_optional_integer(parameters, "last_step"),
        max_rows=optional_count(parameters, "max_rows"),
    )


def _optional_integer(parameters: Parameters, name: str) -> int | None:
    value = text(parameters, name, "")
    return integer(name, value) if value else None


def integer(name: str, value: str) -> int:
    """An integer in decimal digits.

    Raises:
        ArgumentError: ``value`` is none, or has more than `MAX_DIGITS` digits.
    """
    if not _INTEGER.fullmatch(value):
        raise ArgumentError(name, f"an integer of at most {MAX_DIGITS} digits", value)
    return int(value)


def optional_count(parameters: Parameters, name: str) -> int | None:
    """A number from 1 on, or None where the parameter is missing.

    Raises:
        ArgumentError: it is repeated, or no such number.
    """
    value = text(parameters, name, "")
    if not value:
        return None
    count = integer(name, value)
    if count < 1:
        raise ArgumentError(name, "1 or more", count)
    return count


def parse_slice(value: str) -> Index:
    """What stands between the brackets in NumPy: ``0,3,:,-2:`` or ``...,0``; empty is all.

    Integers, ``a:b`` with either left out, and one ``...``. No step: an answer is made of
    neighbouring elements, so that reading it costs what it is large.

    Raises:
        ArgumentError: ``value`` is something else.
    """
    if not value.strip():
        return ()
    return tuple(_entry(part.strip(), value) for part in value.split(","))


def _entry(part: str, value: str) -> int | slice | EllipsisType:
    if part == "...":
        return ...
    if _INTEGER.fullmatch(part):
        return int(part)
    begin, colon, end = (bound.strip() for bound in part.partition(":"))
    if colon and all(not bound or _INTEGER.fullmatch(bound) for bound in (begin, end)):
        return slice(int(begin) if begin else None, int(end) if end else None)
    raise ArgumentError("slice", "integers, a:b and ... between commas", value)
