"""The origin of each planted fault, beside a search by plain hooks on every module."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import tb_layerview
from tb_layerview import LayerViewWarning, Origin
from tests.diagnosis.brute_force import maker_of
from tests.faults.fault import Fault
from tests.faults.planted import FAULTS
from tests.faults.training import KINDS, Training

NON_FINITE = [fault for fault in FAULTS if fault.rule == "non_finite"]


def origin_of(training: Training, run: Path, step: int, kinds: tuple[str, ...] = KINDS) -> Origin:
    """What the log says of the step."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LayerViewWarning)
        training.record(run, kinds)
    origin = tb_layerview.open(run).origin(step)
    assert origin is not None
    return origin


def make(fault: Fault) -> Training:
    """The same training each time."""
    torch.manual_seed(0)
    return replace(fault.make(), steps=fault.first + 1)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "compiled"])
@pytest.mark.parametrize("fault", NON_FINITE, ids=lambda fault: fault.name)
def test_the_layer_is_the_one_that_hooks_on_every_module_tell(
    fault: Fault, compiled: bool, tmp_path: Path
) -> None:
    expected = maker_of(make(fault), fault.first)
    assert expected in fault.layers
    origin = origin_of(replace(make(fault), compiled=compiled), tmp_path, fault.first)
    assert origin.layer == expected
    assert origin.cause == ("given" if fault.name == "NaN in a sample" else "made")


@pytest.mark.parametrize("fault", NON_FINITE, ids=lambda fault: fault.name)
def test_without_inputs_what_is_seen_first_is_named(fault: Fault, tmp_path: Path) -> None:
    kinds = ("param", "output", "grad", "output_grad")
    origin = origin_of(make(fault), tmp_path, fault.first, kinds)
    # What code of the model itself makes shows in the layer that it is given to.
    assert origin.layer in {"VAE": ("decoder.0",)}.get(fault.model, fault.layers)
