"""Which inputs times weights of the last linear layer carried one class, and which another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.apart import place_of
from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.diagnosis.execution import Execution
from tb_layerview.errors import ArgumentError, NotFoundError

Matrix = npt.NDArray[np.float64]

MOST_FEATURES: Final = 20
"""Features that are answered, if nothing else is asked for."""

_LINEAR: Final = "Linear"
_MATRIX_AXES: Final = 2
_SMALLEST: Final = 1e-6
"""A largest logit below this is taken for it."""

_TOLERANCE: Final = 1e-2
"""Of the largest logit: what rounding, in float16 too, may put between a sum here and one there."""


@dataclass(frozen=True, slots=True)
class Feature:
    """An input of the layer, its weights, and what it adds to the logits of both classes."""

    index: int
    value: float
    chosen_weight: float
    right_weight: float
    to_chosen: float
    to_right: float


@dataclass(frozen=True, slots=True)
class Contributions:
    """What made a linear layer prefer one class to another for a sample.

    The logit of a class is the sum of what all features add to it, and its bias. ``features`` are
    those that tell the classes apart most: by the magnitude of ``to_chosen - to_right``, the
    largest first. ``source`` is the tensor that they are the elements of; ``map_key`` an output
    before it whose maps they are made of, with ``map_shape``, the axes of one sample of it that a
    feature is an element of: a feature is an element of that, or the mean of a map where the shape
    is that of the channels alone. None where there is no such output.

    ``classes`` is how many the layer tells apart.
    """

    layer: str
    source: str
    chosen: int
    right: int
    chosen_logit: float
    right_logit: float
    chosen_bias: float
    right_bias: float
    features: tuple[Feature, ...]
    classes: int
    map_key: str | None = None
    map_shape: tuple[int, ...] = ()


def contributions_of(
    evidence: Evidence,
    weights: Evidence,
    step: int,
    sample: int,
    *,
    right: int | None = None,
    most: int,
) -> Contributions:
    """What carried the class that the last linear layer prefers, and what the right one.

    Args:
        evidence: the log with the outputs.
        weights: the log with the weights: the same, or of a probe that of the run beside it.
        step: a recorded step.
        sample: the position in the batch of a kept sample.
        right: the right class; without it, the target that was given to the step.
        most: how many features are answered.

    Raises:
        NotFoundError: the sample was not kept, or there is no such layer whose output, weight and
            input are known; the message says which is missing.
        ArgumentError: there is no such class.
    """
    place = place_of(evidence, sample)
    execution = Execution(evidence)
    layer, logits = _last_linear(evidence, execution, step)
    weight, bias = _parameters(weights, layer, step)
    made = _Made(layer, weight, bias, logits)
    source, inputs = _inputs(evidence, execution, step, made)
    map_key, map_shape = _maps_of(evidence, execution, step, layer, inputs)
    if right is None:
        right = _target(evidence, step, place)
    if not 0 <= right < len(weight):
        raise ArgumentError("right", f"a class from 0 to {len(weight) - 1}", right)
    if place >= len(inputs):
        raise NotFoundError(f"rows of {source} at step {step}", f"more than {place}", len(inputs))
    values = inputs[place]
    if not (np.isfinite(values).all() and np.isfinite(logits[place]).all()):
        raise NotFoundError(
            f"inputs of {layer} at step {step}", "finite numbers", "NaN or infinity"
        )
    chosen = int(np.argmax(logits[place]))
    with np.errstate(all="ignore"):
        to_chosen, to_right = values * weight[chosen], values * weight[right]
        apart = np.abs(to_chosen - to_right)
        logits_of_both = to_chosen.sum() + bias[chosen], to_right.sum() + bias[right]
    if not np.isfinite([*apart, *logits_of_both, bias[chosen], bias[right]]).all():
        what = f"what {layer} adds up for the classes {chosen} and {right} at step {step}"
        raise NotFoundError(what, "finite numbers", "NaN or infinity")
    ranked = np.argsort(-apart, kind="stable")[:most].tolist()
    return Contributions(
        layer=layer,
        source=source,
        chosen=chosen,
        right=right,
        chosen_logit=float(logits_of_both[0]),
        right_logit=float(logits_of_both[1]),
        chosen_bias=float(bias[chosen]),
        right_bias=float(bias[right]),
        features=tuple(
            Feature(
                index=i,
                value=float(values[i]),
                chosen_weight=float(weight[chosen, i]),
                right_weight=float(weight[right, i]),
                to_chosen=float(to_chosen[i]),
                to_right=float(to_right[i]),
            )
            for i in ranked
        ),
        classes=len(weight),
        map_key=map_key,
        map_shape=map_shape,
    )


def _last_linear(evidence: Evidence, execution: Execution, step: int) -> tuple[str, Matrix]:
    """The last linear layer that answers one row a sample, and what it answered."""
    for row in reversed(execution.forward):
        spec = evidence.specs[row]
        if evidence.names[row].kind != "output" or evidence.class_of(spec.module) != _LINEAR:
            continue
        logits = _rows_of_samples(evidence, row, step)
        if logits is not None:
            return spec.module, logits
    expected = "the output of a Linear layer with one row of elements a sample, kept whole"
    raise NotFoundError(f"last linear layer at step {step}", expected, "none")


def _parameters(weights: Evidence, layer: str, step: int) -> tuple[Matrix, Matrix]:
    weight = weights.elements(f"{layer}/param.weight", step)
    if weight is None or weight.ndim != _MATRIX_AXES:
        expected = "kept whole at this step (record the kind param)"
        raise NotFoundError(f"{layer}/param.weight at step {step}", expected, "none")
    bias = weights.elements(f"{layer}/param.bias", step)
    if bias is None:
        bias = np.zeros(len(weight))
    if not {weight.dtype.kind, bias.dtype.kind} <= set("fiub") or bias.shape != weight.shape[:1]:
        raise NotFoundError(
            f"weight and bias of {layer} at step {step}",
            "real numbers, a bias for each row",
            f"{weight.dtype} {weight.shape} and {bias.dtype} {bias.shape}",
        )
    return weight.astype(np.float64), bias.astype(np.float64)


class _Made(NamedTuple):
    """What a linear layer made with its weights of what it was given."""

    layer: str
    weight: Matrix
    bias: Matrix
    logits: Matrix

    def is_of(self, values: Matrix) -> bool:
        """Whether its weights make of these values what it answered."""
        rows, columns = self.weight.shape
        if values.shape != (len(self.logits), columns) or self.logits.shape[1] != rows:
            return False
        with np.errstate(all="ignore"):
            apart = np.abs(values @ self.weight.T + self.bias - self.logits)
        limit = _TOLERANCE * np.nanmax(np.abs(self.logits), initial=_SMALLEST)
        return bool(np.nanmax(apart, initial=0.0) <= limit)


def _inputs(evidence: Evidence, execution: Execution, step: int, made: _Made) -> tuple[str, Matrix]:
    """What the layer was given: as it was recorded, or an output before it that it is true of."""
    own = execution.forward.index(evidence.rows[f"{made.layer}/output"])
    for row in [*execution.inputs(made.layer), *reversed(execution.forward[:own])]:
        values = _rows_of_samples(evidence, row, step)
        if values is not None and made.is_of(values):
            return evidence.specs[row].key, values
    expected = f"recorded at step {step} (record the kind input)"
    raise NotFoundError(f"what {made.layer} was given", expected, "none")


def _maps_of(
    evidence: Evidence, execution: Execution, step: int, layer: str, inputs: Matrix
) -> tuple[str | None, tuple[int, ...]]:
    """The last output with maps whose elements, or whose means over each map, are the inputs."""
    own = execution.forward.index(evidence.rows[f"{layer}/output"])
    before = execution.forward[:own][::-1]
    # What a layer was given is the output of another, and a container answers what the last layer
    # in it does: the name of that tells more.
    before.sort(
        key=lambda row: (
            evidence.names[row].kind != "output",
            not evidence.is_leaf(evidence.specs[row].module),
        )
    )
    for row in before:
        spec = evidence.specs[row]
        if spec.axes[:1] != ("Sample",) or len(spec.axes) <= _MATRIX_AXES:
            continue
        found: npt.NDArray[Any] | None = evidence.elements(spec.key, step)
        if found is None or found.dtype.kind != "f" or len(found) != len(inputs):
            continue
        maps = found.reshape(*found.shape[:2], -1).astype(np.float64)
        if maps.shape[2] == 1:
            # What is pooled to one element is no map any more: that comes before it.
            continue
        flat = maps.reshape(len(maps), -1)
        if flat.shape == inputs.shape and np.array_equal(flat, inputs):
            return spec.key, tuple(found.shape[1:])
        if maps.shape[:2] == inputs.shape and _is_near(maps.mean(axis=2), inputs):
            return spec.key, tuple(found.shape[1:2])
    return None, ()


def _is_near(a: Matrix, b: Matrix) -> bool:
    """Whether two sums of the same may only be rounded differently."""
    with np.errstate(invalid="ignore"):
        limit = _TOLERANCE * np.nanmax(np.abs(b), initial=_SMALLEST)
        return bool(np.nanmax(np.abs(a - b), initial=0.0) <= limit)


def _rows_of_samples(evidence: Evidence, row: int, step: int) -> Matrix | None:
    """``[samples, elements]`` of a tensor that has one row a sample; None of any other."""
    spec = evidence.specs[row]
    if spec.axes[:1] != ("Sample",) or len(spec.axes) != _MATRIX_AXES:
        return None
    found: npt.NDArray[Any] | None = evidence.elements(spec.key, step)
    usable = found is not None and found.dtype.kind == "f" and found.ndim == _MATRIX_AXES
    return found.astype(np.float64) if found is not None and usable else None


def _target(evidence: Evidence, step: int, place: int) -> int:
    """The class that the step was told for a sample."""
    targets = evidence.elements("/sample.targets", step)
    usable = targets is not None and targets.ndim == 1 and targets.dtype.kind in "iu"
    if targets is None or not usable or place >= len(targets):
        expected = "the number of a class for each sample (give targets= to the step), or right="
        raise NotFoundError(f"targets at step {step}", expected, "none")
    return int(targets[place])
