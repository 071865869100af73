"""What the training thread hands over to the worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from tb_layerview.capture.batches import counted_axis
from tb_layerview.capture.device_updates import UpdateSums
from tb_layerview.capture.reduction import Reducer
from tb_layerview.capture.shards import Shard
from tb_layerview.capture.staged import Staged
from tb_layerview.capture.staging import Lease
from tb_layerview.capture.structure import Place, Structure


class Spot(NamedTuple):
    """Where a tensor stands: the place of its module, its name there, and the call it is of."""

    place: Place
    name: str
    call: int = 0


class Captured(NamedTuple):
    """One tensor of a step, copied whole.

    ``batch`` is how many samples the batch had by then, as far as was known. ``shard`` is where it
    stands, if it is this process's part of a larger tensor.
    """

    place: Place
    kind: str
    name: str
    call: int
    staged: Staged
    batch: int | None
    shard: Shard | None = None

    @property
    def sample_axis(self) -> int | None:
        """The axis that counts the samples of the batch; None where none does."""
        if self.staged.reduction is not None:
            return self.staged.reduction.sample_axis
        # Samples that other processes have cannot be counted here: a shard is kept whole.
        if self.shard is not None:
            return None
        shape = self.staged.elements.shape
        return counted_axis(self.place, self.kind, self.name, shape, self.batch)


@dataclass
class CapturedStep:
    """All that was captured in one step.

    ``fired`` are the paths of the hooked modules in the order in which they returned;
    ``samples`` the longest batch seen, in whose positions the kept samples are counted.
    ``update_rms`` is the root mean square of the change of parameters, by the ``id`` of their copy;
    ``update_sums`` what tells it of those on accelerators.
    ``mark`` says what the flight recorder saw go wrong in it.
    ``training_seconds`` is the time that the step cost on the training thread.
    ``reducer`` reduces large tensors where they are; without it all are copied whole.
    """

    step: int
    wall_time: float
    structure: Structure
    lease: Lease
    reducer: Reducer | None = None
    tensors: list[Captured] = field(default_factory=list)
    fired: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    batch: int | None = None
    update_rms: dict[int, float] = field(default_factory=dict)
    update_sums: list[UpdateSums] = field(default_factory=list)
    skipped: int = 0
    mark: str | None = None
    training_seconds: float = 0.0

    def tripped(self, reason: str) -> None:
        """Mark the step as one in which something went wrong."""
        self.mark = reason
