"""What came of a trial: a line of the table that `make soak` prints."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """``times`` is how often it was tried; ``lost`` what nobody had said would be."""

    tried: str
    times: int
    lost: int
    remarks: str = ""


def table(rows: list[Row]) -> str:
    """The rows as a table of Markdown, as docs/reliability.md has it."""
    lines = ["| tried | times | lost | |", "| --- | --- | --- | --- |"]
    lines += [f"| {r.tried} | {r.times:,} | {r.lost:,} | {r.remarks} |" for r in rows]
    return "\n".join(lines)
