"""Tries the package with many releases of what it builds on: `python -m tests.matrix`.

Each cell has an environment of its own: the wheel is installed, a small training recorded (where
the cell has PyTorch), a real TensorBoard started in both of its ways of loading, every route
compared with NumPy, and a part of the tests run against the installed package. Prints a table; the
exit status is 1 if a cell came out otherwise than `cells.py` says.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.matrix.cells import CELLS
from tests.matrix.environments import find_interpreter
from tests.matrix.record import record
from tests.matrix.table import heading, row
from tests.matrix.truth import RUN, save
from tests.matrix.trying import Outcome, Workshop, try_cell
from tests.packaging.conftest import ROOT, copy_sources

BUILD_SECONDS: Final = 300

CONFIGURATION: Final = """
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = ["--import-mode=importlib"]
filterwarnings = ["error::tb_layerview.errors.LayerViewWarning"]
"""
"""The package's own warnings are errors, as in the whole suite; those of old packages are not."""


def main() -> int:
    """Print the table; 0 if every cell that could be tried came out as expected."""
    options = _options()
    chosen = [cell for cell in CELLS if re.search(options.only, str(cell))]
    workshop = _open_workshop(options.folder.resolve())
    print(heading(), flush=True)
    outcomes: list[Outcome] = []
    missing: set[str] = set()
    for cell in chosen:
        interpreter = find_interpreter(cell.python, options.pythons.split(os.pathsep))
        if interpreter is None:
            missing.add(cell.python)
            continue
        outcome = try_cell(cell, interpreter, workshop, keep=options.keep)
        outcomes.append(outcome)
        print(row(outcome), flush=True)
        if not outcome.as_expected:
            told = outcome.failure or "works, though it is said not to"
            print(f"{cell}\n{told}\n", file=sys.stderr, flush=True)
    unexpected = [outcome for outcome in outcomes if not outcome.as_expected]
    for python in sorted(missing):
        print(f"\nNo Python {python} was found: its cells were not tried. PYTHONS= names folders.")
    print(f"\n{len(outcomes) - len(unexpected)} as expected, {len(unexpected)} not.")
    return 1 if unexpected or not outcomes else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description=__doc__)
    parser.add_argument("--pythons", default="", help="folders of interpreters, before the PATH")
    parser.add_argument("--only", default="", help="a regular expression: the cells with it")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "matrix")
    parser.add_argument("--keep", action="store_true", help="keep the last environment")
    return parser.parse_args()


def _open_workshop(room: Path) -> Workshop:
    """Build the wheel, copy the tests to where there is no package, and record a log."""
    shutil.rmtree(room, ignore_errors=True)
    tree, tests = room / "tree", room / "tests"
    copy_sources(tree)
    built = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", room, tree],
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if built.returncode != 0:
        raise SystemExit(built.stdout + built.stderr)
    (wheel,) = room.glob("*.whl")
    for name in ("tests", "demo"):
        shutil.copytree(tree / name, tests / name)
    (tests / "pyproject.toml").write_text(CONFIGURATION)
    workshop = Workshop(wheel, tests, room / "recorded", room / "recorded.npz", room)
    save(record(workshop.log / RUN, "torch"), workshop.truth)
    return workshop


if __name__ == "__main__":
    sys.exit(main())
