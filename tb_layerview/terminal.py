"""Text of a log on a terminal, which takes some characters for commands."""

from __future__ import annotations


def plain(text: str) -> str:
    r"""``text`` with what is not printable as Python writes it: ``\x1b``, ``\u202e``.

    Names in a log may come from anybody: escape sequences could write over what was printed
    before, change the terminal, or have it answer as if its user had typed.
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
