"""What a model answered to each sample of a batch, and whether that was what it should."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Numbers = npt.NDArray[np.float64]

Task = Literal["classes", "labels", "places", "numbers", "unknown"]
"""What targets and predictions are: one of several ``classes``, several ``labels`` at once, a class
for each of many ``places`` (pixels, tokens), or ``numbers``."""

_LIKELY: Final = 0.5
"""From this share on, a label is answered."""

_NO_CLASS: Final = -1
"""The answer of a place whose scores are NaN: it is wrong, whatever the largest of them is."""

MAX_LABELS: Final = 262_144
"""Of more labels that hold in a step it is not told which they are: each takes memory."""

_SUM_TOLERANCE: Final = 1e-2
"""What rounding, in float16 too, may put between a sum of shares and 1."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one sample; None is what is not known.

    ``target`` and ``answer`` are classes: one, or all labels that hold. ``confidence`` is the
    share, 0 to 1, that the model gave to its answer, and ``of_target`` what it gave to the target.
    ``error`` is how wrong the answer is: of ``labels`` how many differ, of ``places`` the share of
    those that are wrong, of ``numbers`` the root mean square of the difference.
    """

    target: tuple[int, ...] | None = None
    answer: tuple[int, ...] | None = None
    confidence: float | None = None
    of_target: float | None = None
    right: bool | None = None
    error: float | None = None


Judged = tuple[Task, list[Verdict]]
_UNKNOWN: Final = Verdict()


def judge(targets: Array | None, predictions: Array | None) -> Judged:
    """The verdict of each sample, the first axis of both arrays.

    | targets | predictions | are |
    | --- | --- | --- |
    | whole ``[N]`` | ``[N, C]`` scores, or whole ``[N]`` | classes |
    | 0 or 1 ``[N]`` | ``[N]`` scores | two classes |
    | ``[N, C]``, rows that sum to 1 | ``[N, C]`` | classes |
    | 0 or 1 ``[N, C]`` | ``[N, C]`` | labels |
    | whole ``[N, ...]`` | ``[N, C, ...]``, or ``[N, ..., C]`` | places |
    | 0 or 1 ``[N, ...]`` | ``[N, ...]`` | places of two classes |
    | any other ``[N, ...]`` | ``[N, ...]`` | numbers |

    Axes of length 1 do not count. Scores between 0 and 1 are shares as they are; of others, of
    several classes the softmax is taken, of two the sigmoid.
    """
    t, p = _usable(targets), _usable(predictions)
    if p is None:
        return _without_predictions(t)
    if t is None or len(t) != len(p):
        return _without_targets(p)
    if t.ndim == 1 and p.ndim == 2 and _is_whole(t):  # noqa: PLR2004  # samples by classes
        return "classes", _of_classes(t, p)
    if t.shape == p.shape:
        return _of_one_shape(t, p)
    if _is_whole(t) and p.ndim == t.ndim + 1 and t.ndim > 1:
        axis = 1 if p.shape[:1] + p.shape[2:] == t.shape else -1
        if axis == 1 or p.shape[:-1] == t.shape:
            answers = np.where(np.isnan(p).any(axis=axis), _NO_CLASS, p.argmax(axis=axis))
            return "places", _of_places(t, answers, p.shape[axis])
    return "unknown", [_UNKNOWN] * len(p)


def _usable(array: Array | None) -> Array | None:
    """Numbers by sample, without axes of length 1; None where there are none."""
    if array is None or array.ndim == 0 or not array.size or array.dtype.kind not in "fiub":
        return None
    return array.reshape(len(array), *(length for length in array.shape[1:] if length != 1))


def _without_predictions(t: Array | None) -> Judged:
    if t is None:
        return "unknown", []
    if t.ndim == 1 and t.dtype.kind in "iub":
        return "classes", [Verdict(target=(int(value),)) for value in t]
    return "unknown", [_UNKNOWN] * len(t)


def _without_targets(p: Array) -> Judged:
    """Numbers that sum to 1 are the shares of classes; of others nobody knows."""
    if p.ndim == 2 and _sum_to_one(p):  # noqa: PLR2004  # samples by classes
        return "classes", _of_classes(np.full(len(p), -1), p)
    return "unknown", [_UNKNOWN] * len(p)


def _of_one_shape(t: Array, p: Array) -> Judged:
    if t.ndim == 1:
        return _of_rows(t, p)
    is_binary = bool(np.isin(t, (0, 1)).all())
    is_table = t.ndim == 2  # noqa: PLR2004  # samples by classes
    if is_table and _sum_to_one(t):
        return "classes", _of_classes(t.argmax(axis=1), p)
    if is_table and is_binary:
        return "labels", _of_labels(t, p)
    if is_binary and p.dtype.kind == "f":
        answers = np.where(np.isnan(p), _NO_CLASS, _shares_of_one(p) >= _LIKELY)
        return "places", _of_places(t, answers, 2)
    if t.dtype.kind in "iub" and p.dtype.kind in "iub":
        return "places", _of_places(t, p, None)
    return "numbers", _of_numbers(t, p)


def _of_rows(t: Array, p: Array) -> Judged:
    """Of one number for each sample."""
    if p.dtype.kind == "f":
        if not np.isin(t, (0, 1)).all():
            return "numbers", _of_numbers(t, p)
        ones = _shares_of_one(p)
        return "classes", _of_classes(t, np.stack([1 - ones, ones], axis=1))
    if t.dtype.kind == "f":
        return "numbers", _of_numbers(t, p)
    return "classes", [_of_class(int(a), int(b)) for a, b in zip(t, p, strict=True)]


def _of_classes(t: Array, scores: Array) -> list[Verdict]:
    shares = _shares(scores.astype(np.float64))
    found = []
    for target, row, share in zip(t, scores, shares, strict=True):
        known = 0 <= target < len(row)
        told = (int(target),) if known else None
        if np.isnan(row).any():
            found.append(Verdict(target=told))
            continue
        answer = int(row.argmax())
        found.append(
            Verdict(
                target=told,
                answer=(answer,),
                confidence=_finite(share[answer]),
                of_target=_finite(share[int(target)]) if known else None,
                right=answer == int(target) if known else None,
            )
        )
    return found


def _of_class(target: int, answer: int) -> Verdict:
    return Verdict(target=(target,), answer=(answer,), right=target == answer)


def _of_labels(t: Array, p: Array) -> list[Verdict]:
    shares = _shares_of_one(p)
    targets, answers = t.astype(bool), shares >= _LIKELY
    are_told = np.count_nonzero(targets) + np.count_nonzero(answers) <= MAX_LABELS
    found = []
    for target, answer, share in zip(targets, answers, shares, strict=True):
        told = tuple(np.flatnonzero(target).tolist()) if are_told else None
        if np.isnan(share).any():
            found.append(Verdict(target=told))
            continue
        wrong = int(np.count_nonzero(answer != target))
        found.append(
            Verdict(
                target=told,
                answer=tuple(np.flatnonzero(answer).tolist()) if are_told else None,
                # As sure as of the label of which it is the least sure.
                confidence=_finite(np.where(answer, share, 1 - share).min()),
                of_target=_finite(np.where(target, share, 1 - share).min()),
                right=wrong == 0,
                error=float(wrong),
            )
        )
    return found


def _of_places(t: Array, answers: Array, classes: int | None) -> list[Verdict]:
    """What is no class (PyTorch's ``ignore_index``, say) is not counted."""
    found = []
    for target, answer in zip(t, answers, strict=True):
        counted = target >= 0 if classes is None else (target >= 0) & (target < classes)
        places = int(np.count_nonzero(counted))
        wrong = int(np.count_nonzero((target != answer) & counted))
        found.append(Verdict(error=wrong / places if places else None))
    return found


def _of_numbers(t: Array, p: Array) -> list[Verdict]:
    with np.errstate(all="ignore"):
        apart = (p.astype(np.float64) - t.astype(np.float64)).reshape(len(t), -1)
        errors = np.sqrt(np.square(apart).mean(axis=1))
    return [Verdict(error=_finite(error)) for error in errors]


def _shares(scores: Numbers) -> Numbers:
    if _within_one(scores):
        return scores
    with np.errstate(all="ignore"):
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares: Numbers = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _shares_of_one(scores: Array) -> Numbers:
    """Of each number: how likely what it stands for is."""
    numbers: Numbers = scores.astype(np.float64)
    if _within_one(numbers):
        return numbers
    with np.errstate(over="ignore"):
        shares: Numbers = 1 / (1 + np.exp(-numbers))
    return shares


def _within_one(numbers: Array) -> bool:
    finite = numbers[~np.isnan(numbers)]
    return bool(((finite >= 0) & (finite <= 1)).all())


def _sum_to_one(rows: Array) -> bool:
    finite = rows[np.isfinite(rows).all(axis=1)].astype(np.float64)
    sums = finite.sum(axis=1)
    return bool(len(finite) and (finite >= 0).all() and (abs(sums - 1) <= _SUM_TOLERANCE).all())


def _is_whole(array: Array) -> bool:
    return array.dtype.kind in "iub" or bool((array == np.round(array)).all())


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
