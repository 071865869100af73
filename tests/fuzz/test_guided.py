"""A few inputs of each target of the coverage-guided fuzzer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.guided import fuzz
from tests.fuzz.targets import TARGETS

INPUTS = 300


@pytest.mark.parametrize("target", TARGETS)
def test_what_coverage_leads_to_breaks_nothing(tmp_path: Path, target: str) -> None:
    inputs = INPUTS if "files" not in target else INPUTS // 10
    result = fuzz(target, inputs, tmp_path)
    assert result.failure is None, result.failure
    assert result.inputs >= inputs
    assert result.covered > 10
