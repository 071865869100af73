"""Which tensors can be recorded, and in which element type."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Final

import torch
from torch._C import _functorch  # it has no public name

from tb_layerview.log.dtypes import DTYPES, DType

ELEMENT_TYPES: Final[dict[torch.dtype, DType]] = {
    getattr(torch, dtype.name): dtype for dtype in DTYPES if hasattr(torch, dtype.name)
}
"""Element types of the log by PyTorch's dtype; older PyTorch lacks some of the log's."""

_HOLDERS: Final = {
    "float8_e4m3fnuz": torch.float32,
    "float8_e5m2fnuz": torch.float32,
    "float8_e8m0fnu": torch.float32,
    "complex32": torch.complex64,
}
"""Element types that the log does not have, and the one of its own that holds all their values."""

_WIDENED: Final[dict[torch.dtype, torch.dtype]] = {
    getattr(torch, name): wide for name, wide in _HOLDERS.items() if hasattr(torch, name)
}

EXPANDED_BYTES_LIMIT: Final = 256 * 1024 * 1024
"""Memory that a sparse tensor may take as a dense one on its way into the log."""

PLAIN: Final = frozenset({torch.Tensor, torch.nn.Parameter})
"""Classes without code of their own: most tensors need no further look."""


Look = tuple[torch.Size, torch.dtype, bool, torch.layout, bool]
"""Shape, element type, whether it is in host memory, layout, whether it is nested."""

# In one call for each tensor: each step from Python to PyTorch and back costs as much again.
look_of: Final[Callable[[torch.Tensor], Look]] = attrgetter(
    "shape", "dtype", "is_cpu", "layout", "is_nested"
)

_VERSION: Final = attrgetter("_version")

is_wrapper: Final = _functorch.is_functorch_wrapped_tensor
"""Whether a tensor is one of a transform of ``torch.func``, and stands for another one."""


class UnrecordableError(Exception):
    """A value that cannot be recorded; the message is the reason, as the end of a sentence."""


def detached(tensor: torch.Tensor) -> torch.Tensor:
    """`tensor` as a plain strided tensor outside of autograd; it shares its memory if it can.

    Quantized tensors are dequantized and sparse ones made dense; the items of a nested one follow
    each other along its first axis.

    Raises:
        UnrecordableError: its elements are not in memory of its own, or of a type unknown here.
        RuntimeError, TypeError, ValueError: what tensors of exotic classes answer.
    """
    if type(tensor) not in PLAIN:
        tensor = _without_its_class(tensor)
    if is_wrapper(tensor):
        tensor = _unwrapped(tensor)
    if tensor.is_meta:
        raise UnrecordableError("it is on the meta device, without elements")
    source = tensor.detach()
    # Nearly all tensors: no quantized type is among these.
    if source.dtype in ELEMENT_TYPES and source.layout is torch.strided and not source.is_nested:
        return source
    if source.is_nested:
        source = _joined(source)
    elif source.is_quantized:
        source = source.dequantize()
    elif source.layout is not torch.strided:
        source = _dense(source)
    if source.dtype not in ELEMENT_TYPES and source.dtype not in _WIDENED:
        name = str(tensor.dtype).removeprefix("torch.")
        raise UnrecordableError(f"its element type {name} has no place in the log")
    return source


def stored_type(dtype: torch.dtype) -> torch.dtype:
    """The element type in which the values of `dtype` are stored: mostly that itself."""
    return dtype if dtype in ELEMENT_TYPES else _WIDENED[dtype]


def version_of(tensor: torch.Tensor) -> int | None:
    """How often `tensor` was written to in place; None where PyTorch does not count it."""
    return None if tensor.is_inference() else tensor._version  # noqa: SLF001 - no other name


def versions_of(tensors: Iterable[torch.Tensor]) -> list[int | None]:
    """`version_of` of each."""
    tensors = [*tensors]
    try:
        return [*map(_VERSION, tensors)]
    except RuntimeError:
        # An inference tensor is among them.
        return [*map(version_of, tensors)]


def _without_its_class(tensor: torch.Tensor) -> torch.Tensor:
    kind = type(tensor)
    if kind.__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
        raise UnrecordableError(f"a {kind.__name__} keeps its elements elsewhere")
    if torch.nn.parameter.is_lazy(tensor):
        raise UnrecordableError("it is not initialized before the first forward")
    return tensor.as_subclass(torch.Tensor)


def _unwrapped(tensor: torch.Tensor) -> torch.Tensor:
    """What a gradient of ``torch.func`` tracks; those of ``vmap`` have another shape than it."""
    while _functorch.is_gradtrackingtensor(tensor):
        tensor = _functorch.get_unwrapped(tensor)
    if is_wrapper(tensor):
        raise UnrecordableError("within torch.func it stands for others, as those of a vmap")
    return tensor


def _joined(nested: torch.Tensor) -> torch.Tensor:
    items = nested.unbind()
    if len({item.shape[1:] for item in items}) != 1 or not items[0].ndim:
        raise UnrecordableError("it is nested, and its items differ in more than their first axis")
    return torch.cat(items)


def _dense(sparse: torch.Tensor) -> torch.Tensor:
    layout = str(sparse.layout).removeprefix("torch.")
    nbytes = sparse.numel() * sparse.element_size()
    if nbytes > EXPANDED_BYTES_LIMIT:
        raise UnrecordableError(f"its layout is {layout}, and dense it would take {nbytes:,} bytes")
    try:
        return sparse.to_dense()
    except NotImplementedError as error:
        raise UnrecordableError(f"its layout is {layout}, which PyTorch cannot expand") from error
