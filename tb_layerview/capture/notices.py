"""What a user is told while the training goes on: each thing once, and never as an exception."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import threading
import warnings
from collections import Counter
from types import FrameType, TracebackType
from typing import Final

from tb_layerview.errors import LayerViewWarning

_LOGGER: Final = logging.getLogger("tb_layerview")


_SENTENCES_KEPT: Final = 1000
"""Different sentences that are told apart: every frame of the log repeats them."""

_NOT_THE_USERS: Final = (__name__.partition(".")[0], "torch", "contextlib")
_SAYING: Final = 4
"""How far the code that says something is above `warnings.warn`."""

_MORE: Final = "There were further problems of other kinds"


class Notices:
    """Sentences about what could not be recorded. May be used from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._subjects: set[str] = set()
        self._spells: Counter[str] = Counter()

    def say(self, sentence: str, *subjects: str) -> str:
        """Count `sentence`; warn when nothing was said yet about any of `subjects`.

        Without subjects, when it was not said yet in these words.

        Returns:
            The sentence, for the problems of the frame that it is about.
        """
        with self._lock:
            if sentence not in self._counts and len(self._counts) >= _SENTENCES_KEPT:
                sentence, subjects = _MORE, ()
            self._counts[sentence] += 1
            about = subjects or (sentence,)
            first = self._subjects.isdisjoint(about)
            self._subjects.update(about)
        if first:
            _warn(sentence)
        return sentence

    def on_end(self, subject: str, *, holds: bool) -> int:
        """In how many steps on end something has held, this one included."""
        with self._lock:
            self._spells[subject] = self._spells[subject] + 1 if holds else 0
            return self._spells[subject]

    def counts(self) -> dict[str, int]:
        """Every sentence and how often it was true, in the order in which they came up."""
        with self._lock:
            return dict(self._counts)

    def sentences(self) -> list[str]:
        """Every sentence that was true so far, in the order in which they came up."""
        with self._lock:
            return list(self._counts)


class Guard:
    """A ``with`` block out of which no exception of ours gets into the training.

    What was raised is kept in `problems`, and said once for each `what` and each error: layers
    that all fail alike are one warning. KeyboardInterrupt and SystemExit are not ours: they pass.
    """

    __slots__ = ("_notices", "_what", "problems")

    def __init__(self, notices: Notices, problems: list[str], what: str) -> None:
        self._notices = notices
        self._what = what
        self.problems = problems

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        self.failed(error)
        return True

    def failed(self, error: Exception) -> None:
        """Keep and say what was raised: for a ``try`` of code in which a block would cost."""
        reason = describe(error)
        sentence = f"{self._what} failed with {reason}"
        self.problems.append(self._notices.say(sentence, self._what, cause_of(reason)))
        _LOGGER.debug("%s", sentence, exc_info=error)


def describe(error: BaseException) -> str:
    """One line that names an exception: its class, and the first line of its message."""
    lines: list[str] = []
    # Of an error that cannot even be printed, the class is what is left to say.
    with contextlib.suppress(Exception):
        lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def cause_of(reason: str) -> str:
    """`reason` without its numbers: a shape or size that differs in every step is no new cause."""
    return re.sub(r"\d+", "#", reason)


def _level_of_user() -> int:
    """The ``stacklevel`` for a caller of this, to show the line of the user's code.

    That is the innermost one that is neither ours nor PyTorch's, which calls our hooks. What the
    worker says has none: it is shown where it is said.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - as warnings.py itself
    level = 1
    while frame is not None:
        package = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if package == "threading":
            break
        if package not in _NOT_THE_USERS:
            return level
        frame, level = frame.f_back, level + 1
    return _SAYING


def _warn(sentence: str) -> None:
    shown = False
    # Where warnings are errors, or go through code of the user that fails, this one would end the
    # training that it is only about.
    with contextlib.suppress(Exception):
        warnings.warn(sentence, LayerViewWarning, stacklevel=_level_of_user())
        shown = True
    if not shown:
        _LOGGER.warning("%s", sentence)
