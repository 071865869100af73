"""Planted faults are named, healthy trainings left alone: some of each (`make faults`: all)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.faults.fault import Fault
from tests.faults.healthy import HEALTHY, Healthy
from tests.faults.planted import FAULTS
from tests.faults.table import found_in_healthy, outcome_of

EVERY: Final = 3
"""Of the faults every third, of the healthy trainings every fourth: other tests want time, too."""


def name_of(case: Fault | Healthy) -> str:
    return case.name


@pytest.mark.parametrize("fault", FAULTS[::EVERY], ids=name_of)
def test_a_fault_is_named_with_its_rule_layer_and_first_step(fault: Fault, tmp_path: Path) -> None:
    outcome = outcome_of(fault, tmp_path)
    assert outcome.right, outcome.found


@pytest.mark.parametrize("healthy", HEALTHY[:: EVERY + 1], ids=name_of)
def test_a_healthy_training_has_no_error(healthy: Healthy, tmp_path: Path) -> None:
    found = found_in_healthy(healthy, tmp_path)
    assert [finding for finding in found if finding.severity == "error"] == []


def test_there_are_as_many_faults_models_and_healthy_trainings_as_were_promised() -> None:
    assert len(FAULTS) >= 24
    assert len({fault.model for fault in FAULTS}) >= 6
    assert len(HEALTHY) >= 24
