"""Places in host memory, and what stands in them: copies of tensors, or what is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from tb_layerview.capture.tensors import ELEMENT_TYPES, Look
from tb_layerview.log.dtypes import Array, DType
from tb_layerview.measure.summary import Summary

_VIEWS_PER_BUFFER: Final = 4096
"""Views that a buffer remembers, so that tensors whose shapes always change do not pile up."""


class Staged(NamedTuple):
    """A copy of a tensor: as PyTorch writes to it, and as NumPy reads its stored bits.

    Of one that was reduced where it is there is no copy: ``target`` and ``elements`` have its
    shape and type and no memory, and ``reduction`` has what is known of it.
    """

    target: torch.Tensor
    elements: Array
    dtype: DType
    reduction: StagedReduction | None = None


class StagedReduction(NamedTuple):
    """Copies of the results of a `Reduced`, and the axis along which it counted samples.

    ``summary`` and ``has_elements`` are as there.
    """

    copies: tuple[Staged, ...]
    sample_axis: int | None
    summary: Summary | None
    has_elements: bool


def without_elements(layout: torch.Tensor, reduction: StagedReduction) -> Staged:
    """Stands for a tensor of the shape and type of `layout`, of which only `reduction` is here."""
    element = ELEMENT_TYPES[layout.dtype]
    target = torch.empty(layout.shape, dtype=layout.dtype, device="meta")
    elements = np.broadcast_to(np.zeros((), element.storage), tuple(layout.shape))
    return Staged(target, elements, element, reduction)


class Room(NamedTuple):
    """A place that was found ahead, and the buffer that is its own, if it shares none.

    ``look`` is that of the tensors whose copies fit into it.
    """

    staged: Staged
    look: Look
    buffer: Buffer | None


class Buffer:
    """Bytes of host memory, and the views of them that were used before."""

    __slots__ = ("__weakref__", "is_pinned", "memory", "octets", "views")

    def __init__(self, size: int, *, is_pinned: bool) -> None:
        """Of `size` bytes; an accelerator writes by itself to what `is_pinned`."""
        self.is_pinned: Final = is_pinned
        with _outside_of_modes():
            self.memory = torch.empty(size, dtype=torch.uint8, device="cpu", pin_memory=is_pinned)
            self.octets: npt.NDArray[np.uint8] = self.memory.numpy()
        self.views: dict[tuple[int, torch.Size, torch.dtype], Staged] = {}

    def view(self, offset: int, shape: torch.Size, dtype: torch.dtype) -> Staged:
        """The bytes from `offset` on as a tensor like this."""
        key = (offset, shape, dtype)
        staged = self.views.get(key)
        if staged is None:
            if len(self.views) >= _VIEWS_PER_BUFFER:
                self.views.clear()
            element = ELEMENT_TYPES[dtype]
            span = slice(offset, offset + shape.numel() * dtype.itemsize)
            with _outside_of_modes():
                target = self.memory[span].view(dtype).view(shape)
            elements = self.octets[span].view(element.storage).reshape(tuple(shape))
            staged = self.views[key] = Staged(target, elements, element)
        return staged


@contextmanager
def _outside_of_modes() -> Iterator[None]:
    """What is made within can be written to whatever mode or transform a training is in then.

    An inference tensor can be only in inference mode, one of ``torch.func`` only while its
    transform goes on.
    """
    with (
        torch.inference_mode(mode=False),
        torch._C._DisableTorchDispatch(),  # noqa: SLF001 - no other name
        torch._C._DisableFuncTorch(),  # noqa: SLF001 - as above
    ):
        yield
