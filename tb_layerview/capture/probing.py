"""Starts a probe beside the recording of a model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from torch import nn

from tb_layerview.capture.assemble import Assembler
from tb_layerview.capture.notices import Notices
from tb_layerview.capture.output import RunOutput
from tb_layerview.capture.plan import Planner
from tb_layerview.capture.probe import Probe, ProbeSamples
from tb_layerview.capture.processes import SINGLE_PROCESS, this_process
from tb_layerview.capture.recorder import Recorder
from tb_layerview.capture.recording import NOT_RECORDED
from tb_layerview.capture.reduction import Reducer
from tb_layerview.capture.retention import Retention
from tb_layerview.capture.select import Layers
from tb_layerview.capture.staging import Staging
from tb_layerview.log.names import PROBE

PROBE_KINDS: Final = frozenset({"input", "output", "tap"})
"""What is recorded of a probe; the weights are those of the run beside it."""

_PROBE_PART: Final = 4
"""One of so many parts of the room that a run has on the disk."""

_EVERY_SAMPLE: Final = slice(None)


@dataclass(frozen=True)
class Settings:
    """What a recording was told, and a probe beside it shares."""

    model: nn.Module
    layers: Layers
    element_limit: int | None
    byte_limit: int | None
    keep_bytes: int | None
    labels: tuple[str, ...]
    staging: Staging
    notices: Notices
    waits: bool


def start_probe(
    settings: Settings, samples: ProbeSamples, beside: RunOutput
) -> tuple[Probe, RunOutput | None]:
    """A probe, and the log that it is recorded in, under the directory of the run `beside` it.

    Where the disk of the run is bounded, a part of that is the probe's.

    Of several processes all run it, as a sharded model needs them all, and the first records it.

    Raises:
        ArgumentError: the log cannot be written.
    """
    notices, keep_bytes = settings.notices, settings.keep_bytes
    if keep_bytes is not None:
        beside.limit(keep_bytes - keep_bytes // _PROBE_PART)
        keep_bytes //= _PROBE_PART
    if this_process().rank > 0:
        return Probe(settings.model, samples, lambda *_: NOT_RECORDED, notices), None
    assembler = Assembler(
        _EVERY_SAMPLE,
        Retention(settings.element_limit, settings.byte_limit),
        notices,
        labels=settings.labels,
        sample_ids=samples.ids,
    )
    planner = Planner(settings.model, settings.layers, PROBE_KINDS)
    output = RunOutput(
        Path(beside.directory, PROBE),
        type(planner.plan.model).__name__,
        assembler,
        notices,
        SINGLE_PROCESS,
        keep_bytes=keep_bytes,
    )
    limit = settings.element_limit
    recorder = Recorder(
        planner,
        lambda _step: True,
        settings.staging,
        output.worker,
        notices,
        waits=settings.waits,
        reducer=Reducer(limit, _EVERY_SAMPLE),
        of_probe=True,
    )
    return Probe(settings.model, samples, recorder.step, notices), output
