"""What ``import tb_layerview`` costs."""

from __future__ import annotations

import statistics
import subprocess
import sys

import pytest

ROUNDS = 7
LIMIT_SECONDS = 0.060


def _python(program: str) -> str:
    """What a fresh interpreter prints that runs ``program``."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout


def _import_seconds(module: str) -> float:
    return float(
        _python(
            "import time; begin = time.perf_counter(); "
            f"import {module}; print(time.perf_counter() - begin)"
        )
    )


@pytest.mark.parametrize("package", ["torch", "tensorboard", "werkzeug", "sklearn"])
def test_importing_the_package_does_not_import(package: str) -> None:
    assert _python(f"import sys, tb_layerview; print({package!r} in sys.modules)") == "False\n"


def test_every_public_name_is_listed_without_being_imported() -> None:
    printed = _python(
        "import sys, tb_layerview; print(set(tb_layerview.__all__) <= set(dir(tb_layerview)));"
        "print('torch' in sys.modules)"
    )
    assert printed.split() == ["True", "False"]


def test_importing_the_package_takes_under_60_ms_more_than_numpy() -> None:
    # One after the other, so that a busy machine slows both.
    rounds = [(_import_seconds("tb_layerview"), _import_seconds("numpy")) for _ in range(ROUNDS)]
    ours, numpys = (statistics.median(times) for times in zip(*rounds, strict=True))
    assert ours - numpys < LIMIT_SECONDS
