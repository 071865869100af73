"""A process that imports PyTorch once, and forks a process that records for each line it is given.

``python -m tests.soak.recording``; a line is JSON of `Order`. What a recording process acknowledges
goes through the same pipe: the number of each step, once `flush` has returned.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from io import FileIO
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

SIZE: Final = 150
"""Rows and columns of the weight: a frame takes 270 kB."""


class Order(NamedTuple):
    """Record from ``first`` on into ``run``, until killed.

    ``piece`` is how many bytes a write takes at most, so that there is much to be torn.
    """

    run: str
    seed: int
    first: int
    keep_gigabytes: float | None
    piece: int


def weight_of(seed: int, step: int) -> npt.NDArray[np.float32]:
    """The weight of a step; whoever knows the seed can tell what must have been recorded."""
    return np.random.default_rng([seed, step, 0]).standard_normal((SIZE, SIZE), np.float32)


def inputs_of(seed: int, step: int) -> npt.NDArray[np.float32]:
    """The inputs, which the first layer passes on."""
    return np.random.default_rng([seed, step, 1]).standard_normal((4, SIZE), np.float32)


def record(order: Order) -> None:
    """Record one step after the other, and acknowledge what was flushed."""
    import torch  # noqa: PLC0415  # the parent of all recording processes has imported it

    from tb_layerview import LayerView  # noqa: PLC0415
    from tb_layerview.log import record_file  # noqa: PLC0415

    def write_some(file: FileIO, block: memoryview) -> int:
        return file.write(block[: order.piece])

    record_file.write_some = write_some
    linear = torch.nn.Linear(SIZE, SIZE)
    model = torch.nn.Sequential(torch.nn.Identity(), linear)
    view = LayerView(model, order.run, keep_gigabytes=order.keep_gigabytes)
    step = order.first
    say("recording")
    while True:
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(weight_of(order.seed, step)))
            with view.step(step):
                model(torch.from_numpy(inputs_of(order.seed, step)))
        if step % 3 == 0:
            view.flush()
            say(str(step))
        step += 1


def say(word: str) -> None:
    """One line, written at once."""
    os.write(1, f"{word}\n".encode())


def main() -> None:
    """Fork a process for each line of standard input, and say how it ended."""
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        members: dict[str, Any] = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                record(Order(**members))
            finally:
                os._exit(1)
        say(f"pid {pid}")
        _, status = os.waitpid(pid, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main()
