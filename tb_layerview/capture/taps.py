"""`tap`: names a tensor in the middle of a forward, to be recorded when a step is."""

from __future__ import annotations

import threading
from typing import Final, Protocol, TypeVar

import torch

from tb_layerview.capture.calls import Call

T = TypeVar("T")


class Listener(Protocol):
    """A recorded step that wants the taps of its model."""

    def innermost(self) -> Call | None:
        """The call of the model's modules that is running in this thread, within all others."""
        ...

    def tapped(self, call: Call, value: object, name: str) -> None:
        """Record what was tapped in `call`. It must not raise."""
        ...


_lock: Final = threading.Lock()
_listeners: tuple[Listener, ...] = ()


def tap(tensor: T, name: str) -> T:
    """Record `tensor` under `name`, if a step of a `LayerView` with kind ``tap`` is recorded.

    ::

        probabilities = tb_layerview.tap(scores.softmax(-1), "probabilities")

    It stands under the innermost module that is being called: ``encoder.0.attn/tap.probabilities``
    and, for later taps of this name in the same step, ``...#1`` and so on. Outside of a recorded
    step and of a module's call nothing happens. Code that PyTorch compiles does not contain it.

    Args:
        tensor: a tensor of any shape, or a container of tensors; copied at once.
        name: what to call it.

    Returns:
        The very `tensor`.
    """
    # This question comes first: its answer is a constant to the compiler, which then need not
    # look at the listeners, and does not compile anew when they change.
    if torch.compiler.is_compiling() or not _listeners:
        return tensor
    _hand_over(tensor, name)
    return tensor


def listen(listener: Listener) -> None:
    """Tell `listener` of every tap from now on."""
    global _listeners  # noqa: PLW0603 - a tap anywhere must find it
    with _lock:
        _listeners = (*_listeners, listener)


def ignore(listener: Listener) -> None:
    """Tell `listener` nothing any more."""
    global _listeners  # noqa: PLW0603 - as above
    with _lock:
        _listeners = tuple(other for other in _listeners if other is not listener)


def _hand_over(value: object, name: str) -> None:
    """Tell all whose model the innermost running call belongs to."""
    running = [
        (call, listener) for listener in _listeners if (call := listener.innermost()) is not None
    ]
    if running:
        latest, _ = max(running, key=lambda pair: pair[0].order)
        for call, listener in running:
            if call.module is latest.module:
                listener.tapped(call, value, name)
