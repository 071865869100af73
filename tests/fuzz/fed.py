"""The process that one target is fuzzed in: `guided` starts it."""

from __future__ import annotations

import functools
import signal
import sys
import time
import warnings
from pathlib import Path
from types import FrameType
from typing import Final

import atheris

with atheris.instrument_imports(include=["tb_layerview"]):
    from tests.fuzz.__main__ import SECONDS, bound_memory
    from tests.fuzz.targets import TARGETS, Feed


HANG_SECONDS: Final = 20.0
"""Processor time after which an input is not waited for any longer."""


def main(arguments: list[str]) -> None:
    """Feed the target that is named first, in the folder named second. Does not return.

    The rest is libFuzzer's.
    """
    warnings.simplefilter("error")
    target, folder, *options = arguments
    feed = TARGETS[target].feed(Path(folder))
    bound_memory()
    signal.signal(signal.SIGPROF, _hanging)
    atheris.Setup([sys.argv[0], *options], functools.partial(_timed, feed))
    atheris.Fuzz()


def _timed(feed: Feed, data: bytes) -> None:
    """Feed, and fail where it takes more processor time than is allowed, or does not end."""
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, HANG_SECONDS)
    try:
        feed(data)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    seconds = time.process_time() - begun
    if seconds > SECONDS:
        raise TimeoutError(f"{seconds:.2f} s for an input of {len(data)} bytes")


def _hanging(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"an input that takes more than {HANG_SECONDS} s of processor time")
