"""Which of the processes of a distributed training this one is."""

from __future__ import annotations

from typing import Final, NamedTuple

import torch.distributed


class Process(NamedTuple):
    """``rank`` of ``world_size`` processes; 0 of 1 where there are no others."""

    rank: int = 0
    world_size: int = 1


SINGLE_PROCESS: Final = Process()
"""One that has no others beside it."""


def this_process() -> Process:
    """As the default process group of `torch.distributed` has it; asks no other process."""
    if not torch.distributed.is_available() or not torch.distributed.is_initialized():
        return SINGLE_PROCESS
    return Process(torch.distributed.get_rank(), torch.distributed.get_world_size())
