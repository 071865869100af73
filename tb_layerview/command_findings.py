"""The command ``findings``: what a log says went wrong, for people and for scripts."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from tb_layerview.diagnosis.finding import SEVERITIES, Finding
from tb_layerview.diagnosis.log import Log, open_log
from tb_layerview.errors import GoneError, NotFoundError
from tb_layerview.terminal import plain

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

FOUND: Final = 1
"""Exit status where there is a finding that is grave enough."""

_TRIES: Final = 20
"""How often files may go while the statistics of all frames are read."""


def add_to(commands: Commands) -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "findings",
        help="print what went wrong in a recorded training",
        description="Print what a recorded training says went wrong. The exit status is 1 if "
        "there is a finding of the severity --fail-on or a graver one, 0 if there is none, and 2 "
        "if there is no such log, or no step in it.",
    )
    parser.add_argument("directory", help="the directory of the run, such as runs/exp1")
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    parser.add_argument(
        "--min-severity",
        choices=SEVERITIES,
        default="info",
        help="print only findings of this severity or a graver one (default: all)",
    )
    parser.add_argument(
        "--fail-on",
        choices=SEVERITIES,
        default="error",
        help="the least severity that makes the exit status 1 (default: error)",
    )
    parser.set_defaults(call=run)


def run(options: argparse.Namespace) -> int:
    """Print the findings; the exit status."""
    log = open_log(options.directory)
    if not log.steps:
        # Where scripts rely on the exit status, no finding must not mean that there was no step.
        raise NotFoundError("log", "a step that was recorded whole", options.directory)
    found = _findings(log)
    shown = [finding for finding in found if _is_at_least(finding, options.min_severity)]
    if options.json:
        print(json.dumps([asdict(finding) for finding in shown], indent=2))
    else:
        for finding in shown:
            print(plain(_line(finding)))
        if not shown:
            print("Nothing found.")
    return FOUND if any(_is_at_least(finding, options.fail_on) for finding in found) else 0


def _findings(log: Log) -> list[Finding]:
    """Those of a log whose files a training may drop meanwhile."""
    for _ in range(_TRIES):
        try:
            return log.findings()
        except GoneError:
            log.refresh()
    return log.findings()


def _is_at_least(finding: Finding, severity: str) -> bool:
    names = list[str](SEVERITIES)
    return names.index(finding.severity) >= names.index(severity)


def _line(finding: Finding) -> str:
    steps = f"step {finding.first_step}"
    if finding.last_step != finding.first_step:
        steps = f"steps {finding.first_step} to {finding.last_step}"
    return f"{finding.severity}: {finding.rule} [{steps}] {finding.message}"
