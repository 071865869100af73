"""Text of a log on a terminal, which takes some characters for commands."""

from __future__ import annotations

import io
import sys


def plain(text: str) -> str:
    r"""``text`` with what is not printable as Python writes it: ``\x1b``, ``\u202e``.

    Names in a log may come from anybody: escape sequences could write over what was printed
    before, change the terminal, or have it answer as if its user had typed.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def take_any_text() -> None:
    r"""Have standard output write characters that its encoding lacks as ``\u5c64``.

    That of a Windows console or of a pipe knows those of few languages, and would raise.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
