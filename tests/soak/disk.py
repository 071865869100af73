"""Disks that fail in every way for a while: the training goes on, and the recording afterwards."""

from __future__ import annotations

import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from io import FileIO
from pathlib import Path
from typing import Final, Literal, NamedTuple
from unittest import mock

import torch
from torch import nn

from tb_layerview import LayerView
from tb_layerview.diagnosis.log import Log
from tb_layerview.log import record_file
from tests.fuzz.asking import RUN, Asked
from tests.harmless.faults import no_longer_files, no_room, read_only, small_disk
from tests.soak.row import Row

Trouble = Callable[[Path], AbstractContextManager[None]]

_MEGABYTES: Final = 8
_SIDE: Final = 100
_WRITE_SOME: Final = record_file.write_some


class Told(NamedTuple):
    """What a training with troubles ended in."""

    log: Log
    steps: int
    report: str
    sentences: list[str]
    asked: Asked


@contextmanager
def removed(run: Path) -> Iterator[None]:
    """The directory of the run is removed, and made again by somebody else."""
    shutil.rmtree(run)
    run.mkdir()
    yield


@contextmanager
def rotated(run: Path) -> Iterator[None]:
    """Its files are moved away, as a rotation of logs does."""
    for path in list(run.rglob("*.lvlog")):
        path.rename(path.with_suffix(".old"))
    yield


@contextmanager
def cut(run: Path) -> Iterator[None]:
    """Its files are cut to nothing, each under the hands of who writes it."""
    for path in run.rglob("*.lvlog"):
        path.write_bytes(b"")
    yield


@contextmanager
def slow(_run: Path) -> Iterator[None]:
    """Each write takes its time."""

    def write_some(file: FileIO, block: memoryview) -> int:
        time.sleep(0.002)
        return _WRITE_SOME(file, block[: 1 << 14])

    with mock.patch.object(record_file, "write_some", write_some):
        yield


class Case(NamedTuple):
    """A trouble, the words that say so, and whether the steps in it are lost, or those before."""

    tried: str
    trouble: Trouble
    says: str
    lost: Literal["in it", "before", "nothing"]
    warnings: int = 1


def _quota(tried: str) -> Case:
    return Case(tried, no_longer_files, "File too large", "in it")


ANYWHERE: Final = (
    Case("a directory is removed and made again", removed, "deleted, moved or cut", "before"),
    Case("a file is rotated away while it is served", rotated, "deleted, moved or cut", "before"),
    Case("a file is cut to nothing while it is served", cut, "deleted, moved or cut", "before"),
    _quota("no file may grow (a quota)"),
    Case("a slow disk, `when_full='wait'`", slow, "", "nothing", warnings=0),
)
MOUNTED: Final = (
    Case("a full disk (tmpfs)", no_room, "No space left", "in it"),
    Case(
        "a directory that becomes read-only (tmpfs)",
        lambda disk: read_only(disk / "run"),
        "Read-only file system",
        "in it",
        warnings=2,
    ),
)
_IN_TROUBLE: Final = 3


def survive(folder: Path, case: Case, times: int) -> Row:
    """Train while a trouble comes and goes so often; check what was said, lost and recorded."""
    told = _train(folder, case, times)
    log, skipped = told.log, told.log.skipped
    expected = _IN_TROUBLE * times if case.lost == "in it" else 0
    assert skipped == expected, (case.tried, skipped, told.report)
    assert f"{told.steps - skipped} recorded, {skipped} skipped" in told.report
    about = told.sentences
    assert len(about) == case.warnings, (case.tried, about)
    if case.says:
        assert any(case.says in sentence for sentence in about)
        assert any(case.says in problem for problem in log.problems), log.problems
        assert case.says in told.report
    for step in log.steps:
        assert (log["/param.bias"].at(step)[...] == step).all()
    status, catalog = told.asked.get("/catalog", run=RUN)
    assert (status, catalog["steps"]) == (200, log.steps)
    assert log.steps[-1] == told.steps - 1
    unsaid = 0 if case.lost == "before" else told.steps - skipped - len(log.steps)
    remarks = (
        f"{told.steps:,} steps trained, {len(log.steps):,} there, {skipped:,} counted as skipped"
    )
    return Row(case.tried, times, unsaid, remarks)


def _train(folder: Path, case: Case, times: int) -> Told:
    model = nn.Linear(_SIDE, _SIDE)
    run = folder / "run"
    step = 0
    with warnings.catch_warnings(record=True) as caught, ExitStack() as stack:
        warnings.simplefilter("always")
        view = stack.enter_context(LayerView(model, run, when_full="wait"))

        def train(steps: int) -> None:
            nonlocal step
            for _ in range(steps):
                with torch.no_grad():
                    model.bias.fill_(step)
                with view.step(step):
                    model(torch.ones(1, _SIDE))
                step += 1
            view.flush()

        train(2)
        asked = Asked(run)
        for _ in range(times):
            with case.trouble(folder if case.says in _OF_THE_DISK else run):
                train(_IN_TROUBLE)
                _look(asked)
            train(2)
            _look(asked)
        report = view.report()
    return Told(Log(run), step, report, [str(warning.message) for warning in caught], asked)


_OF_THE_DISK: Final = ("No space left", "Read-only file system")


def _look(asked: Asked) -> None:
    """As a page does: whatever is answered is right, or an error that is known."""
    status, catalog = asked.get("/catalog", run=RUN)
    assert status == 200
    for step in catalog["steps"][-2:]:
        status, found = asked.get("/array", run=RUN, key="/param.bias", step=step)
        assert status == 200
        assert (found == step).all()


def mounted(disk: Path, case: Case, times: int) -> Row:
    """A trouble of a disk of its own; where none may be mounted, a quota takes its place."""
    with ExitStack() as stack:
        try:
            stack.enter_context(small_disk(_MEGABYTES, disk))
        except PermissionError:
            disk.mkdir(exist_ok=True)
            return survive(disk, _quota(f"{case.tried}; none may be mounted here: a quota"), times)
        return survive(disk, case, times)


def survive_all(folder: Path, times: int) -> Iterator[Row]:
    """All troubles, one after the other."""
    for number, case in enumerate(ANYWHERE):
        place = folder / str(number)
        place.mkdir()
        yield survive(place, case, times)
    for number, case in enumerate(MOUNTED):
        yield mounted(folder / f"disk{number}", case, times)
