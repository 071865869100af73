"""docs/architecture.md names every module of the packages that serve a log."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "architecture.md").read_text("utf-8")


@pytest.mark.parametrize("package", ["log", "measure", "diagnosis", "plugin"])
def test_every_module_of_a_package_is_named_where_it_is_described(package: str) -> None:
    section = DOCUMENT.split(f"### `{package}`\n")[1].split("\n#")[0]
    modules = {path.stem for path in (ROOT / "tb_layerview" / package).glob("*.py")}
    named = set(re.findall(r"`(\w+)`", section))
    assert modules - {"__init__"} == named
