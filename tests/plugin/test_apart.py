"""The routes that tell samples apart answer what the log tells."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

import tb_layerview
from tb_layerview import LayerView
from tests.plugin.conftest import LoadedPlugin
from tests.plugin.test_routes import body

STEP = 7


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> LoadedPlugin:
    """A run with a probe, in a log directory and in one below it."""
    logdir = tmp_path_factory.mktemp("samples")
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3))
    inputs, targets = torch.randn(4, 5), torch.tensor([0, 1, 2, 0])
    for run in (logdir, logdir / "first"):
        with SummaryWriter(run) as writer, LayerView(model, writer) as view:
            view.probe(inputs, targets)
            with view.step(STEP, inputs=inputs, targets=targets):
                model(inputs)
    return LoadedPlugin(logdir)


@pytest.mark.parametrize("run", [".", "first", "first/probe"])
def test_partings_are_those_of_the_log(samples: LoadedPlugin, run: str) -> None:
    received = body(samples.get("/apart", run=run, step=STEP, a=0, b=3))["partings"]
    expected = tb_layerview.open(samples.logdir / run).apart(STEP, 0, 3)
    assert [(each["key"], each["distance"]) for each in received] == [
        (each.key, each.distance) for each in expected
    ]
    assert {"0/output", "1/output", "2/output"} <= {each["key"] for each in received}


@pytest.mark.parametrize("run", [".", "probe", "first", "first/probe"])
def test_contributions_are_those_of_the_log_with_the_weights_of_the_run(
    samples: LoadedPlugin, run: str
) -> None:
    received = body(samples.get("/contributions", run=run, step=STEP, sample=1))
    expected = tb_layerview.open(samples.logdir).contributions(STEP, 1)
    assert (received["layer"], received["right"]) == ("2", 1)
    assert received["chosen_logit"] == pytest.approx(expected.chosen_logit)
    assert [feature["index"] for feature in received["features"]] == [
        feature.index for feature in expected.features
    ]
    other = body(samples.get("/contributions", run=run, step=STEP, sample=1, right=2))
    assert other["right"] == 2


def test_a_probe_finds_the_weights_of_its_run_where_paths_have_backslashes(
    samples: LoadedPlugin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To this machine it is a letter of a name like any other.
    shutil.copytree(samples.logdir / "first", tmp_path / "first")
    (tmp_path / "first" / "probe").rename(tmp_path / "first\\probe")
    monkeypatch.setattr("tb_layerview.plugin.routes.SEPARATORS", ("/", "\\"))
    answer = LoadedPlugin(tmp_path).get("/contributions", run="first\\probe", step=STEP, sample=1)
    assert body(answer)["layer"] == "2"


@pytest.mark.parametrize(
    ("route", "parameters", "status", "words"),
    [
        ("/apart", {"step": STEP, "a": 0, "b": 9}, 404, "one of the kept positions"),
        ("/apart", {"step": STEP, "a": 0}, 400, "b: expected one value"),
        ("/apart", {"step": STEP, "a": 0, "b": "last"}, 400, "b: expected an integer"),
        ("/apart", {"step": 8, "a": 0, "b": 1}, 404, "the nearest is 7"),
        ("/contributions", {"step": STEP, "sample": 0, "right": 3}, 400, "from 0 to 2"),
        ("/contributions", {"step": STEP, "sample": 9}, 404, "one of the kept positions"),
    ],
)
def test_what_cannot_be_told_is_said(
    samples: LoadedPlugin, route: str, parameters: dict[str, object], status: int, words: str
) -> None:
    answer = samples.get(route, run="first", **parameters)
    assert answer.status_code == status
    assert words in body(answer)["error"]["message"]


def test_verdicts_are_those_of_the_log(samples: LoadedPlugin) -> None:
    answer = body(samples.get("/verdicts", run="first/probe"))
    assert answer["available"] == 1
    (received,) = answer["steps"]
    (expected,) = tb_layerview.open(samples.logdir / "first" / "probe").verdicts()
    assert (received["step"], received["task"]) == (STEP, "classes")
    assert received["right"] == [each.right for each in expected.verdicts]
    assert received["answer"] == [list(each.answer or ()) for each in expected.verdicts]
    assert received["target"] == [[0], [1], [2], [0]]
    confidences = [each.confidence for each in expected.verdicts]
    assert received["confidence"] == pytest.approx(confidences, abs=5e-5)


@pytest.mark.parametrize(
    ("bound", "limit", "words"),
    [
        ("MAX_STEPS", 2, "steps: expected at most 2, received 3"),
        ("MAX_VERDICTS", 11, "samples times steps: expected at most 11, received 12"),
        # 4 targets, and of 4 samples 3 scores each.
        ("MAX_ELEMENTS_OF_ALL", 47, "of all steps: expected at most 47, received 48"),
    ],
)
def test_verdicts_of_more_steps_than_can_be_borne_are_refused_before_anything_is_read(
    samples: LoadedPlugin, monkeypatch: pytest.MonkeyPatch, bound: str, limit: int, words: str
) -> None:
    monkeypatch.setattr(f"tb_layerview.diagnosis.verdicts.{bound}", limit)
    monkeypatch.setattr("tb_layerview.plugin.diagnoses.verdicts_at", None)
    answer = samples.get("/verdicts", run="first/probe", step=[STEP] * 3)
    assert answer.status_code == 413
    assert words in body(answer)["error"]["message"]


def test_a_step_may_be_asked_for_several_times_within_the_bounds(samples: LoadedPlugin) -> None:
    received = body(samples.get("/verdicts", run="first/probe", step=[STEP] * 3))["steps"]
    assert [each["step"] for each in received] == [STEP] * 3


def test_labels_without_bound_are_refused(
    samples: LoadedPlugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Four samples, each with a target and an answer.
    monkeypatch.setattr("tb_layerview.plugin.diagnoses.MAX_LABELS", 7)
    answer = samples.get("/verdicts", run="first/probe", step=STEP)
    assert answer.status_code == 413
    assert "labels of all samples and steps" in body(answer)["error"]["message"]


def test_verdicts_of_a_step_that_was_not_recorded_are_said(samples: LoadedPlugin) -> None:
    answer = samples.get("/verdicts", run="first", step=8)
    assert answer.status_code == 404
    assert "the nearest is 7" in body(answer)["error"]["message"]
