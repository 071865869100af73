"""The end of a backward, when gradients have been averaged over the processes of a training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import torch
from torch.autograd import Variable

from tb_layerview.capture.processes import this_process

_ENGINE: Final[Any] = Variable._execution_engine  # noqa: SLF001 - PyTorch's own wrappers use it


def is_averaged_later(parameter: torch.Tensor) -> bool:
    """Whether the gradient that backward accumulated may yet be averaged over processes.

    `DistributedDataParallel` does so once all gradients of a bucket are there, and writes the
    averages when backward ends. A sharded parameter (FSDP2) gets an averaged gradient at once.
    """
    return type(parameter) is torch.nn.Parameter and this_process().world_size > 1


def after_backward(call: Callable[[], None]) -> None:
    """Call `call` when the backward that is running in this thread has ended.

    Raises:
        RuntimeError: none is.
    """

    # What is asked for while backward runs is called in order, and `DistributedDataParallel` asks
    # late: to ask again at the end comes behind it.
    def ended() -> None:
        _ENGINE.queue_callback(call)

    _ENGINE.queue_callback(ended)
