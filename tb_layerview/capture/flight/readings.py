"""Numbers that are watched: read at once, or, on an accelerator, when they have arrived."""

from __future__ import annotations

from typing import Any, Protocol

import torch

from tb_layerview.capture.arguments import real_number


class Reading(Protocol):
    """One number that is there, or under way."""

    def ready(self) -> bool:
        """Whether `value` answers without waiting."""
        ...

    def value(self) -> float:
        """The number; waits for it."""
        ...


class Present(float):
    """A number that is there."""

    def ready(self) -> bool:
        """As `Reading`."""
        return True

    def value(self) -> float:
        """As `Reading`."""
        return float(self)


class Arriving:
    """A number on its way from an accelerator, for which nobody waits before `value` is asked."""

    def __init__(self, tensor: torch.Tensor, api: Any, *, pinned: bool = True) -> None:  # noqa: ANN401
        """Begin to copy a `tensor` of one element; `api` is the module ``torch.cuda``."""
        self._host = torch.empty((), dtype=torch.float64, device="cpu", pin_memory=pinned)
        # The type is changed where the number is: a copy that converts on the host would wait.
        self._host.copy_(tensor.detach().double().reshape(()), non_blocking=True)
        self._event = api.Event()
        self._event.record(api.current_stream(tensor.device))

    def ready(self) -> bool:
        """As `Reading`."""
        return bool(self._event.query())

    def value(self) -> float:
        """As `Reading`."""
        self._event.synchronize()
        return float(self._host)


def number_at_once(value: object) -> float | None:
    """The number that `value` is, if it is a plain tensor of no axes on the host."""
    # By its type: of a subclass, a wrapper of functorch's or an accelerator's, reading may wait.
    if type(value) is torch.Tensor and value.is_cpu and value.ndim == 0:
        # `item` goes through the dispatcher, whose code is out of the processor's caches by now.
        try:
            number: object = value.tolist()
        except RuntimeError:
            # Tensors without memory of their own: sparse ones, those of functorch.
            return None
        return number if isinstance(number, float) else None
    return None


def reading_of(value: object) -> Reading | None:
    """The number that `value` is; None if it is no number, nor a real tensor of one element."""
    if not isinstance(value, torch.Tensor):
        number = real_number(value)
        return None if number is None else Present(number)
    if value.numel() != 1 or value.is_complex() or value.device.type == "meta":
        return None
    if value.device.type == "cuda":
        return Arriving(value, torch.cuda)
    return Present(value.detach())
