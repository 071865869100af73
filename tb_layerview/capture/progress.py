"""What is shown of a long wait for the disk: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final, NamedTuple, TextIO

SHORT_SECONDS: Final = 2.0
"""A wait is not worth a word before."""

REDRAW_SECONDS: Final = 0.2
_LINE_SECONDS: Final = 10.0
"""A file or a pipe gets a new line for each word: not so often."""

_BAR_WIDTH: Final = 24
_CLEAR: Final = "\r\x1b[K"
"""To the beginning of the terminal's line, and erase what is in it."""

_UNITS: Final = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


class Amount(NamedTuple):
    """Steps, and the bytes of them in memory."""

    steps: int
    nbytes: int


class Progress:
    """A ``with`` block around a wait. It never raises: a terminal may go away at any time."""

    def __init__(
        self,
        total: Amount,
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to wait for `total`; tell of it on `stream` (None: standard error)."""
        self._total = total
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._is_terminal = _is_terminal(self._stream)
        self._next = clock() + SHORT_SECONDS
        self._shown = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._shown and self._is_terminal:
            self._write(_CLEAR)

    def update(self, done: Amount) -> None:
        """Tell that so much of the total is done, if it is time to say so."""
        if self._clock() < self._next:
            return
        # What was recorded since the wait began may be done, too.
        done = Amount(*map(min, done, self._total))
        text = progress_text(done, self._total)
        if self._is_terminal:
            self._write(f"{_CLEAR}{text} {_bar(done, self._total)}")
        else:
            self._write(f"{text}\n")
        self._shown = True
        self._next = self._clock() + (REDRAW_SECONDS if self._is_terminal else _LINE_SECONDS)

    def _write(self, text: str) -> None:
        # None under pythonw; a notebook's or a test's stream may be closed.
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            self._stream = None


def progress_text(done: Amount, total: Amount) -> str:
    """Such as ``tb_layerview: writing 37 of 120 steps, 2.1 of 6.8 GB``."""
    size, unit = next((pair for pair in _UNITS if total.nbytes >= pair[0]), _UNITS[-1])
    return (
        f"tb_layerview: writing {done.steps} of {total.steps} steps, "
        f"{done.nbytes / size:.1f} of {total.nbytes / size:.1f} {unit}"
    )


def _bar(done: Amount, total: Amount) -> str:
    share = done.nbytes / total.nbytes if total.nbytes else 1.0
    filled = min(_BAR_WIDTH, int(share * _BAR_WIDTH))
    return f"[{'#' * filled}{'.' * (_BAR_WIDTH - filled)}]"


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        # It is closed.
        return False
