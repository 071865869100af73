"""What modules return, copied into places that were found before the forward began.

Between two operations of a model the processor's caches are full of the model's data, and each
look at an object of Python's takes ten times as long as it does in a row. So a hook that sees what
it saw in the step before does nothing but copy; what there is to note of all of them is noted in
one go, before anything else is placed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import torch
from torch import nn

from tb_layerview.capture.calls import Calls, current_segment
from tb_layerview.capture.captured import Spot
from tb_layerview.capture.derived import makes_weights
from tb_layerview.capture.intake import Intake
from tb_layerview.capture.staged import Staged
from tb_layerview.capture.structure import Place

_CALLS_AHEAD: Final = 64
"""Calls of one module for which places are found: a cell that runs a thousand times finds more."""


class Like(NamedTuple):
    """What a tensor is like whose copy would fit into the same place."""

    shape: torch.Size
    dtype: torch.dtype


Likes = dict[nn.Module, list[Like]]
"""What each module returned in one step, call by call."""


class _Copied(NamedTuple):
    """A call of which nothing but the copy was made yet."""

    module: nn.Module
    places: Sequence[Place]
    staged: Staged


class PromptOutputs:
    """Outputs of one step. Who calls `settle` holds the lock of the intake."""

    def __init__(
        self,
        intake: Intake,
        calls: Calls,
        on_return: Callable[[nn.Module, Sequence[Place], int], None],
    ) -> None:
        """`on_return` is told of each call whose output was copied, in their order, but later.

        It is given the module, its places, and the number of the call.
        """
        self._intake = intake
        self._calls = calls
        self._on_return = on_return
        self._ahead = intake.captured.lease.ahead
        self._copied: list[_Copied] = []
        self.likes: Likes = {}
        """What this step's outputs were like, as far as they are settled."""
        intake.settle = self.settle

    def prepare(self, modules: Iterable[nn.Module], likes: Likes) -> None:
        """Find places for what `modules` will return if it is like what it was in `likes`."""
        lease = self._intake.captured.lease
        for module in modules:
            # The weights that a call computes are to be copied with what it returns.
            if module in likes and not makes_weights(module):
                for shape, dtype in reversed(likes[module]):
                    lease.place_ahead(module, shape, dtype)

    def take(self, module: nn.Module, places: Sequence[Place], output: object) -> bool:
        """Copy what a call of `module` returned, if there is a place for it.

        Returns:
            Whether it was; otherwise nothing is left to settle, and the caller sees to it.
        """
        with self._intake.lock:
            rooms = self._ahead.get(module)
            if (
                rooms
                and type(output) is torch.Tensor
                and (output.is_cpu or output.is_cuda)
                and output.layout is torch.strided
                and current_segment() is None
                and torch._C._len_torch_dispatch_stack() == 0  # noqa: SLF001 - no other name
                and torch._C._len_torch_function_stack() == 0  # noqa: SLF001 - as above
            ):
                room = rooms[-1].staged
                if output.shape == room.target.shape and output.dtype is room.target.dtype:
                    try:
                        staged = self._intake.copy_now(output, room)
                    except RuntimeError:
                        # It is told of where it is tried once more.
                        pass
                    else:
                        if staged is room:
                            rooms.pop()
                        self._copied.append(_Copied(module, places, staged))
                        return True
                else:
                    # A batch of another length, say: then nothing fits, and the memory is needed.
                    self._intake.captured.lease.drop_ahead()
            self.settle()
        return False

    def note(self, module: nn.Module, output: object) -> None:
        """Remember what the output of a call was like that `take` did not take."""
        if type(output) is torch.Tensor and self._intake.is_plain(output):
            self._remember(module, output)

    def settle(self) -> None:
        """Note where the copies stand that were made since the last time."""
        if not self._copied:
            return
        copied, self._copied = self._copied, []
        for module, places, staged in copied:
            number = self._calls.count(module)
            self._remember(module, staged.target)
            self._on_return(module, places, number)
            self._intake.kept([Spot(place, "", number) for place in places], staged, "output")

    def _remember(self, module: nn.Module, output: torch.Tensor) -> None:
        likes = self.likes.setdefault(module, [])
        if len(likes) < _CALLS_AHEAD:
            likes.append(Like(output.shape, output.dtype))
