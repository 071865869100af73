"""Who is to blame for numbers that are not finite: the forward in order, then the backward."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

import numpy as np

from tb_layerview.diagnosis.evidence import Evidence, Flags, Piece
from tb_layerview.diagnosis.execution import Execution

Cause = Literal["made", "passed_on", "given", "unknown"]

_COUNTS: Final = ("count", "nan", "pos_inf", "neg_inf")
_EARLIER: Final = 8
"""Recorded steps before that tell whether a tensor is masked as a rule."""


class Suspect(NamedTuple):
    """The first tensor that is not finite, the module it is laid to, and why.

    ``sources`` are the rows of what the layer had at hand, ``reason`` says who handed it on; None
    where the layer made it.
    """

    row: int
    layer: str
    cause: Cause
    sources: tuple[int, ...] = ()
    reason: str | None = None


class Scene:
    """One recorded step: its statistics, and what is not finite in it."""

    def __init__(self, evidence: Evidence, execution: Execution, step: int) -> None:
        self.evidence: Final = evidence
        self.execution: Final = execution
        self.piece: Final = evidence.piece_of(step)
        counts = self.piece.non_finite[:, 0]
        masks = self.piece["neg_inf"][:, 0] == counts
        self.bad: Final[Flags] = counts > 0
        self.masked: Final[Flags] = self.bad & masks

    def only_bad(self, rows: Sequence[int]) -> list[int]:
        """Those of the rows that are not finite, in their order."""
        return [row for row in rows if self.bad[row]]

    def alike(self, row: int, other: int) -> bool:
        """Whether two tensors have the same statistics: to all appearance they are one."""
        first, second = (self.piece.of(place)[:, 0] for place in (row, other))
        return bool(np.array_equal(first, second, equal_nan=True))

    def broken_alike(self, row: int, other: int) -> bool:
        """Whether two tensors have as many elements, and as many that are NaN, +Inf and -Inf."""
        counts = [self.piece[name][[row, other], 0] for name in _COUNTS]
        return all(first == second for first, second in counts)

    def inputs(self, path: str, call: int = 0) -> list[int]:
        """The rows of what a module was given, as far as this step has recorded them."""
        at = self.piece.recorded[:, 0]
        return self.recorded(self.execution.inputs(path, call, at))

    def recorded(self, rows: Sequence[int]) -> list[int]:
        """Those of the rows that were recorded in the step, in their order."""
        return [row for row in rows if self.piece.recorded[row, 0]]


def find_suspect(scene: Scene) -> Suspect | None:
    """None where everything is finite that should be."""
    return _in_forward(scene) or _in_backward(scene) or _broken_weight(scene, "") or _in_data(scene)


def _in_forward(scene: Scene) -> Suspect | None:
    usual = _usual_masks(scene)
    seen: list[int] = []
    for row in scene.recorded(scene.execution.forward):
        if scene.bad[row] and not usual[row]:
            return _judge(scene, row, seen)
        seen.append(row)
    return None


def _usual_masks(scene: Scene) -> Flags:
    """``[keys]``: which hold -Inf as attention is masked with it, so that it need mean nothing.

    Where nothing of the step has a NaN or +Inf: all but what the model itself returns. Otherwise
    those that held -Inf, too, in a recorded step shortly before that was free of both.
    """
    evidence = scene.evidence
    forward = evidence.kinds("input", "tap", "output", "buffer", "sample")
    masked = scene.masked & forward
    returned = np.array([name.module == "" and name.kind == "output" for name in evidence.names])
    if not (scene.bad & ~masked).any():
        harmless: Flags = np.logical_and(masked, ~returned)
        return harmless
    steps = [step for step in evidence.steps if step < scene.piece.steps[0]]
    for step in reversed(steps[-_EARLIER:] if masked.any() else []):
        before = Scene(evidence, scene.execution, step)
        if not (before.bad & ~(before.masked & forward)).any():
            usual: Flags = np.logical_and(masked, before.masked)
            return usual
    return np.zeros_like(masked)


def _judge(scene: Scene, row: int, seen: Sequence[int]) -> Suspect:
    """Who is to blame for the first tensor of the forward; the rows of ``seen`` came before it."""
    evidence = scene.evidence
    name = evidence.names[row]
    path = name.module
    given = scene.only_bad(scene.inputs(""))
    made = [other for other in seen if evidence.names[other].kind != "input"]
    if given and not made:
        return _of_data(scene, given[0])
    if name.kind == "input":
        if not path:
            return Suspect(_as_given(scene, row), "", "given", reason="the model was given it")
        # All that came before is finite: the code around this layer made it.
        return Suspect(row, path.rpartition(".")[0], "made", tuple(made[-1:]))
    return _broken_weight(scene, path) or _maker(scene, row, made)


def _broken_weight(scene: Scene, path: str) -> Suspect | None:
    """The first parameter or buffer of a module, or of those in it, that is not finite."""
    evidence = scene.evidence
    for row in scene.only_bad(scene.execution.state):
        if _is_within(evidence, row, path) and not _is_mask(scene, row):
            reason = _since(evidence, row, scene.piece)
            return Suspect(row, evidence.specs[row].module, "passed_on", reason=reason)
    return None


def _maker(scene: Scene, row: int, made: Sequence[int]) -> Suspect:
    """The module that made an output or a tap; the rows of ``made`` came before, and are finite."""
    evidence, name = scene.evidence, scene.evidence.names[row]
    path = name.module
    inputs = scene.inputs(path, name.call)
    if evidence.is_leaf(path) and name.kind == "output":
        cause: Cause = "made" if inputs or made else "unknown"
        return Suspect(row, path, cause, tuple(inputs or made[-1:]))
    # What the layers in it returned is finite so far: the code of its own forward made it.
    within = [other for other in made if _is_within(evidence, other, path)]
    return Suspect(row, path, "made", tuple(within[-1:] or inputs))


def _is_within(evidence: Evidence, row: int, path: str) -> bool:
    module = evidence.specs[row].module
    return not path or module == path or module.startswith(f"{path}.")


def _is_mask(scene: Scene, row: int) -> bool:
    return bool(scene.masked[row]) and scene.evidence.names[row].kind == "buffer"


def _since(evidence: Evidence, row: int, piece: Piece) -> str:
    """Why a parameter is broken when a step begins: what the recorded step before tells."""
    step = piece.steps[0]
    earlier = [recorded for recorded in evidence.steps if recorded < step]
    if not earlier:
        return "it was so when the first recorded step began"
    before = earlier[-1]
    gradient = evidence.rows.get(evidence.specs[row].key.replace("/param.", "/grad.", 1))
    if gradient is not None and evidence.piece_of(before).non_finite[gradient, 0] > 0:
        return f"its gradient was not finite at step {before}, and the update took that over"
    return f"it was finite at step {before}: an update since then broke it"


def _in_backward(scene: Scene) -> Suspect | None:
    evidence, execution = scene.evidence, scene.execution
    gradients = scene.recorded(execution.backward)
    row = next(iter(scene.only_bad(gradients)), None)
    if row is None:
        return None
    path = evidence.specs[row].module
    before = gradients[: gradients.index(row)]
    targets = [t for t in scene.only_bad(execution.given("targets")) if not scene.masked[t]]
    if targets and not before:
        reason = "the targets are like that before the loss is made of them"
        return Suspect(targets[0], "", "given", reason=reason)
    if evidence.names[row].kind == "grad":
        arrived = [g for g in gradients if evidence.names[g][:2] == (path, "output_grad")]
        cause: Cause = "made" if arrived else "unknown"
        return Suspect(row, path, cause, tuple(scene.inputs(path)))
    finite = {evidence.specs[g].module for g in before if evidence.names[g].kind == "output_grad"}
    if not finite:
        reason = "the gradient of the loss is like that before it reaches the model"
        return Suspect(row, path, "given", reason=reason)
    layer, cause = _taker(scene, row, finite)
    return Suspect(row, layer, cause, tuple(scene.inputs(layer)))


def _taker(scene: Scene, row: int, finite: set[str]) -> tuple[str, Cause]:
    """Whose backward made the gradient of an output: the layer that was given this output.

    It is among those whose own gradient is ``finite``. Where none of them was given it, the code
    around the layers made it; where it is not known what they were given, the next one is named.
    """
    evidence, execution = scene.evidence, scene.execution
    output = evidence.rows.get(execution.output_of(row))
    leaves = [path for path in finite if evidence.is_leaf(path)]
    leaves.sort(key=lambda path: evidence.modules[path].order)
    for path in leaves:
        given = scene.inputs(path)
        if output is not None and any(one == output or scene.alike(one, output) for one in given):
            return path, "made"
    order = evidence.modules[evidence.specs[row].module].order
    after = next((path for path in leaves if evidence.modules[path].order > order), None)
    if after is not None and not scene.inputs(after):
        return after, "unknown"
    return evidence.specs[row].module.rpartition(".")[0], "made"


def _in_data(scene: Scene) -> Suspect | None:
    """The batch, where nothing that came of it was recorded, or is not finite any more."""
    given = [row for row in scene.only_bad(scene.inputs("")) if not scene.masked[row]]
    return _of_data(scene, given[0]) if given else None


def _of_data(scene: Scene, row: int) -> Suspect:
    reason = "the data are like that before they reach the model"
    return Suspect(_as_given(scene, row), "", "given", reason=reason)


def _as_given(scene: Scene, row: int) -> int:
    """The row of what the step was given, where that is what the model was given.

    To the page it came first, and one tensor is to have one name. On its way to the model it may
    have been moved to another device or type: as many of its elements are broken in the same way.
    """
    given = scene.recorded(scene.execution.given("inputs"))
    return next((other for other in given if scene.broken_alike(row, other)), row)
