"""The log with what it says went wrong: what ``tb_layerview.open`` answers."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from tb_layerview.diagnosis.apart import Parting, partings
from tb_layerview.diagnosis.contributions import MOST_FEATURES, Contributions, contributions_of
from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.diagnosis.finding import Finding
from tb_layerview.diagnosis.origin import Origin, origin_of
from tb_layerview.diagnosis.rules import Diagnosis
from tb_layerview.diagnosis.verdicts import StepVerdicts, verdicts_at
from tb_layerview.errors import LayerViewError, NotFoundError
from tb_layerview.log.reader import LogReader
from tb_layerview.log.segment import SUBDIRECTORY
from tb_layerview.log.timeline import expected_step, told_steps

_RUNS_NAMED: Final = 5
"""Runs that are named to who asks for the directory that they are in."""


class Log(LogReader):
    """A run's log that can be asked for its faults, and for what tells samples apart."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self._findings: tuple[object, list[Finding]] | None = None
        self._diagnosis: Diagnosis | None = None
        self._diagnosing = threading.Lock()
        super().__init__(directory)

    def __repr__(self) -> str:
        """As ``<Log runs/exp1: 40 tensors, 3 steps from 0 to 10>``."""
        return f"<Log {self.directory}: {len(self.keys())} tensors, {told_steps(self.steps)}>"

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def findings(self) -> list[Finding]:
        """What the rules of ``docs/diagnosis.md`` find, the gravest first.

        Computed from what was recorded: statistics of all steps, elements of some. The
        statistics of a step are read once: later calls take in the steps that came since.
        """
        with self._diagnosing:
            state = (self.generation, tuple(self.steps[-1:]), len(self.steps))
            if self._findings is None or self._findings[0] != state:
                if self._diagnosis is None or not self._diagnosis.refresh():
                    self._diagnosis = Diagnosis(self)
                try:
                    self._findings = state, self._diagnosis.findings()
                except LayerViewError:
                    # It has seen a part of what is new, and would count that twice.
                    self._diagnosis = None
                    raise
            return list(self._findings[1])

    def origin(self, step: int) -> Origin | None:
        """The first tensor of a step that is not finite, and what led to it.

        None where everything is finite that should be.

        Raises:
            NotFoundError: nothing was recorded at this step.
        """
        return origin_of(self._evidence_at(step), step)

    def apart(self, step: int, a: int, b: int) -> list[Parting]:
        """How far two samples part in each output and tap of a step; the farthest first.

        ``a`` and ``b`` are positions in the batch.

        Raises:
            NotFoundError: nothing was recorded at this step, or a sample was not kept.
        """
        return partings(self._evidence_at(step), step, a, b)

    def contributions(
        self,
        step: int,
        sample: int,
        *,
        right: int | None = None,
        most: int = MOST_FEATURES,
        weights: Log | None = None,
    ) -> Contributions:
        """Which inputs times weights carried the class that was chosen, and which the right one.

        Of the last linear layer, for the sample at this position in the batch. ``right`` is the
        right class; without it, the target that was given to the step. ``most`` features are
        answered. ``weights`` is the log that has the weights: of a probe, that of its run.

        Raises:
            NotFoundError: nothing was recorded at this step, the sample was not kept, or the
                output, weight or input of such a layer is not known; the message says which.
            ArgumentError: there is no such class.
        """
        evidence = self._evidence_at(step)
        beside = evidence if weights is None else weights._evidence_at(step)  # noqa: SLF001  # same class
        return contributions_of(evidence, beside, step, sample, right=right, most=most)

    def verdicts(self, steps: Sequence[int] | None = None) -> list[StepVerdicts]:
        """What was answered to each kept sample at these steps, all recorded ones without them.

        From the targets and predictions that the steps were given.

        Raises:
            NotFoundError: nothing was recorded at one of them.
        """
        self.check_recorded(steps or ())
        return list(verdicts_at(self, self.steps if steps is None else steps))

    def check_recorded(self, steps: Sequence[int]) -> None:
        """Whether something was recorded at each of these steps.

        Raises:
            NotFoundError: nothing was at one of them.
        """
        recorded = self.steps
        known = set(recorded)
        for step in steps:
            if step not in known:
                raise NotFoundError("step", expected_step(recorded, step), step)

    def _evidence_at(self, step: int) -> Evidence:
        self.check_recorded([step])
        return Evidence(self)


def open_log(directory: str | os.PathLike[str]) -> Log:
    """The log of the run in ``directory``, as ``tb_layerview.open``.

    Raises:
        NotFoundError: there is no such directory, or nothing was recorded in it.
    """
    if not (Path(directory) / SUBDIRECTORY).is_dir():
        runs = _runs_below(Path(directory))
        named = f" (there are {', '.join(runs)})" if runs else ""
        raise NotFoundError("directory", f"a run with layer data{named}", str(directory))
    return Log(directory)


def _runs_below(directory: Path) -> list[str]:
    """The first runs in ``directory``, for who names the directory that holds them."""
    found = (path for depth in ("*", "*/*") for path in directory.glob(f"{depth}/{SUBDIRECTORY}"))
    return sorted(
        str(Path(*path.parts[: -len(SUBDIRECTORY.parts)])) for path in islice(found, _RUNS_NAMED)
    )
