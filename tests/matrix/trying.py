"""What is done in one cell, step by step, and what came of it."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.matrix import environments, suites
from tests.matrix.cells import Cell
from tests.matrix.environments import Environment, StepError

RECORD_SECONDS: Final = 300
SERVE_SECONDS: Final = 300
TEST_SECONDS: Final = 1800
PASSED: Final = re.compile(r"(\d+) passed")


@dataclass(frozen=True)
class Workshop:
    """What all cells share: the wheel, the tests without the package, a log, room for what is made.

    ``log`` and ``truth`` were recorded where the matrix is started; a cell that has PyTorch makes
    its own.
    """

    wheel: Path
    tests: Path
    log: Path
    truth: Path
    room: Path


@dataclass
class Outcome:
    """What came of a cell. ``failure`` is empty, or the step that failed and what it said."""

    cell: Cell
    versions: dict[str, str] = field(default_factory=dict)
    results: dict[str, str] = field(default_factory=dict)
    """What a step that ended well says of itself, by its name."""
    failure: str = ""
    seconds: float = 0.0

    @property
    def as_expected(self) -> bool:
        """Whether the cell works, or fails where that is known."""
        return bool(self.failure) == bool(self.cell.broken)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Note under ``name`` that the commands of the block failed."""
        try:
            yield
        except StepError as error:
            self.failure = f"{name}: {error}"
            raise


def try_cell(cell: Cell, interpreter: str, workshop: Workshop, *, keep: bool) -> Outcome:
    """Install, record, serve, test. Nothing follows a step that failed."""
    outcome = Outcome(cell)
    begin = time.monotonic()
    folder = workshop.room / "environment"
    try:
        with outcome.step("install"):
            environment = environments.create(
                folder, interpreter, cell, workshop.wheel, workshop.tests
            )
            outcome.versions = environments.versions(environment)
        _record_and_serve(outcome, environment, workshop)
        if not cell.suite:
            return outcome
        with outcome.step("tests"):
            environments.add_test_packages(environment, cell)
            told = environment.run(
                *("-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider"),
                *suites.arguments(outcome.versions.get("torch")),
                seconds=TEST_SECONDS,
            )
            outcome.results["tests"] = "".join(PASSED.findall(told)[-1:])
    except StepError:
        pass  # the outcome says which
    finally:
        outcome.seconds = time.monotonic() - begin
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    return outcome


def _record_and_serve(outcome: Outcome, environment: Environment, workshop: Workshop) -> None:
    log, truth = workshop.log, workshop.truth
    if outcome.cell.torch:
        log, truth = workshop.room / "runs", workshop.room / "truth.npz"
        shutil.rmtree(log, ignore_errors=True)
        with outcome.step("record"):
            made = (str(log), str(truth), outcome.cell.writer)
            environment.run("-m", "tests.matrix.record", *made, seconds=RECORD_SECONDS)
            outcome.results["record"] = outcome.cell.writer
    for name, load_fast in (("serve", "auto"), ("serve slowly", "false")):
        with outcome.step(name):
            command = ("-m", "tests.matrix.ask", str(log), str(truth), f"--load_fast={load_fast}")
            told = environment.run(*command, seconds=SERVE_SECONDS)
            outcome.results[name] = told.split()[0]
