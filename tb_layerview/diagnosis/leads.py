"""What went into an element of an output: the inputs and weights of its unit, largest first."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tb_layerview.diagnosis.evidence import Evidence

_MAX_LEADS: Final = 3
_MAX_PAIRS: Final = 262_144
"""Products that are added up for one element: of a layer with more, the first."""
_MAX_TEXT: Final = 100
"""Letters of an option of a layer: numbers for some axes."""
_CONVOLUTIONS: Final = ("Conv1d", "Conv2d", "Conv3d")
_OPTION: Final = re.compile(r"(\w+)=(\([^)]*\)|[^,()]+)")

Index = tuple[int, ...]
Pair = tuple[Index, Index]
"""The index of an input, and that of the weight that it is multiplied with."""


@dataclass(frozen=True, slots=True)
class Lead:
    """An element that led to another: where it is, and its value."""

    key: str
    index: Index
    value: float


def leads_of(
    evidence: Evidence, row: int, source: int | None, step: int, index: Index
) -> tuple[Lead, ...]:
    """What led to the element ``index`` of an output, out of the tensor ``source``.

    Of a linear layer and a convolution the inputs and the weights of the largest products, in turn;
    of what works element by element the input at the same place; otherwise the largest inputs of
    the sample. Nothing where their elements were not kept.
    """
    spec = evidence.specs[row]
    given = None if source is None else evidence.elements(evidence.specs[source].key, step)
    if source is None or given is None or given.dtype.kind not in "fiu":
        return ()
    key = evidence.specs[source].key
    weight_key = f"{spec.module}/param.weight"
    weights = evidence.elements(weight_key, step) if spec.kind == "output" else None
    if weights is not None and weights.dtype.kind == "f":
        # What a log says of a layer need not be true of its weights.
        told = islice(pairs_of(evidence, spec.module, index, given, weights), _MAX_PAIRS)
        pairs = [
            (place, of_weight)
            for place, of_weight in told
            if _is_within(place, given.shape) and _is_within(of_weight, weights.shape)
        ]
        if pairs:
            return tuple(
                lead
                for place, of_weight in _largest(pairs, given, weights)
                for lead in (
                    Lead(key, place, float(given[place])),
                    Lead(weight_key, of_weight, float(weights[of_weight])),
                )
            )
    if given.shape == evidence.log[spec.key].at(step).shape:
        return (Lead(key, index, float(given[index])),)
    return tuple(_largest_of_sample(evidence, row, source, given, index))


def _is_within(index: Index, shape: Index) -> bool:
    return all(0 <= at < length for at, length in zip(index, shape, strict=True))


def _largest(
    pairs: Sequence[Pair], given: npt.NDArray[Any], weights: npt.NDArray[Any]
) -> list[Pair]:
    """The pairs of the largest products."""
    inputs = np.array([given[place] for place, _ in pairs], np.float64)
    factors = np.array([weights[place] for _, place in pairs], np.float64)
    with np.errstate(all="ignore"):
        sizes = np.nan_to_num(np.abs(inputs * factors), nan=np.inf, posinf=np.inf)
    return [pairs[place] for place in np.argsort(-sizes, kind="stable")[:_MAX_LEADS].tolist()]


def _largest_of_sample(
    evidence: Evidence, row: int, source: int, given: npt.NDArray[Any], index: Index
) -> Iterator[Lead]:
    """The largest inputs, those of the element's own sample where samples are told apart."""
    axes, given_axes = evidence.specs[row].axes, evidence.specs[source].axes
    chosen = np.ones(given.shape, bool)
    if "Sample" in axes and "Sample" in given_axes:
        chosen[:] = False
        axis = given_axes.index("Sample")
        position = min(index[axes.index("Sample")], given.shape[axis] - 1)
        chosen[(*[slice(None)] * axis, position)] = True
    places = np.flatnonzero(chosen)
    sizes = np.abs(given.reshape(-1)[places]).astype(np.float64)
    ranked = np.argsort(-np.nan_to_num(sizes, nan=np.inf), kind="stable")[:_MAX_LEADS]
    for place in places[ranked].tolist():
        at = tuple(int(part) for part in np.unravel_index(place, given.shape))
        yield Lead(evidence.specs[source].key, at, float(given[at]))


def pairs_of(
    evidence: Evidence,
    path: str,
    index: Index,
    given: npt.NDArray[Any],
    weights: npt.NDArray[Any],
) -> Iterator[Pair]:
    """What a linear layer or a convolution adds up for one element of its output."""
    kind = evidence.class_of(path)
    if given.ndim != len(index):
        return
    if kind == "Linear" and weights.ndim == 2:  # noqa: PLR2004  # a matrix
        for feature in range(min(weights.shape[1], given.shape[-1])):
            yield (*index[:-1], feature), (index[-1], feature)
    elif kind in _CONVOLUTIONS and weights.ndim == len(index):
        options = dict(_OPTION.findall(evidence.modules[path].repr))
        yield from _window(options, index, given.shape, weights.shape)


def _window(options: dict[str, str], index: Index, shape: Index, kernel: Index) -> Iterator[Pair]:
    """The window of a convolution (N, C, ...); its padding adds nothing.

    ``options`` are those of its line of ``print(model)``, such as ``{"stride": "(1, 1)"}``.
    """
    axes = len(shape) - 2
    stride, dilation = (_numbers(options.get(name), axes, 1) for name in ("stride", "dilation"))
    padding = _numbers(options.get("padding"), axes, 0)
    if options.get("padding") == "same":
        padding = tuple(d * (k - 1) // 2 for d, k in zip(dilation, kernel[2:], strict=True))
    groups = max(1, _numbers(options.get("groups"), 1, 1)[0])
    first_channel = index[1] // max(1, kernel[0] // groups) * kernel[1]
    for channel in range(kernel[1]):
        for offset in product(*(range(length) for length in kernel[2:])):
            place = tuple(
                out * step - pad + apart * at
                for out, step, pad, apart, at in zip(
                    index[2:], stride, padding, dilation, offset, strict=True
                )
            )
            if all(0 <= at < length for at, length in zip(place, shape[2:], strict=True)):
                yield (index[0], first_channel + channel, *place), (index[1], channel, *offset)


def _numbers(text: str | None, count: int, default: int) -> Index:
    """``(1, 1)`` or ``1`` of a module's line, as so many numbers."""
    try:
        value = ast.literal_eval(text.strip()) if text and len(text) <= _MAX_TEXT else default
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        value = default
    numbers = tuple(value) if isinstance(value, tuple) else (value,) * count
    are_whole = len(numbers) == count and all(isinstance(number, int) for number in numbers)
    return numbers if are_whole else (default,) * count
