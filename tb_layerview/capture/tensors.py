"""Which tensors can be recorded, and in which element type."""

from __future__ import annotations

from typing import Final

import torch

from tb_layerview.log.dtypes import DTYPES, DType

ELEMENT_TYPES: Final[dict[torch.dtype, DType]] = {
    getattr(torch, dtype.name): dtype for dtype in DTYPES if hasattr(torch, dtype.name)
}
"""Element types of the log by PyTorch's dtype; older PyTorch lacks some of the log's."""

_PLAIN: Final = frozenset({torch.Tensor, torch.nn.Parameter})


class UnrecordableError(Exception):
    """A value that cannot be recorded; the message is the reason, as the end of a sentence."""


def detached(tensor: torch.Tensor) -> torch.Tensor:
    """`tensor` as a plain strided tensor outside of autograd that shares its memory.

    Raises:
        UnrecordableError: its elements are not in memory of its own, or of a type unknown here.
    """
    kind = type(tensor)
    if kind not in _PLAIN:
        if kind.__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
            raise UnrecordableError(f"a {kind.__name__} keeps its elements elsewhere")
        if torch.nn.parameter.is_lazy(tensor):
            raise UnrecordableError("it is not initialized before the first forward")
        tensor = tensor.as_subclass(torch.Tensor)
    if tensor.layout is not torch.strided:
        raise UnrecordableError(f"its layout is {str(tensor.layout).removeprefix('torch.')}")
    if tensor.is_nested:
        raise UnrecordableError("it is a nested tensor")
    if tensor.is_meta:
        raise UnrecordableError("it is on the meta device, without elements")
    if tensor.dtype not in ELEMENT_TYPES:
        name = str(tensor.dtype).removeprefix("torch.")
        raise UnrecordableError(f"its element type {name} has no place in the log")
    return tensor.detach()


def version_of(tensor: torch.Tensor) -> int | None:
    """How often `tensor` was written to in place; None where PyTorch does not count it."""
    return None if tensor.is_inference() else tensor._version  # noqa: SLF001 - no other name
