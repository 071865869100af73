"""What modules return, copied into places that were found before the forward began.

Between two operations of a model the processor's caches are full of the model's data, and each
look at an object of Python's takes ten times as long as it does in a row. So a hook that sees what
it saw in the step before does nothing but copy; what there is to note of all of them is noted in
one go, before anything else is placed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import torch
from torch import nn

from tb_layerview.capture.calls import Calls
from tb_layerview.capture.derived import makes_weights
from tb_layerview.capture.intake import Intake
from tb_layerview.capture.staged import Staged
from tb_layerview.capture.structure import Place
from tb_layerview.capture.tensors import Look, look_of

_CALLS_AHEAD: Final = 64
"""Calls of one module for which places are found: a cell that runs a thousand times finds more."""


# Looked up here once: in a hook, each look at a module is a look into memory.
_graph_task: Final = torch._C._current_graph_task_id  # noqa: SLF001 - as in `calls`
_dispatch_modes: Final = torch._C._len_torch_dispatch_stack  # noqa: SLF001 - no other name
_function_modes: Final = torch._C._len_torch_function_stack  # noqa: SLF001 - as above

_NO_GRAPH_TASK: Final = -1
"""Answered where nothing is being repeated by backward."""


Likes = dict[nn.Module, list[Look]]
"""What each module returned in one step, call by call: such that its copy fits the same place."""


_Copied = tuple[nn.Module, Sequence[Place], Staged, Look]
"""A call of which nothing but the copy was made yet: its module, that one's places, the copy."""


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
        self._lock = intake.lock
        self._copy_now = intake.copy_now
        self._copied: list[_Copied] = []
        self.likes: Likes = {}
        """What this step's outputs were like, as far as they are settled."""
        intake.settle = self.settle

    def prepare(self, modules: Iterable[nn.Module], likes: Likes) -> None:
        """Find places for what `modules` will return if it is like what it was in `likes`."""
        # The weights that a call computes are to be copied with what it returns.
        self._intake.captured.lease.place_ahead(
            (module, likes[module])
            for module in modules
            if module in likes and not makes_weights(module)
        )

    def take(self, module: nn.Module, places: Sequence[Place], output: object) -> bool:
        """Copy what a call of `module` returned, if there is a place for it.

        Returns:
            Whether it was; otherwise nothing is left to settle, and the caller sees to it.
        """
        with self._lock:
            rooms = self._ahead.get(module)
            if (
                rooms
                and type(output) is torch.Tensor
                and _graph_task() == _NO_GRAPH_TASK
                and _dispatch_modes() == 0
                and _function_modes() == 0
            ):
                room, look, _ = rooms[-1]
                if look_of(output) == look:
                    try:
                        staged = self._copy_now(output, room)
                    except RuntimeError:
                        # It is told of where it is tried once more.
                        pass
                    else:
                        if staged is room:
                            rooms.pop()
                        self._copied.append((module, places, staged, look))
                        return True
                else:
                    # A batch of another length, say: then nothing fits, and the memory is needed.
                    self._intake.captured.lease.drop_ahead()
            self.settle()
        return False

    def note(self, module: nn.Module, output: object) -> None:
        """Remember what the output of a call was like that `take` did not take."""
        if type(output) is torch.Tensor and self._intake.is_plain(output):
            self._remember(module, look_of(output))

    def settle(self) -> None:
        """Note where the copies stand that were made since the last time."""
        if not self._copied:
            return
        copied, self._copied = self._copied, []
        for module, places, staged, look in copied:
            number = self._calls.count(module)
            self._remember(module, look)
            self._on_return(module, places, number)
            self._intake.kept(places, number, staged)

    def _remember(self, module: nn.Module, look: Look) -> None:
        likes = self.likes.setdefault(module, [])
        if len(likes) < _CALLS_AHEAD:
            likes.append(look)
