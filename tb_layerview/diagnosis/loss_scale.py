"""Gradients of a scaled loss: with mixed precision in float16, they are not what they seem."""

from __future__ import annotations

from typing import Final

import numpy as np

from tb_layerview.diagnosis.evidence import Evidence, Flags, Piece

LARGEST_SCALE: Final = 2.0**16
"""By what ``torch.amp.GradScaler`` multiplies a loss when it begins; it is seldom more later."""

_COMPUTED: Final = ("input", "output", "output_grad", "tap")


def has_scaled_loss(evidence: Evidence) -> bool:
    """Whether layers compute in float16 beside weights that are not: then a loss is scaled.

    No gradient of them would otherwise be of use, and no log tells by how much.
    """
    halves = {spec.kind for spec in evidence.specs if spec.dtype == "float16"}
    return "param" not in halves and any(kind in halves for kind in _COMPUTED)


class LeftOut:
    """Steps that the optimizer left out, as a ``GradScaler`` does where gradients overflow."""

    def __init__(self, evidence: Evidence) -> None:
        self._is_scaled = has_scaled_loss(evidence)
        pairs = [
            (row, evidence.rows[gradient])
            for row, spec in enumerate(evidence.specs)
            if spec.kind == "param"
            and (gradient := spec.key.replace("/param.", "/grad.", 1)) in evidence.rows
        ]
        self._parameters = np.array([row for row, _ in pairs], np.int64)
        self._gradients = np.array([row for _, row in pairs], np.int64)

    def steps(self, piece: Piece) -> Flags:
        """``[steps]``: gradients are not finite, and no parameter that they are of has changed."""
        if not self._is_scaled:
            return np.zeros(len(piece.steps), bool)
        broken = piece.non_finite[self._gradients] > 0
        stayed = piece["update_rms"][self._parameters] == 0
        found: Flags = np.any(broken, axis=0) & np.all(stayed | ~broken, axis=0)
        return found

    def learns(self, piece: Piece) -> Flags:
        """``[steps]``: some parameter has changed."""
        changed: Flags = np.any(piece["update_rms"][self._parameters] > 0, axis=0)
        return changed
