"""The documentation of the rules is what the rules state."""

from __future__ import annotations

from pathlib import Path

from tb_layerview.diagnosis.rules import RULES


def test_every_rule_is_documented_in_its_own_words() -> None:
    text = Path(__file__, "../../../docs/diagnosis.md").resolve().read_text()
    for name, states in RULES.items():
        assert f"| `{name}` | {states} |" in text
