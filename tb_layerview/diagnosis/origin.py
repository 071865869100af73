"""Where numbers stopped being finite: the first such tensor of a step, and what led to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tb_layerview.diagnosis.elements import first_places, named_index
from tb_layerview.diagnosis.evidence import Evidence, Flags, Piece, is_never_masked
from tb_layerview.diagnosis.execution import Execution
from tb_layerview.diagnosis.finding import shown
from tb_layerview.diagnosis.leads import Lead, leads_of
from tb_layerview.diagnosis.range_rules import LARGEST
from tb_layerview.diagnosis.suspects import Cause, Scene, Suspect, find_suspect

_LOOKS: Final = (("NaN", "nan"), ("+Inf", "pos_inf"), ("-Inf", "neg_inf"))


@dataclass(frozen=True, slots=True)
class Origin:
    """The first tensor of a step that is not finite.

    ``key`` names it, ``layer`` the path of the module that is to blame, and ``cause`` why:

    - ``made``: the module made these numbers, out of finite inputs and weights (``made`` says so);
    - ``passed_on``: they were in its weights when the step began;
    - ``given``: they came from outside: with the data, or with the gradient of the loss;
    - ``unknown``: what would tell was not recorded.

    ``counts`` are how many elements are ``NaN``, ``+Inf`` and ``-Inf``.
    ``indices`` are the first of them among the kept elements, and ``sample`` the position in the
    batch that the first belongs to; None where that sample was not kept, or there are none.
    ``leads`` are the elements that led to the first, the largest first. ``spread`` counts the
    other tensors of the step that are not finite. ``message`` says it in plain words.
    """

    step: int
    key: str
    layer: str
    cause: Cause
    made: bool
    counts: dict[str, int]
    indices: tuple[tuple[int, ...], ...]
    sample: int | None
    leads: tuple[Lead, ...]
    spread: int
    message: str


def broken(evidence: Evidence, piece: Piece) -> Flags:
    """``[keys, steps]``: what should be finite and is not.

    -Inf alone is what masks are made of: it counts in parameters, gradients and what the model
    itself returns. Of inputs, those of the step count: those of layers are outputs of others.
    """
    passing = evidence.kinds("param", "buffer", "output", "grad", "output_grad", "tap", "sample")
    strict = np.array([is_never_masked(spec) for spec in evidence.specs], bool)
    has_worse = np.nan_to_num(piece["nan"] + piece["pos_inf"]) > 0
    found: Flags = (strict[:, np.newaxis] & (piece.non_finite > 0)) | (
        passing[:, np.newaxis] & has_worse
    )
    return found


def origin_of(evidence: Evidence, step: int) -> Origin | None:
    """The origin of what is not finite at a recorded step; None where all is finite."""
    scene = Scene(evidence, Execution(evidence), step)
    suspect = find_suspect(scene)
    if suspect is None:
        return None
    row, piece = suspect.row, scene.piece
    spec = evidence.specs[row]
    places = first_places(evidence, row, step)
    first = places[0] if places else None
    sample = None
    if first is not None and "Sample" in spec.axes:
        position = first[spec.axes.index("Sample")]
        sample = evidence.samples[position] if position < len(evidence.samples) else position
    source = suspect.sources[0] if suspect.sources else None
    is_forward = evidence.names[row].kind in ("output", "tap", "input")
    leads = leads_of(evidence, row, source, step, first) if first and is_forward else ()
    return Origin(
        step=step,
        key=spec.key,
        layer=suspect.layer,
        cause=suspect.cause,
        made=suspect.cause == "made",
        counts={name: int(np.nan_to_num(piece[stat][row, 0])) for name, stat in _LOOKS},
        indices=tuple(places),
        sample=sample,
        leads=leads,
        spread=int(np.count_nonzero(np.delete(broken(evidence, piece)[:, 0], row))),
        message=_told(scene, suspect, first),
    )


def _told(scene: Scene, suspect: Suspect, first: tuple[int, ...] | None) -> str:
    evidence, row = scene.evidence, suspect.row
    spec = evidence.specs[row]
    name = evidence.called(spec.key)
    kinds = [look for look, stat in _LOOKS if scene.piece[stat][row, 0] > 0]
    where = f"step {scene.piece.steps[0]}"
    if first is not None:
        where += f", {named_index(evidence, row, first)}"
    elif "Sample" in spec.axes:
        where += ", in samples that were not kept"
    numbers = f"the first {' and '.join(kinds)}"
    layer = suspect.layer or "the model"
    is_gradient = evidence.names[row].kind in ("grad", "output_grad")
    if suspect.reason is not None:
        return f"{name} has {numbers} at {where}: {suspect.reason}"
    if suspect.cause == "unknown":
        is_of_weight = evidence.names[row].kind == "grad"
        what = "gradients of outputs" if is_of_weight else "its inputs"
        return (
            f"{name} has {numbers} at {where}: {layer} made it or was handed it; {what} were "
            "not recorded"
        )
    if is_gradient:
        return f"The backward of {layer} made {numbers} at {where}: seen first in {name}"
    if spec.module != suspect.layer or evidence.names[row].kind == "input":
        told = f"The code of {layer} made {numbers} at {where}: seen first in {name}"
    else:
        told = f"{name} made {numbers} at {where}"
    why = _because(scene, suspect)
    return f"{told}: {why}" if why else told


def _because(scene: Scene, suspect: Suspect) -> str:
    """How large what a layer was given is, beside the end of its type."""
    evidence, piece = scene.evidence, scene.piece
    source = suspect.sources[0] if suspect.sources else None
    if source is None or not np.isfinite(piece["max_abs"][source, 0]):
        return ""
    is_own = source in scene.inputs(suspect.layer)
    what = "its inputs" if is_own else f"{evidence.called(evidence.specs[source].key)} before it"
    reach = "reach" if is_own else "reaches"
    low, high = (float(piece[name][source, 0]) for name in ("min", "max"))
    end = LARGEST.get(evidence.specs[suspect.row].dtype)
    tail = f", {evidence.specs[suspect.row].dtype} ends at {shown(end)}" if end else ""
    weight = _larger_weight(scene, suspect.layer, max(-low, high))
    return f"{what} {reach} from {shown(low)} to {shown(high)}{weight}{tail}"


def _larger_weight(scene: Scene, layer: str, magnitude: float) -> str:
    """The parameter of the layer that is largest, if it exceeds this magnitude of its inputs."""
    evidence, largest = scene.evidence, scene.piece["max_abs"][:, 0]
    rows = [
        row
        for row, (key, spec) in enumerate(zip(evidence.names, evidence.specs, strict=True))
        if key.kind == "param" and spec.module == layer and largest[row] > magnitude
    ]
    if not rows:
        return ""
    row = max(rows, key=lambda row: float(largest[row]))
    return f", its {evidence.names[row].name} to {shown(float(largest[row]))} in magnitude"
