"""What a `LayerView` tells about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tb_layerview.capture.worker import WorkerCounts

_MILLISECONDS: Final = 1e3
_MEGABYTES: Final = 1e-6


@dataclass
class TrainingCosts:
    """What the recording cost on the training thread so far.

    ``frame_bytes`` is the staging memory of the last step that was captured.
    """

    captured: int = 0
    skipped: int = 0
    seconds: float = 0.0
    frame_bytes: int = 0


def report_text(
    layers: int, training: TrainingCosts, worker: WorkerCounts, notices: Mapping[str, int]
) -> str:
    """Lines of text: what is recorded, its cost, and what could not be recorded how often."""
    written = _mean(worker.written_bytes, worker.recorded)
    stopped = _mean(training.seconds, training.captured)
    worked = _mean(worker.seconds, worker.recorded + worker.failed)
    lines = [
        f"layers: {layers}, tensors: {worker.tensors}",
        f"steps: {worker.recorded} recorded, {training.skipped + worker.failed} skipped",
        f"memory of a step: {training.frame_bytes * _MEGABYTES:.1f} MB",
        f"disk of a step: {written * _MEGABYTES:.1f} MB",
        f"training thread: {stopped * _MILLISECONDS:.2f} ms a step",
        f"worker: {worked * _MILLISECONDS:.2f} ms a step",
    ]
    if notices:
        lines.append("problems:")
        lines += [f"  {count} x {sentence}" for sentence, count in notices.items()]
    return "\n".join(lines)


def _mean(total: float, count: int) -> float:
    return total / count if count else 0.0
