"""The command ``check``: what of a log is whole, and what is not."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from tb_layerview.diagnosis.log import open_log
from tb_layerview.log.checking import check_log
from tb_layerview.terminal import plain

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

DAMAGED: Final = 1
"""Exit status where something is not what was written."""

_MEGABYTE: Final = 1e6


def add_to(commands: Commands) -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "check",
        help="read a whole log, and say what of it is damaged",
        description="Read everything that was recorded, and compare every checksum. The exit "
        "status is 0 if all is whole, 1 if something is damaged, and 2 if there is no such log. "
        "What is damaged hides nothing else: all other frames and tensors are served.",
    )
    parser.add_argument("directory", help="the directory of the run, such as runs/exp1")
    parser.set_defaults(call=run)


def run(options: argparse.Namespace) -> int:
    """Print what was read and what is damaged; the exit status."""
    checked = check_log(open_log(options.directory), _progress)
    for damage in checked.damages:
        print(plain(f"damaged: {damage}"))
    for name, nbytes in checked.tails.items():
        tail = f"{name} ends with {nbytes:,} bytes of a step that is not whole: it is being written"
        print(plain(f"{tail}, or was cut off"))
    print(
        f"{checked.frames} steps, {checked.whole} tensors whole, {checked.damaged} damaged; "
        f"{checked.nbytes / _MEGABYTE:,.1f} MB read"
    )
    if checked.dropped:
        print(f"{checked.dropped} tensors were dropped for room while they were to be read")
    if checked.kept is not None:
        print(
            f"kept are {checked.kept.whole} of {checked.kept.recorded} recorded steps, and of "
            f"{checked.kept.summarized} others the statistics (keep_gigabytes)"
        )
    return DAMAGED if checked.damages else 0


def _progress(done: int, count: int) -> None:
    """One line that is written over, where somebody looks."""
    if sys.stderr.isatty():
        print(f"\rstep {done} of {count}", end="" if done < count else "\n", file=sys.stderr)
