"""The types that the wheel ships, as the checkers of a user's project see them."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

import tb_layerview
from tests.packaging.conftest import ROOT, Distributions

PROGRAM: Final = Path(__file__).parent / "project_of_a_user.py"
PYRIGHT: Final = ROOT / "frontend" / "node_modules" / ".bin" / "pyright"
WRONG: Final = "import tb_layerview\n\ntb_layerview.open(3).findings()[0].severty\n"
"""An argument and an attribute that are none: what sees them does see types."""

CHECK_SECONDS: Final = 300


@dataclass(frozen=True)
class Project:
    """A user's project, and the interpreter of its environment, which has the wheel installed."""

    folder: Path
    python: str

    def check(self, *command: str) -> str:
        """What a checker says."""
        # Of this package only what the environment has, and not the tree that is tested.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        done = subprocess.run(
            command, cwd=self.folder, env=inherited, capture_output=True, text=True,
            timeout=CHECK_SECONDS, check=False,
        )  # fmt: skip
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def project(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("user")
    shutil.copy(PROGRAM, folder / "program.py")
    (folder / "wrong.py").write_text(WRONG)
    environment = folder / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    packages = environment / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    with zipfile.ZipFile(distributions.wheel) as wheel:
        wheel.extractall(packages)
    # PyTorch, NumPy and the rest are those of the environment that runs the tests.
    (packages / "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Project(folder, str(environment / "bin" / "python"))


def test_the_program_of_the_user_uses_every_public_name() -> None:
    tree = ast.parse(PROGRAM.read_text("utf-8"))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert set(tb_layerview.__all__) <= used


def test_mypy_finds_what_is_wrong_and_nothing_else_where_it_is_strict(project: Project) -> None:
    # `Tensor.backward` has no types of its own.
    options = ("--strict", "--untyped-calls-exclude=torch", "--config-file=", "--cache-dir=.cache")
    mypy = (sys.executable, "-m", "mypy", f"--python-executable={project.python}", *options)
    assert_only_the_wrong_one_is_told_of(project.check(*mypy, "program.py", "wrong.py"))


def test_pyright_finds_what_is_wrong_and_nothing_else(project: Project) -> None:
    pyright = (str(PYRIGHT), "--pythonpath", project.python)
    assert_only_the_wrong_one_is_told_of(project.check(*pyright, "program.py", "wrong.py"))


def assert_only_the_wrong_one_is_told_of(told: str) -> None:
    assert "severty" in told
    assert "PathLike" in told
    assert "program.py" not in told, told
