"""The rule of numbers that are not finite: one finding for each origin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tb_layerview.diagnosis.evidence import Evidence, Piece
from tb_layerview.diagnosis.finding import Finding
from tb_layerview.diagnosis.loss_scale import LeftOut
from tb_layerview.diagnosis.origin import Origin, broken, origin_of

NAME: Final = "non_finite"
STATES: Final = (
    "A tensor has a NaN or +Inf, or a parameter, a gradient or what the model returns -Inf (else "
    "that is what masks are made of): named is the first tensor of the step that is not finite. "
    "For information where layers compute in float16 beside other weights, only gradients are not "
    "finite, their parameters stayed as they were, and a later recorded step was trained: so a "
    "GradScaler finds its scale. A warning where it leaves out more than half of the recorded "
    "steps, and more than 16."
)
_MAX_EPISODES: Final = 10
_MAX_SEARCH: Final = 16
"""A scale of 65,536 is halved so many times before it is 1."""


@dataclass(slots=True)
class _Episode:
    """Recorded steps on end at which something is not finite.

    ``times`` is how many; ``left_out`` where the optimizer took none of them, ``recovered`` where
    it took a later one.
    """

    first: int
    last: int
    left_out: bool
    times: int = 1
    recovered: bool = False


class Episodes:
    """Runs of recorded steps at which something is not finite."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._episodes: list[_Episode] = []
        self._was_broken = False
        self._left_out = LeftOut(evidence)

    def look(self, piece: Piece) -> None:
        """Take in some steps; pieces come in order."""
        flags = broken(self._evidence, piece)
        forward = np.any(flags[~self._evidence.kinds("grad", "output_grad")], axis=0)
        is_broken = np.any(flags, axis=0).tolist()
        left_out = (self._left_out.steps(piece) & ~forward).tolist()
        learns = self._left_out.learns(piece).tolist()
        for place, step in enumerate(piece.steps):
            if is_broken[place] and self._was_broken:
                self._episodes[-1].last = step
                self._episodes[-1].times += 1
                self._episodes[-1].left_out &= left_out[place]
            elif is_broken[place]:
                self._episodes.append(_Episode(step, step, left_out[place]))
            elif self._episodes and learns[place]:
                self._episodes[-1].recovered = True
            self._was_broken = is_broken[place]

    def findings(self) -> list[Finding]:
        """An error for each of the first episodes; for information, those that a scaler ended."""
        harmless = [each for each in self._episodes if each.left_out and each.recovered]
        grave = [each for each in self._episodes if not (each.left_out and each.recovered)]
        found: dict[str, Finding] = {}
        for episode in grave[:_MAX_EPISODES]:
            origin = origin_of(self._evidence, episode.first)
            if origin is None or origin.key in found:
                continue
            found[origin.key] = Finding(
                "error", NAME, origin.key, episode.first, episode.last, _told(origin)
            )
        return [*found.values(), *self._scaled(harmless)]

    def _scaled(self, episodes: list[_Episode]) -> Iterator[Finding]:
        origin = origin_of(self._evidence, episodes[0].first) if episodes else None
        if origin is not None:
            times, steps = sum(each.times for each in episodes), len(self._evidence.steps)
            is_usual = times <= _MAX_SEARCH or 2 * times <= steps
            message = (
                f"{_told(origin)}. The optimizer left {times} of {steps} recorded steps out, and "
                "trains again later, as a GradScaler does while it finds the scale of a float16 "
                f"loss{'' if is_usual else ': gradients overflow again and again'}"
            )
            yield Finding(
                "info" if is_usual else "warning",
                NAME,
                origin.key,
                episodes[0].first,
                episodes[-1].last,
                message,
            )


def _told(origin: Origin) -> str:
    others = f". {origin.spread} other tensors of the step are not finite either"
    return origin.message + (others if origin.spread else "")
