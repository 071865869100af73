"""What recording a step keeps the training thread busy for, beside a copy of the same bytes.

The difference of two steps of half a second drowns ten milliseconds in noise. So a clock of this
file's own runs while the training thread is inside of the recording: in `view.step`, while its
block is entered and left, and in every hook that it registers with PyTorch. Not in it is what
PyTorch spends to call a hook, about a microsecond, which is in the difference of the steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import torch
from torch import Tensor, nn

from benchmarks.models import Workload
from tb_layerview import LayerView
from tb_layerview.capture import averaging
from tb_layerview.capture.gradient_hooks import GradientHooks
from tb_layerview.capture.recording import StepRecording

_REGISTERING: Final = (
    (nn.Module, "register_forward_pre_hook"),
    (nn.Module, "register_forward_hook"),
    (Tensor, "register_hook"),
    (GradientHooks, "put"),
)
"""How a recording gets to be called by PyTorch."""

_LEARNING_RATE: Final = 1e-6


class Direct(NamedTuple):
    """Of one step: seconds inside of the recording, seconds of copying, and the bytes of each.

    ``with_updates`` is as ``recording``, of a step in which an optimizer changed every parameter:
    then the recording also measures by how much.
    """

    recording: float
    with_updates: float
    copying: float
    recorded_bytes: int
    copied_bytes: int


class Clock:
    """Adds up the seconds of what runs under it."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def wrapped(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, which runs under this clock."""

        def timed(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the function takes
            begun = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds += time.perf_counter() - begun

        return timed

    @contextmanager
    def on_hooks(self) -> Iterator[None]:
        """Hooks that are registered within the block run under this clock."""

        def registering(register: Callable[..., Any]) -> Callable[..., Any]:
            def registers(*owners_and_hook: Any, **options: object) -> object:  # noqa: ANN401
                *owners, hook = owners_and_hook
                return register(*owners, self.wrapped(hook), **options)

            return registers

        patches: list[Any] = [
            patch.object(owner, name, registering(getattr(owner, name)))
            for owner, name in _REGISTERING
        ]
        engine = averaging._ENGINE  # noqa: SLF001 - where a recording asks for the end of backward
        at_end = SimpleNamespace(
            queue_callback=lambda call: engine.queue_callback(self.wrapped(call))
        )
        patches.append(patch.object(averaging, "_ENGINE", at_end))
        for each in patches:
            each.start()
        try:
            yield
        finally:
            for each in patches:
                each.stop()


class DirectClock:
    """Measures steps of a workload; the buffers that it copies into are used again."""

    def __init__(
        self, workload: Workload, view: LayerView, tensors: Callable[[], list[Tensor]]
    ) -> None:
        self._workload = workload
        self._view = view
        self._tensors = tensors
        self._warm: list[Tensor] = []
        self._optimizer = torch.optim.SGD(workload.model.parameters(), lr=_LEARNING_RATE)

    def measure(self, number: int) -> Direct:
        """Two recorded steps, the first with an optimizer, and one whose tensors are copied.

        Their numbers are ``number`` and the next.
        """
        with_updates, _ = self._record(number, self._optimizer.step)
        recording, recorded_bytes = self._record(number + 1, lambda: None)
        self._workload.step()
        tensors = [tensor.detach() for tensor in self._tensors()]
        if not self._warm:
            self._warm = [tensor.clone() for tensor in tensors]
        begun = time.perf_counter()
        for target, tensor in zip(self._warm, tensors, strict=True):
            target.copy_(tensor)
        copying = time.perf_counter() - begun
        self._workload.clear()
        copied_bytes = sum(tensor.nbytes for tensor in tensors)
        return Direct(recording, with_updates, copying, recorded_bytes, copied_bytes)

    def _record(self, number: int, update: Callable[[], object]) -> tuple[float, int]:
        self._workload.step()
        self._workload.clear()
        clock = Clock()
        recording = clock.wrapped(self._view.step)(number)
        with clock.on_hooks():
            clock.wrapped(recording.__enter__)()
            self._workload.step()
        update()
        clock.wrapped(recording.__exit__)(None, None, None)
        recorded_bytes = _bytes_of(recording)
        self._workload.clear()
        self._view.flush()
        return clock.seconds, recorded_bytes


def _bytes_of(recording: object) -> int:
    """Those of all copies that a step made, each counted once."""
    if not isinstance(recording, StepRecording):
        return 0
    copies = {id(item.staged): item.staged for item in recording.captured.tensors}
    return sum(staged.elements.nbytes for staged in copies.values())
