"""A finding: what a rule saw in a log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Severity = Literal["info", "warning", "error"]

SEVERITIES: Final[tuple[Severity, ...]] = ("info", "warning", "error")
"""From what is worth knowing to what makes a training fail."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found about one tensor.

    ``rule`` is a name in `tb_layerview.diagnosis.rules.RULES`, which states its threshold; ``key``
    the tensor that shows it best; ``first_step`` and ``last_step`` the first and the last recorded
    step at which it was so; ``message`` a sentence with the evidence.
    """

    severity: Severity
    rule: str
    key: str
    first_step: int
    last_step: int
    message: str


def in_order(findings: list[Finding]) -> list[Finding]:
    """The gravest first; among equals, that which came first.

    Of what came together, that which is about what the step was given: it may have caused the rest.
    """

    def place(found: Finding) -> tuple[int, int, bool]:
        is_given = found.key.startswith("/sample.")
        return -SEVERITIES.index(found.severity), found.first_step, not is_given

    return sorted(findings, key=place)


def shown(value: float) -> str:
    """A number with the digits that evidence needs."""
    return f"{value:.3g}"
