"""The commands of the README, as far as they can be seen without being run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT

MAKE = shutil.which("make") or "make"


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a shell of its own, even where the tests were started by make."""
    outer = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        [MAKE, *arguments],
        cwd=ROOT,
        env={**outer, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_make_alone_lists_every_target_that_is_meant_for_people() -> None:
    listed = set(re.findall(r"^make ([\w-]+) ", make().stdout, re.MULTILINE))
    assert listed == {
        "help",
        "demo",
        "test",
        "check",
        "bench",
        "bench-browser",
        "bench-server",
        "faults",
        "fuzz",
        "soak",
        "matrix",
        "engines",
        "trainers",
        "cuda",
        "pictures",
        "format",
        "clean",
    }


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        ([], "http://localhost:6006/#layerview"),
        (["PORT=6007"], "http://localhost:6007/#layerview"),
        (["HOST=0.0.0.0", "PORT=80"], "http://0.0.0.0:80/#layerview"),
    ],
)
def test_the_demo_prints_the_address_at_which_it_is_served(
    arguments: list[str], address: str
) -> None:
    host, port = re.findall(r"//(\S+):(\d+)/", address)[0]
    commands = make("--dry-run", "demo", *arguments).stdout.splitlines()
    assert commands[-2] == f'echo "LAYERVIEW: {address}"'
    assert commands[-1].endswith(f"tensorboard --logdir runs --host {host} --port {port}")


def test_the_demo_trains_on_mnist_in_a_run_of_its_own() -> None:
    commands = make("--dry-run", "--always-make", "demo", "MNIST=somewhere").stdout
    assert 'demo.train --logdir runs/mnist --mnist "somewhere"' in commands


def test_where_chromium_is_missing_and_cannot_be_installed_the_tests_say_so(
    tmp_path: Path,
) -> None:
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    done = make("chromium", "SHELL=/bin/sh", "PYTHON=python3", PATH=str(tmp_path))
    assert done.returncode != 0
    assert "need a program chromium on the PATH: install it" in done.stderr
