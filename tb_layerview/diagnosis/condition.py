"""Rules of statistics: a condition of one tensor at one step, counted over all of both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece
from tb_layerview.diagnosis.finding import Finding, Severity
from tb_layerview.diagnosis.spells import Seen, Spells

__all__ = ["Condition", "Seen"]


class Condition(ABC):
    """A rule that looks at the statistics of each tensor by itself.

    It must hold ``at_least`` so many recorded steps on end, or in all that a shorter run has.
    """

    name: ClassVar[str]
    severity: ClassVar[Severity] = "warning"
    states: ClassVar[str]
    """The rule with its thresholds, in a sentence: for people, and for the documentation."""
    at_least: ClassVar[int] = 1

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.applies = self.concerns()
        self.forget()

    @abstractmethod
    def concerns(self) -> Flags:
        """``[keys]``: of which tensors it is a rule."""

    @abstractmethod
    def holds(self, piece: Piece) -> Flags:
        """``[keys, steps]``: where the condition is met; of other tensors, anything."""

    @abstractmethod
    def measure(self, piece: Piece) -> Numbers:
        """``[keys, steps]``: the evidence; the larger, the stronger."""

    @abstractmethod
    def says(self, row: int, seen: Seen) -> str:
        """The sentence of a finding."""

    def severity_of(self, seen: Seen) -> Severity:
        """How grave it is in one tensor."""
        del seen
        return self.severity

    def look(self, piece: Piece) -> None:
        """Take in some steps; pieces come in order."""
        recorded = piece.recorded & self.applies[:, np.newaxis]
        with np.errstate(all="ignore"):
            met = self.holds(piece) & recorded
            # Of what nowhere holds, which is most, there is no evidence.
            measured = self.measure(piece) if met.any() else np.broadcast_to(0.0, met.shape)
        self.add(np.asarray(piece.steps), recorded, met, measured)

    def forget(self) -> None:
        """Begin anew."""
        evidence = self.evidence
        least = min(self.at_least, max(1, len(evidence.steps)))
        self._spells = Spells(len(evidence.specs), least)

    def add(
        self, steps: npt.NDArray[np.int64], recorded: Flags, met: Flags, measured: Numbers
    ) -> None:
        """As `Spells.add`."""
        self._spells.add(steps, recorded, met, measured)

    def findings(self) -> list[Finding]:
        """What was found, when all steps were taken in."""
        return [
            Finding(
                self.severity_of(seen),
                self.name,
                self.evidence.specs[row].key,
                seen.first,
                seen.last,
                self.says(row, seen),
            )
            for row, seen in self._spells.found()
        ]

    def called(self, row: int) -> str:
        """The name of a tensor, in a sentence."""
        return self.evidence.called(self.evidence.specs[row].key)

    def key(self, row: int) -> str:
        """The name of a tensor."""
        return self.evidence.specs[row].key
