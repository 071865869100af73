"""Where numbers stopped being finite: the first such tensor of a step, and what led to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tb_layerview.diagnosis.elements import Lead, first_places, leads_of, named_index
from tb_layerview.diagnosis.evidence import Evidence, Flags, Piece
from tb_layerview.diagnosis.execution import Execution
from tb_layerview.diagnosis.finding import shown
from tb_layerview.diagnosis.range_rules import LARGEST

_LOOKS: Final = (("NaN", "nan"), ("+Inf", "pos_inf"), ("-Inf", "neg_inf"))


@dataclass(frozen=True, slots=True)
class Origin:
    """The first tensor of a step that is not finite.

    ``key`` names it. ``made`` says whether its layer made these numbers, out of finite inputs and
    weights, or whether they were handed to it (passed on: by a broken weight, by the data, or by
    code outside of modules). ``counts`` are how many elements are ``NaN``, ``+Inf`` and ``-Inf``.
    ``indices`` are the first of them among the kept elements, and ``sample`` the position in the
    batch that the first belongs to; None where that sample was not kept, or there are none.
    ``leads`` are the elements that led to the first, the largest first. ``spread`` counts the
    other tensors of the step that are not finite. ``message`` says it in plain words.
    """

    step: int
    key: str
    made: bool
    counts: dict[str, int]
    indices: tuple[tuple[int, ...], ...]
    sample: int | None
    leads: tuple[Lead, ...]
    spread: int
    message: str


def broken(evidence: Evidence, piece: Piece) -> Flags:
    """``[keys, steps]``: what should be finite and is not.

    Of inputs and taps only a NaN counts: masks hold -Inf by their nature.
    """
    strict = evidence.kinds("param", "buffer", "output", "grad", "output_grad")
    lenient = evidence.kinds("sample", "tap")
    has_nan = np.nan_to_num(piece["nan"] + piece["pos_inf"]) > 0
    found: Flags = (strict[:, np.newaxis] & (piece.non_finite > 0)) | (
        lenient[:, np.newaxis] & has_nan
    )
    return found


def origin_of(evidence: Evidence, step: int) -> Origin | None:
    """The origin of what is not finite at a recorded step; None where all is finite."""
    piece = evidence.piece_of(step)
    rows = np.flatnonzero(broken(evidence, piece)[:, 0]).tolist()
    if not rows:
        return None
    execution = Execution(evidence)
    row, reason = _first(evidence, execution, piece, rows)
    return _told(_Place(evidence, execution, piece, row), reason, len(rows) - 1)


def _first(
    evidence: Evidence, execution: Execution, piece: Piece, rows: list[int]
) -> tuple[int, str | None]:
    """The first broken tensor, and who handed the numbers to it; None where its layer made them."""

    def among(*kinds: str) -> list[int]:
        return [row for row in rows if evidence.specs[row].kind in kinds]

    given = [row for row in among("sample") if evidence.specs[row].key.startswith("/sample.inputs")]
    if given:
        return given[0], "the data are like that before they reach the model"
    state = among("param", "buffer")
    if state:
        row = execution.first_of_state(state)
        return row, _state_reason(evidence, row, piece.steps[0])
    forward = among("output", "tap")
    if forward:
        row = execution.first_of_forward(forward)
        return row, _input_reason(evidence, piece, row)
    backward = among("grad", "output_grad")
    if backward:
        row = execution.first_of_backward(backward)
        reason = None
        if evidence.specs[row].kind == "output_grad":
            reason = "it came from what follows the layer: the loss, or code outside of modules"
        return row, reason
    return rows[0], "it was given to the step"


def _state_reason(evidence: Evidence, row: int, step: int) -> str:
    """Why a parameter is broken when a step begins: what the recorded step before tells."""
    earlier = [recorded for recorded in evidence.steps if recorded < step]
    if not earlier:
        return "it was so when the first recorded step began"
    before = earlier[-1]
    gradient = evidence.rows.get(evidence.specs[row].key.replace("/param.", "/grad.", 1))
    piece = evidence.piece_of(before)
    if gradient is not None and piece.non_finite[gradient, 0] > 0:
        return f"its gradient was not finite at step {before}, and the update took that over"
    return f"it was finite at step {before}: an update since then broke it"


def _input_reason(evidence: Evidence, piece: Piece, row: int) -> str | None:
    name = evidence.names[row]
    if name.kind != "output":
        return None
    for other, candidate in enumerate(evidence.names):
        is_input = candidate.kind == "input" and candidate.module == name.module
        # An infinity may be a mask; a NaN is none.
        if is_input and candidate.call == name.call and piece["nan"][other, 0] > 0:
            return (
                f"its input {evidence.specs[other].key} has NaN already, though all outputs before "
                "it are finite: code between the modules made them"
            )
    return None


@dataclass(frozen=True, slots=True)
class _Place:
    """A tensor of a step, and what is known of that step."""

    evidence: Evidence
    execution: Execution
    piece: Piece
    row: int


def _told(place: _Place, reason: str | None, spread: int) -> Origin:
    evidence, execution, piece, row = place.evidence, place.execution, place.piece, place.row
    step = piece.steps[0]
    spec = evidence.specs[row]
    counts = {name: int(np.nan_to_num(piece[statistic][row, 0])) for name, statistic in _LOOKS}
    places = first_places(evidence, row, step)
    first = places[0] if places else None
    sample = None
    if first is not None and "Sample" in spec.axes:
        position = first[spec.axes.index("Sample")]
        sample = evidence.samples[position] if position < len(evidence.samples) else position
    leads = leads_of(evidence, execution, row, step, first) if first and reason is None else ()
    made = reason is None
    kinds = [name for name, count in counts.items() if count]
    if made:
        verb = f"made the first {' and '.join(kinds)}"
    else:
        verb = f"has the first {' and '.join(kinds)}"
    where = f"step {step}"
    if first is not None:
        where += f", {named_index(evidence, row, first)}"
    elif "Sample" in spec.axes:
        where += ", in samples that were not kept"
    why = reason or _because(place)
    message = f"{spec.key} {verb} at {where}"
    if why:
        message += f": {why}"
    return Origin(step, spec.key, made, counts, tuple(places), sample, leads, spread, message)


def _because(place: _Place) -> str:
    """How large what a layer was given is, beside the end of its type."""
    evidence, row = place.evidence, place.row
    spec = evidence.specs[row]
    if spec.kind not in ("output", "tap"):
        return ""
    source = evidence.rows.get(f"{spec.module}/input.0")
    if source is None:
        source = place.execution.before(row)
    if source is None:
        return ""
    largest = place.piece["max_abs"][source, 0]
    if not np.isfinite(largest):
        return ""
    end = LARGEST.get(spec.dtype)
    what = (
        "its inputs reach"
        if evidence.specs[source].kind == "input"
        else (f"{evidence.specs[source].key} before it reaches")
    )
    tail = f", {spec.dtype} ends at {shown(end)}" if end is not None else ""
    return f"{what} {shown(float(largest))}{tail}"
