"""Wrappers add nothing to names, and TorchScript's modules are named where they hide something."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import tb_layerview
from tests.capture.recorded import assert_same, record, warned
from tests.modes.small import OUTPUTS, PARAMETERS, SmallNet, seen_by_hooks


def test_data_parallel_is_recorded_under_the_names_of_the_model_in_it(run: Path) -> None:
    model = SmallNet()
    images = torch.randn(4, 6)
    expected = seen_by_hooks(model, images)
    log = record(nn.DataParallel(model), run, images)
    assert set(log.keys()) == {*OUTPUTS, *PARAMETERS}
    for key, output in expected.items():
        assert_same(log, key, output)
    assert log.schema().modules[0].class_name == "SmallNet"


def test_a_wrapper_in_the_middle_of_a_model_adds_nothing_to_paths(run: Path) -> None:
    model = nn.Sequential(nn.DataParallel(nn.DataParallel(SmallNet())), nn.ReLU())
    log = record(model, run, torch.randn(4, 6), layers="0.first")
    assert set(log.keys()) == {"0.first/output", "0.first/param.weight", "0.first/param.bias"}


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_a_scripted_layer_is_named_once_and_its_parameters_are_recorded(run: Path) -> None:
    model = nn.Sequential(torch.jit.script(SmallNet()), nn.ReLU())
    images = torch.randn(4, 6)
    with warned() as sentences, tb_layerview.LayerView(model, run) as view:
        for step in range(2):
            with view.step(step):
                model(images)
    (sentence,) = sentences
    assert sentence.startswith("Nothing of what 0 computes is recorded: it was scripted or traced")
    log = tb_layerview.open(run)
    assert log.problems == [sentence]
    expected = {"/output", "1/output", *(f"0.{key}" for key in PARAMETERS)}
    assert set(log.keys()) == expected
    assert_same(log, "/output", model(images), step=1)


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_of_a_traced_model_the_outermost_call_is_recorded(run: Path) -> None:
    images = torch.randn(4, 6)
    model = torch.jit.trace(SmallNet(), images)
    with warned() as sentences:
        log = record(model, run, images)
    assert [sentence.split(" computes")[0] for sentence in sentences] == [
        "Nothing of what activation, first, last"
    ]
    assert set(log.keys()) == {"/output", *PARAMETERS}
    assert_same(log, "/output", model(images))
