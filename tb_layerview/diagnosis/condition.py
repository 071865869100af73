"""Rules of statistics: a condition of one tensor at one step, counted over all of both."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tb_layerview.diagnosis.evidence import Evidence, Flags, Numbers, Piece
from tb_layerview.diagnosis.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Seen:
    """Over the steps, of one tensor: how often a condition held, and the strongest evidence."""

    recorded: int
    times: int
    first: int
    last: int
    strongest: float
    strongest_step: int

    @property
    def often(self) -> str:
        """``at 3 of 10 recorded steps``."""
        if self.times == self.recorded:
            return f"at all {self.recorded} recorded steps" if self.recorded > 1 else "there"
        return f"at {self.times} of {self.recorded} recorded steps"


class Condition(ABC):
    """A rule that looks at the statistics of each tensor by itself.

    ``at_least`` recorded steps must meet it, and this ``share`` of them all.
    """

    name: ClassVar[str]
    severity: ClassVar[Severity] = "warning"
    states: ClassVar[str]
    """The rule with its thresholds, in a sentence: for people, and for the documentation."""
    at_least: ClassVar[int] = 1
    share: ClassVar[float] = 0.0

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self.applies = self.concerns()
        keys = len(evidence.specs)
        self._recorded = np.zeros(keys, np.int64)
        self._times = np.zeros(keys, np.int64)
        self._first = np.zeros(keys, np.int64)
        self._last = np.zeros(keys, np.int64)
        self._strongest = np.full(keys, -np.inf)
        self._strongest_step = np.zeros(keys, np.int64)

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

    def look(self, piece: Piece) -> None:
        """Take in some steps; pieces come in order."""
        steps = np.asarray(piece.steps)
        recorded = piece.recorded & self.applies[:, np.newaxis]
        with np.errstate(all="ignore"):
            met = self.holds(piece) & recorded
            measured = np.where(met, self.measure(piece), -np.inf)
        self._recorded += recorded.sum(axis=1)
        any_met = met.any(axis=1)
        is_first = any_met & (self._times == 0)
        self._first[is_first] = steps[met.argmax(axis=1)[is_first]]
        last = len(steps) - 1 - met[:, ::-1].argmax(axis=1)
        self._last[any_met] = steps[last[any_met]]
        self._times += met.sum(axis=1)
        places = measured.argmax(axis=1)
        best = measured[np.arange(len(places)), places]
        stronger = best > self._strongest
        self._strongest[stronger] = best[stronger]
        self._strongest_step[stronger] = steps[places[stronger]]

    def findings(self) -> list[Finding]:
        """What was found, when all steps were taken in."""
        enough = (self._times >= self.at_least) & (self._times >= self.share * self._recorded)
        found = []
        for row in np.flatnonzero(enough & (self._times > 0)).tolist():
            seen = Seen(
                recorded=int(self._recorded[row]),
                times=int(self._times[row]),
                first=int(self._first[row]),
                last=int(self._last[row]),
                strongest=float(self._strongest[row]),
                strongest_step=int(self._strongest_step[row]),
            )
            found.append(
                Finding(
                    self.severity,
                    self.name,
                    self.evidence.specs[row].key,
                    seen.first,
                    seen.last,
                    self.says(row, seen),
                )
            )
        return found

    def key(self, row: int) -> str:
        """The name of a tensor."""
        return self.evidence.specs[row].key
