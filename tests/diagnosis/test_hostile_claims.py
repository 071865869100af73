"""Logs whose claims do not fit each other, or whose files go, are diagnosed without a failure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import tb_layerview
from tb_layerview.__main__ import main
from tb_layerview.diagnosis.finding import Finding
from tb_layerview.diagnosis.log import Log
from tb_layerview.errors import GoneError
from tb_layerview.log.frame import Frame
from tests.fixtures.small_log import make_frame, write_log


def layered(step: int, arrays: dict[str, npt.NDArray[np.float32]], line: str, kind: str) -> Frame:
    """A frame in which the module ``layer`` prints as ``line``; the first axis counts samples."""
    made = make_frame(step, arrays, samples=(0, 1))
    modules = tuple(replace(m, class_name=kind, repr=line) for m in made.schema.modules)
    tensors = tuple(
        replace(t, axes=("Sample", *t.axes[1:])) if t.kind in ("output", "input") else t
        for t in made.schema.tensors
    )
    return replace(made, schema=replace(made.schema, modules=modules, tensors=tensors))


def convolution(line: str, channels: int) -> Frame:
    output = np.zeros((2, 3, 4, 4), "<f4")
    output[1, 2, 3, 3] = np.inf
    arrays = {
        "layer/input": np.ones((2, channels, 4, 4), "<f4"),
        "layer/param.weight": np.ones((3, 2, 3, 3), "<f4"),
        "layer/output": output,
    }
    return layered(0, arrays, line, "Conv2d")


@pytest.mark.parametrize(
    "line",
    [
        "Conv2d(2, 3, kernel_size=(3, 3), groups=0)",
        "Conv2d(2, 3, kernel_size=(3, 3), groups=7)",
        "Conv2d(2, 3, kernel_size=(3, 3), groups=-1)",
        f"Conv2d(2, 3, kernel_size=(3, 3), stride={'(' * 100_000}1))",
        "Conv2d(2, 3, padding=(1, 1), stride=(0, -5))",
    ],
    ids=["no groups", "many groups", "negative groups", "parentheses", "strides"],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_a_layer_that_prints_as_none_can_is_no_failure(
    tmp_path: Path, line: str, channels: int
) -> None:
    write_log(tmp_path, [convolution(line, channels)])
    origin = tb_layerview.open(tmp_path).origin(0)
    assert origin is not None
    assert (origin.key, origin.indices) == ("layer/output", ((1, 2, 3, 3),))


def test_a_weight_that_does_not_fit_what_its_layer_answered_is_no_failure(tmp_path: Path) -> None:
    output = np.zeros((2, 5), "<f4")
    output[1, 4] = np.nan
    arrays = {
        "layer/input": np.ones((2, 3), "<f4"),
        "layer/param.weight": np.ones((2, 3), "<f4"),
        "layer/output": output,
    }
    write_log(tmp_path, [layered(0, arrays, "Linear(3, 5)", "Linear")])
    origin = tb_layerview.open(tmp_path).origin(0)
    assert origin is not None
    assert origin.indices == ((1, 4),)


def test_a_layer_whose_output_has_other_axes_at_the_last_step_is_no_failure(
    tmp_path: Path,
) -> None:
    first = np.full((2, 3, 4), np.nan, "<f4")
    frames = [
        layered(0, {"layer/output": first}, "Odd()", "Odd"),
        layered(1, {"layer/output": np.zeros((2, 3), "<f4")}, "Odd()", "Odd"),
    ]
    write_log(tmp_path, frames)
    log = tb_layerview.open(tmp_path)
    (finding,) = [found for found in log.findings() if found.rule == "non_finite"]
    assert (finding.key, finding.first_step) == ("layer/output", 0)
    assert log.apart(0, 0, 1) == []


def test_elements_that_were_larger_than_is_looked_at_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = [
        layered(0, {"layer/output": np.full((2, 50), np.nan, "<f4")}, "Odd()", "Odd"),
        layered(1, {"layer/output": np.zeros((2, 3), "<f4")}, "Odd()", "Odd"),
    ]
    write_log(tmp_path, frames)
    monkeypatch.setattr("tb_layerview.diagnosis.evidence._MAX_ELEMENTS", 99)
    origin = tb_layerview.open(tmp_path).origin(0)
    assert origin is not None
    assert origin.indices == ()


def outputs(step: int) -> Frame:
    values = np.random.default_rng(step).standard_normal((2, 3)).astype("<f4")
    return layered(step, {"layer/output": values}, "Odd()", "Odd")


def test_a_step_whose_file_goes_is_not_answered_as_if_it_were_empty(tmp_path: Path) -> None:
    write_log(tmp_path, [outputs(0)])
    log = tb_layerview.open(tmp_path)
    assert [found.key for found in log.apart(0, 0, 1)] == ["layer/output"]
    for path in (tmp_path / "plugins" / "layerview").iterdir():
        path.unlink()
    with pytest.raises(GoneError):
        log.apart(0, 0, 1)


def test_the_commands_go_on_where_files_are_dropped_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in range(3):
        write_log(tmp_path, [outputs(step)])
    segments = sorted((tmp_path / "plugins" / "layerview").iterdir())
    find, check = Log.findings, Log.damage

    def findings(log: Log) -> list[Finding]:
        segments[0].unlink(missing_ok=True)
        return find(log)

    def damage(log: Log) -> list[str]:
        found = check(log)
        segments[1].unlink(missing_ok=True)
        return found

    monkeypatch.setattr(Log, "findings", findings)
    assert main(["findings", str(tmp_path)]) == 0
    monkeypatch.setattr(Log, "damage", damage)
    assert main(["check", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "2 steps, 1 tensors whole, 0 damaged" in told
    assert "1 tensors were dropped for room while they were to be read" in told
