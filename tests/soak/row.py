"""What came of a trial: a line of the table that `make soak` prints."""

from __future__ import annotations

from typing import Final, NamedTuple


class Row(NamedTuple):
    """``times`` is how often it was tried; ``lost`` what nobody had said would be."""

    tried: str
    times: int
    lost: int
    remarks: str = ""


HEAD: Final = "| tried | times | lost | |\n| --- | --- | --- | --- |"
"""What stands above the lines of a table of Markdown, as docs/reliability.md has it."""


def line(row: Row) -> str:
    """A line of that table."""
    return f"| {row.tried} | {row.times:,} | {row.lost:,} | {row.remarks} |"
