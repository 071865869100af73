"""`keep_gigabytes`: what a recording takes on the disk, and what it says of that."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview import ArgumentError, LayerView
from tb_layerview.plugin import answers
from tests.capture.recorded import warned

KEEP = 0.002
BYTES = 2_000_000


def disk_usage(run: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in run.rglob("*.lvlog"))


def record(view: LayerView, model: nn.Module, steps: range) -> None:
    for step in steps:
        with view.step(step):
            model(torch.ones(2, 100))
        view.flush()


def test_the_room_is_kept_to_and_told(tmp_path: Path) -> None:
    model = nn.Linear(100, 200)
    with LayerView(model, tmp_path, keep_gigabytes=KEEP) as view:
        for step in range(0, 80, 5):
            record(view, model, range(step, step + 5))
            assert disk_usage(tmp_path) <= BYTES
        report = view.report()
    log = tb_layerview.open(tmp_path)
    dropped = log.summarized_steps
    kept = [step for step in log.steps if step not in dropped]
    assert dropped
    assert {0, 78, 79} <= set(kept)
    assert f"kept: {len(kept)} of 80 steps, " in report
    assert " of at most 2.0 MB on disk" in report
    assert all(
        (log["/param.weight"].at(step)[...] == model.weight.detach().numpy()).all() for step in kept
    )
    catalog = answers.catalog(log)
    assert catalog["kept"] == {"whole": len(kept), "summarized": len(dropped), "recorded": 80}
    assert catalog["summarized"] == dropped
    assert log.findings() is not None
    command = [sys.executable, "-m", "tb_layerview", "check", str(tmp_path)]
    checked = subprocess.run(command, capture_output=True, text=True, check=True)
    assert checked.stdout.splitlines()[-1] == (
        f"kept are {len(kept)} of 80 recorded steps, and of {len(dropped)} others the statistics "
        "(keep_gigabytes)"
    )


def test_a_probe_has_a_part_of_the_room(tmp_path: Path) -> None:
    model = nn.Linear(100, 200)
    with LayerView(model, tmp_path, keep_gigabytes=KEEP) as view:
        record(view, model, range(60))
        view.probe(torch.ones(8, 100))
        assert disk_usage(tmp_path) <= BYTES
        for step in range(60, 120, 10):
            record(view, model, range(step, step + 10))
            assert disk_usage(tmp_path) <= BYTES
    for run in (tmp_path, tmp_path / "probe"):
        assert tb_layerview.open(run).steps[-1] == 119


def test_a_step_that_is_larger_than_the_room_is_skipped_and_said_once(tmp_path: Path) -> None:
    model = nn.Linear(1_000, 1_000)
    with warned() as sentences, LayerView(model, tmp_path, keep_gigabytes=KEEP) as view:
        for step in range(3):
            with view.step(step):
                model(torch.ones(2, 1_000))
        view.flush()
        assert "0 recorded, 3 skipped" in view.report()
    (sentence,) = sentences
    assert "which keep_gigabytes always keeps (raise it, or " in sentence
    assert "expected at most 1,750,000, received " in sentence


def test_files_that_cannot_be_removed_are_said_once_and_no_step_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = nn.Linear(100, 200)
    held: set[str] = set()
    unlink = Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path.name in held:
            raise PermissionError(13, "The process cannot access the file", str(path))
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse)
    with warned() as sentences, LayerView(model, tmp_path, keep_gigabytes=KEEP) as view:
        record(view, model, range(5))
        held.update(path.name for path in tmp_path.rglob("*.lvlog"))
        record(view, model, range(5, 60))
        assert disk_usage(tmp_path) <= BYTES
        assert "60 recorded, 0 skipped" in view.report()
    (sentence,) = sentences
    assert "could not be removed to make room" in sentence
    assert any(sentence in problem for problem in tb_layerview.open(tmp_path).problems)


@pytest.mark.parametrize("keep", [0, -1, 0.0001, float("nan"), float("inf"), "5", True, [5]])
def test_what_is_no_room_is_named(tmp_path: Path, keep: object) -> None:
    with pytest.raises(ArgumentError, match="keep_gigabytes: expected a number of gigabytes"):
        LayerView(nn.Linear(2, 2), tmp_path, keep_gigabytes=cast("float", keep))
    assert not (tmp_path / "plugins").exists()
