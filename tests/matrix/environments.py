"""Interpreters, and an environment for each cell, made by uv: it keeps what it once downloaded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.matrix.cells import Cell

INSTALL_SECONDS: Final = 1800
"""PyTorch's build for CUDA is several gigabytes."""

TOLD: Final = (
    "tensorboard", "protobuf", "numpy", "torch", "tensorboardX", "tensorboard-data-server",
    "setuptools", "google-crc32c",
)  # fmt: skip
"""Packages whose releases stand in the table."""

ASK_VERSIONS: Final = """
import importlib.metadata, json, platform, sys
found = {"python": platform.python_version()}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
"""


END: Final = 3000
"""Characters kept of what a failed command said."""


class StepError(Exception):
    """A command of a cell that failed. Its text is the end of what the command said."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and the copy of the tests that runs in it; not that of the package."""

    folder: Path
    tests: Path

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.folder / "bin" / "python")

    def run(self, *arguments: str, seconds: int) -> str:
        """What Python says with ``arguments``. Raises StepError where it does not end well."""
        return run([self.python, *arguments], seconds=seconds, folder=self.tests)


def find_interpreter(version: str, folders: Sequence[str]) -> str | None:
    """A Python of the release ``version`` (3.12) in ``folders`` or on the PATH, that runs."""
    path = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    for name in (f"python{version}", "python3", "python"):
        found = shutil.which(name, path=path)
        # A version manager may have a command of that name for a release that it does not have.
        program = "import sys; print('%d.%d' % sys.version_info[:2])"
        if found and _output([found, "-c", program]) == f"{version}\n":
            return found
    return None


def create(folder: Path, interpreter: str, cell: Cell, wheel: Path, tests: Path) -> Environment:
    """An environment with the wheel and the releases of ``cell``, ready to run tests.

    Raises:
        StepError: they cannot be installed together.
    """
    environment = Environment(folder, tests)
    run(["uv", "venv", "--quiet", "--clear", "--python", interpreter, str(folder)], seconds=60)
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(cell.constraints))
    # Of what is asked for by name; of what that requires, the newest.
    resolution = "lowest-direct" if cell.lowest else "highest"
    pip = ["uv", "pip", "install", "--quiet", "--python", environment.python]
    pip += ["--constraint", str(constraints), "--resolution", resolution]
    run([*pip, str(wheel), *cell.packages], seconds=INSTALL_SECONDS)
    if not cell.data_server:
        name = "tensorboard-data-server"
        run(["uv", "pip", "uninstall", "-q", "--python", environment.python, name], seconds=60)
    return environment


def add_test_packages(environment: Environment, cell: Cell) -> None:
    """Install what the tests import, leaving the releases of the cell as they are."""
    packages = ["pytest", "hypothesis", *(["scikit-learn", "tensorboardX"] if cell.torch else [])]
    kept = [f"{name}=={release}" for name, release in versions(environment).items() if name in TOLD]
    pip = ["uv", "pip", "install", "--quiet", "--python", environment.python]
    run([*pip, *packages, *kept], seconds=INSTALL_SECONDS)


def versions(environment: Environment) -> dict[str, str]:
    """The releases that are installed, by the name of the package; of Python too."""
    found: dict[str, str] = json.loads(
        run([environment.python, "-c", ASK_VERSIONS, *TOLD], seconds=60)
    )
    return found


def run(command: Sequence[str], *, seconds: int, folder: Path | None = None) -> str:
    """What a command prints. Raises StepError where it fails, or takes longer than ``seconds``."""
    # The package must come from the environment, not from the tree that the runner is in.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=inherited, capture_output=True, text=True, timeout=seconds,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise StepError(f"not done after {seconds} s: {' '.join(command)}") from error
    if done.returncode != 0:
        raise StepError((done.stdout + done.stderr).strip()[-END:])
    return done.stdout


def _output(command: Sequence[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
