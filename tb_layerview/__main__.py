"""What can be asked on the command line: ``python -m tb_layerview findings runs/exp1``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tb_layerview import command_check, command_findings
from tb_layerview.errors import LayerViewError
from tb_layerview.terminal import plain, take_any_text

USAGE_ERROR = 2
"""Exit status where the command line, or the log that it names, is of no use."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and answer its exit status."""
    parser = argparse.ArgumentParser(prog="python -m tb_layerview", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command_findings.add_to(commands)
    command_check.add_to(commands)
    chosen = parser.parse_args(arguments)
    take_any_text()
    try:
        status: int = chosen.call(chosen)
    except (LayerViewError, OSError) as error:
        print(plain(f"error: {error}"), file=sys.stderr)
        return USAGE_ERROR
    return status


if __name__ == "__main__":
    sys.exit(main())
