"""The rule of numbers that are not finite: one finding for each origin."""

from __future__ import annotations

from typing import Final

import numpy as np

from tb_layerview.diagnosis.evidence import Evidence, Piece
from tb_layerview.diagnosis.finding import Finding
from tb_layerview.diagnosis.origin import broken, origin_of

NAME: Final = "non_finite"
STATES: Final = (
    "A tensor has a NaN or +Inf, or a parameter, a gradient or what the model returns -Inf (else "
    "that is what masks are made of): named is the first tensor of the step that is not finite."
)
_MAX_EPISODES: Final = 10


class Episodes:
    """Runs of recorded steps at which something is not finite."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._episodes: list[list[int]] = []
        self._was_broken = False

    def look(self, piece: Piece) -> None:
        """Take in some steps; pieces come in order."""
        for step, is_broken in zip(
            piece.steps, np.any(broken(self._evidence, piece), axis=0).tolist(), strict=True
        ):
            if is_broken and self._was_broken:
                self._episodes[-1][1] = step
            elif is_broken:
                self._episodes.append([step, step])
            self._was_broken = is_broken

    def findings(self) -> list[Finding]:
        """An error for each of the first episodes."""
        found: dict[str, Finding] = {}
        for first, last in self._episodes[:_MAX_EPISODES]:
            origin = origin_of(self._evidence, first)
            if origin is None or origin.key in found:
                continue
            others = f". {origin.spread} other tensors of the step are not finite either"
            message = origin.message + (others if origin.spread else "")
            found[origin.key] = Finding("error", NAME, origin.key, first, last, message)
        return list(found.values())
