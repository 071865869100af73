"""Layers that the forward does not use, and parameters that are one and the same."""

from __future__ import annotations

from collections import defaultdict
from math import prod
from typing import Final

from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.diagnosis.finding import Finding
from tb_layerview.errors import LayerViewError

_LEAST_ELEMENTS: Final = 16

NEVER_REACHED = (
    "never_reached",
    (
        "A module with parameters has no output in any recorded step, and its parameters no "
        "gradient, while outputs of others were recorded."
    ),
)
SHARED = (
    "shared_parameters",
    ("Two parameters (of 16 elements or more) are stored once in the log, as they are one tensor."),
)


def never_reached(evidence: Evidence) -> list[Finding]:
    """Modules that the forward never calls."""
    outputs = {spec.module for spec in evidence.specs if spec.kind in ("output", "output_grad")}
    if not outputs:
        return []
    found = []
    for path in dict.fromkeys(spec.module for spec in evidence.specs if spec.kind == "param"):
        used = any(
            spec.kind not in ("param", "buffer")
            for spec in evidence.specs
            if spec.module == path or spec.module.startswith(f"{path}.")
        )
        # Layers that a parent computes by itself, as attention its projection, get gradients; where
        # none are recorded, nobody can tell.
        if used or not evidence.kinds("grad").any():
            continue
        first, last = evidence.steps[0], evidence.steps[-1]
        key = next(
            spec.key for spec in evidence.specs if spec.module == path and spec.kind == "param"
        )
        message = (
            f"{path or 'The model'} ({evidence.class_of(path)}) was not reached in any recorded "
            "step: no output, and no gradient of its parameters"
        )
        found.append(Finding("warning", "never_reached", key, first, last, message))
    return found


def shared_parameters(evidence: Evidence) -> list[Finding]:
    """Parameters of several modules that are one tensor."""
    if not evidence.steps:
        return []
    last = evidence.steps[-1]
    holders: dict[object, list[str]] = defaultdict(list)
    for spec in evidence.specs:
        if spec.kind == "param":
            place = _place(evidence, spec.key, last)
            if place and prod(spec.shape) >= _LEAST_ELEMENTS:
                holders[place].append(spec.key)
    return [
        Finding(
            "info",
            "shared_parameters",
            keys[0],
            evidence.steps[0],
            last,
            f"{' and '.join(keys)} are one tensor: what one learns, the others learn",
        )
        for keys in holders.values()
        if len(keys) > 1
    ]


def _place(evidence: Evidence, key: str, step: int) -> tuple[tuple[str, int], ...]:
    """Where a tensor lies in the log; nothing where it was not recorded, or cannot be read."""
    try:
        return evidence.log[key].at(step).stored_at()
    except LayerViewError:
        return ()
