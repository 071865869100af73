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


def test_an_input_that_does_not_end_is_told_with_how_far_the_run_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fuzz.guided._RUN", _ENDLESS)
    result = fuzz("schemas", 300, tmp_path)
    assert result.failure is not None
    assert "more than 0.5 s of processor time" in result.failure
    assert result.inputs > 0


_ENDLESS = """
import itertools, sys
from tests.fuzz import fed

def feed(folder):
    count = itertools.count()
    def one(data):
        while next(count) > 100:
            pass
    return one

fed.HANG_SECONDS = 0.5
fed.TARGETS["schemas"] = fed.TARGETS["schemas"]._replace(feed=feed)
fed.main(sys.argv[1:])
"""
