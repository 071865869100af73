"""What a `LayerView` tells about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tb_layerview.capture.retention import PYRAMID
from tb_layerview.capture.rows import Reduction
from tb_layerview.capture.worker import WorkerCounts
from tb_layerview.log.thinned import Usage

_MILLISECONDS: Final = 1e3
_MEGABYTES: Final = 1e-6

_NAMED_IN_REPORT: Final = 20
_NAMED_IN_LINE: Final = 3
"""Reduced tensors that are named before the others are counted; they are the largest."""


@dataclass
class TrainingCosts:
    """What the recording cost on the training thread so far.

    ``frame_bytes`` is the staging memory of the last step that was captured.
    """

    captured: int = 0
    skipped: int = 0
    seconds: float = 0.0
    frame_bytes: int = 0


@dataclass(frozen=True)
class Costs:
    """What a step costs: bytes in memory and on disk, milliseconds of each thread; means."""

    memory_megabytes: float
    disk_megabytes: float
    training_milliseconds: float
    worker_milliseconds: float


def costs_of(training: TrainingCosts, worker: WorkerCounts) -> Costs:
    """The means over the steps so far; the memory is that of the last one."""
    return Costs(
        memory_megabytes=training.frame_bytes * _MEGABYTES,
        disk_megabytes=_mean(worker.written_bytes, worker.recorded) * _MEGABYTES,
        training_milliseconds=_mean(training.seconds, training.captured) * _MILLISECONDS,
        worker_milliseconds=_mean(worker.seconds, worker.recorded + worker.failed) * _MILLISECONDS,
    )


def report_text(
    layers: int,
    training: TrainingCosts,
    worker: WorkerCounts,
    notices: Mapping[str, int],
    usage: Usage | None = None,
) -> str:
    """Lines of text: what is recorded, its cost, what was reduced, and what failed how often."""
    costs = costs_of(training, worker)
    lines = [
        f"layers: {layers}, tensors: {worker.tensors}",
        _steps_text(training, worker),
        f"memory of a step: {costs.memory_megabytes:.1f} MB",
        f"disk of a step: {costs.disk_megabytes:.1f} MB",
        f"training thread: {costs.training_milliseconds:.2f} ms a step",
        f"worker: {costs.worker_milliseconds:.2f} ms a step",
    ]
    if usage is not None:
        lines.append(_usage_text(usage))
    if worker.reductions:
        lines.append(f"reduced: {_in_all(worker.reductions)}")
        lines += [f"  {text}" for text in _named(worker.reductions, _NAMED_IN_REPORT)]
    if notices:
        lines.append("problems:")
        lines += [f"  {count} x {sentence}" for sentence, count in notices.items()]
    return "\n".join(lines)


def first_step_text(
    layers: int,
    training: TrainingCosts,
    worker: WorkerCounts,
    notices: Mapping[str, int],
    *,
    of_probe: bool = False,
) -> str:
    """One line about the first recorded step, which tells what the others will cost."""
    costs = costs_of(training, worker)
    threads = (
        f"{costs.training_milliseconds:.2f} ms of the training and "
        f"{costs.worker_milliseconds:.2f} ms of the worker"
    )
    space = f"{costs.memory_megabytes:.1f} MB of memory, {costs.disk_megabytes:.1f} MB of disk"
    what = f"Recording {worker.tensors} tensors of {layers} layers"
    what += " for the probe" if of_probe else ""
    parts = [f"{what}: a step takes {space}, {threads}"]
    if worker.reductions:
        named = ", ".join(_named(worker.reductions, _NAMED_IN_LINE))
        parts.append(f"reduced are {_in_all(worker.reductions)}: {named}")
    if notices:
        parts.append("left out or failed: " + " | ".join(notices))
    return "; ".join(parts)


def _steps_text(training: TrainingCosts, worker: WorkerCounts) -> str:
    skipped = training.skipped + worker.failed
    waiting = training.captured - worker.recorded - worker.failed
    text = f"steps: {worker.recorded} recorded, {skipped} skipped"
    return f"{text}, {waiting} to be written" if waiting > 0 else text


def _usage_text(usage: Usage) -> str:
    room = f"{_megabytes(usage.nbytes)} of at most {_megabytes(usage.limit)} on disk"
    return f"kept: {usage.whole} of {usage.recorded} steps, {room}"


def _in_all(reductions: Sequence[Reduction]) -> str:
    whole = sum(reduction.element_bytes for reduction in reductions)
    kept = sum(reduction.kept_bytes for reduction in reductions)
    count = f"{len(reductions)} tensor{'s' if len(reductions) > 1 else ''}"
    return f"{count}, from {_megabytes(whole)} to {_megabytes(kept)} a step"


def _named(reductions: Sequence[Reduction], most: int) -> list[str]:
    texts = [_reduction_text(reduction) for reduction in reductions[:most]]
    others = len(reductions) - most
    return [*texts, f"and {others} more"] if others > 0 else texts


def _reduction_text(reduction: Reduction) -> str:
    whole = _megabytes(reduction.element_bytes)
    if reduction.stored == PYRAMID:
        return f"{reduction.key} ({whole} as a pyramid of {_megabytes(reduction.kept_bytes)})"
    return f"{reduction.key} ({whole} as statistics)"


def _megabytes(nbytes: int) -> str:
    return f"{nbytes * _MEGABYTES:.1f} MB"


def _mean(total: float, count: int) -> float:
    return total / count if count else 0.0
