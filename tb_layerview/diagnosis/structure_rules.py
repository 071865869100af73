"""Layers that the forward does not use or need, and parameters that are one and the same."""

from __future__ import annotations

from collections import defaultdict
from math import prod
from typing import Final

from tb_layerview.diagnosis.evidence import Evidence, Piece
from tb_layerview.diagnosis.execution import Execution
from tb_layerview.diagnosis.finding import Finding
from tb_layerview.errors import LayerViewError

_LEAST_ELEMENTS: Final = 16
_LINEAR: Final = ("Linear", "Conv1d", "Conv2d", "Conv3d")
_READ_BY_THEIR_PARENT: Final = ("NonDynamicallyQuantizableLinear",)
"""What PyTorch's attention never calls and takes the weights of, which may be frozen, too."""

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

NOTHING_BETWEEN = (
    "nothing_between",
    (
        "A linear layer or convolution is given what another one returned, as it is (their "
        "statistics are the same at the last recorded step), and between the two there are no "
        "fewer features than the first one takes or the second one returns."
    ),
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
        is_read = evidence.class_of(path) in _READ_BY_THEIR_PARENT
        if used or is_read or not evidence.kinds("grad").any():
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
            f"{' and '.join(map(evidence.called, keys))} are one tensor: what one learns, the "
            "others learn",
        )
        for keys in holders.values()
        if len(keys) > 1
    ]


def nothing_between(evidence: Evidence) -> list[Finding]:
    """Pairs of linear layers without anything between them that is not linear."""
    linear = [path for path, module in evidence.modules.items() if module.class_name in _LINEAR]
    if not evidence.steps or len(linear) < 2:  # noqa: PLR2004 - a pair
        return []
    execution = Execution(evidence)
    first, last = evidence.steps[0], evidence.steps[-1]
    at_first, at_last = (_handed_on(evidence, execution, linear, step) for step in (first, last))
    found = []
    for path, giver in at_last.items():
        if not _on_purpose(evidence, execution, giver, path):
            since = first if at_first.get(path) == giver else last
            message = (
                f"{path} is given what {giver} returned, with nothing between them but what is "
                "linear: together they can do no more than one layer. An activation may be missing"
            )
            key = f"{path}/param.weight"
            found.append(Finding("warning", "nothing_between", key, since, last, message))
    return found


def _handed_on(
    evidence: Evidence, execution: Execution, paths: list[str], step: int
) -> dict[str, str]:
    """Of those modules that were given at a step what another one of them returned: which."""
    piece = evidence.piece_of(step)
    recorded = piece.recorded[:, 0]
    makers: dict[bytes, str] = {}
    for path in paths:
        row = evidence.rows.get(f"{path}/output")
        if row is not None and _varies(piece, row):
            makers[piece.of(row).tobytes()] = path
    found = {}
    for path in paths:
        for row in execution.inputs(path, recorded_at=recorded)[:1]:
            giver = makers.get(piece.of(row).tobytes())
            if giver not in (None, path):
                found[path] = giver
    return found


def _varies(piece: Piece, row: int) -> bool:
    """Whether its statistics tell it from others: those of tensors of zeros are all alike."""
    return bool(piece["min"][row, 0] < piece["max"][row, 0])


def _on_purpose(evidence: Evidence, execution: Execution, first: str, second: str) -> bool:
    """Whether two layers do what one of them cannot, or do with fewer weights.

    Such are matrices of low rank, with fewer features between them than on either side, and
    convolutions of each channel by itself before one over all channels.
    """
    rows = [evidence.rows.get(f"{path}/param.weight") for path in (first, second)]
    shapes = [evidence.specs[row].shape for row in rows if row is not None]
    if len(shapes) < len(rows):
        return True
    (between, *into), (out, *taken) = shapes
    given = [evidence.specs[row].shape[1:2] for row in execution.inputs(first)[:1]]
    has_groups = taken[0] != between or (len(into) > 1 and given not in ([], [(into[0],)]))
    return has_groups or between < min(prod(into), out)


def _place(evidence: Evidence, key: str, step: int) -> tuple[tuple[str, int], ...]:
    """Where a tensor lies in the log; nothing where it was not recorded, or cannot be read."""
    try:
        return evidence.log[key].at(step).stored_at()
    except LayerViewError:
        return ()
