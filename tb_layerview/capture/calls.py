"""Which call of which module is running, and the number of each call within a step."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import nn

from tb_layerview.capture.captured import Spot
from tb_layerview.capture.structure import Place

Segment = tuple[int, int]
"""What repeats calls within backward: one node of the graph, in one run of backward."""

_BEGINNINGS: Final = itertools.count()


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """One call of a module.

    ``places`` are those of the module that are recorded: none, if it was not chosen. ``number``
    counts the module's calls in the step from 0; of a call that backward repeats (gradient
    checkpointing), those within its ``segment``. ``order`` grows from each call to the next one.
    """

    module: nn.Module
    places: Sequence[Place]
    number: int
    order: int
    segment: Segment | None = None

    def spots(self, name: str) -> list[Spot]:
        """Where a tensor `name` of this call stands."""
        places, number = self.places, self.number
        if len(places) == 1:
            return [Spot(places[0], name, number)]
        return [Spot(place, name, number) for place in places]


class Calls:
    """The calls of one step, in every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[nn.Module] = Counter()
        self._repeated: Counter[tuple[Segment, nn.Module]] = Counter()
        self._running = _Running()

    def begin(self, module: nn.Module, places: Sequence[Place]) -> Call:
        """Number a call that begins in this thread."""
        segment = current_segment()
        if segment is None:
            number = self.count(module)
        else:
            with self._lock:
                number = self._repeated[segment, module]
                self._repeated[segment, module] += 1
        call = Call(module, places, number, next(_BEGINNINGS), segment)
        self._running.stack.append(call)
        return call

    def count(self, module: nn.Module) -> int:
        """The number of a call that backward does not repeat, and that nobody asks for again."""
        with self._lock:
            number = self._counts[module]
            self._counts[module] += 1
        return number

    def end(self, module: nn.Module) -> Call | None:
        """The call of `module` that ends in this thread; None if it was not seen to begin."""
        stack = self._running.stack
        for position in reversed(range(len(stack))):
            if stack[position].module is module:
                call = stack[position]
                # Calls within it that ended with an exception were not seen to end.
                del stack[position:]
                return call
        return None

    def innermost(self) -> Call | None:
        """The call that is running in this thread, the one within all others."""
        stack = self._running.stack
        return stack[-1] if stack else None

    def repeated(self, call: Call) -> int:
        """How often the module of a repeated call was called in its segment so far."""
        return 0 if call.segment is None else self._repeated[call.segment, call.module]


class _Running(threading.local):
    """The calls that run in a thread, the innermost one last."""

    def __init__(self) -> None:
        self.stack: list[Call] = []


def current_segment() -> Segment | None:
    """What is being repeated in this thread by backward; None outside of it."""
    # PyTorch has no public name for either; its own checkpointing asks in this way, too.
    task: int = torch._C._current_graph_task_id()  # noqa: SLF001
    if task == -1:
        return None
    return task, id(torch._C._current_autograd_node())  # noqa: SLF001
