"""The names of a tensor's axes, from the class of the module that it belongs to."""

from __future__ import annotations

from typing import Final

from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd

Axes = tuple[str, ...]

_SPATIAL: Final[dict[int, Axes]] = {
    1: ("Position",),
    2: ("Row", "Column"),
    3: ("Depth", "Row", "Column"),
}
_PER_SAMPLE: Final[dict[int, Axes]] = {
    0: (),
    1: ("Output Node Index",),
    2: ("Time", "Feature"),
    3: ("Filter", *_SPATIAL[2]),
    4: ("Filter", *_SPATIAL[3]),
}
"""Axes of one sample of an output by their number: what most layers of that rank mean by them."""

_PER_INPUT: Final[dict[int, Axes]] = {
    **_PER_SAMPLE,
    1: ("Feature",),
    3: ("Channel", *_SPATIAL[2]),
    4: ("Channel", *_SPATIAL[3]),
}

_REPARAMETRIZED: Final = ("_orig", "_mask", "_v")
"""What pruning and weight norm append to the name of a parameter whose shape they keep."""


def state_axes(module: nn.Module, name: str, rank: int) -> Axes:
    """Axes of a parameter or buffer `name` that stands directly on `module`."""
    for suffix in _REPARAMETRIZED:
        name = name.removesuffix(suffix)
    return _fitting(_state(module, name), rank)


def output_axes(module: nn.Module, rank: int, *, batched: bool) -> Axes:
    """Axes of an output; axis 0 counts the samples if `batched`."""
    inner = rank - 1 if batched else rank
    if isinstance(module, _ConvNd) and inner == len(module.kernel_size) + 1:
        axes: Axes | None = ("Filter", *_SPATIAL[inner - 1])
    else:
        # Of a tensor without a batch axis nothing is known: its first axis may be anything.
        axes = _PER_SAMPLE.get(inner) if batched else None
    return _with_samples(axes, rank, batched=batched)


def sample_axes(role: str, rank: int, *, batched: bool) -> Axes:
    """Axes of what a step was given: `role` is inputs, targets or predictions."""
    table = _PER_SAMPLE if role == "predictions" else _PER_INPUT
    return _with_samples(table.get(rank - 1) if batched else None, rank, batched=batched)


def _state(module: nn.Module, name: str) -> Axes | None:
    if isinstance(module, nn.Linear):
        both = ("Output Node Index", "Input Node Index")
        return {"weight": both, "bias": both[:1]}.get(name)
    if isinstance(module, _ConvNd):
        return {"weight": _kernel(module), "bias": ("Output Channel",)}.get(name)
    if isinstance(module, (_NormBase, nn.GroupNorm)):
        return ("Channel",)
    if isinstance(module, nn.LayerNorm):
        return ("Feature",)
    if isinstance(module, (nn.Embedding, nn.EmbeddingBag)):
        return ("Token", "Feature")
    return None


def _kernel(module: _ConvNd) -> Axes | None:
    channels = ("Output Channel", "Input Channel")
    if module.transposed:
        channels = ("Input Channel", "Output Channel")
    spatial = _SPATIAL.get(len(module.kernel_size))
    return (*channels, *spatial) if spatial is not None else None


def _with_samples(inner: Axes | None, rank: int, *, batched: bool) -> Axes:
    if not batched:
        return _fitting(inner, rank)
    return ("Sample", *_fitting(inner, rank - 1, first=1))


def _fitting(axes: Axes | None, rank: int, *, first: int = 0) -> Axes:
    """`axes` if there are `rank` of them, else a number each, counted from `first`."""
    if axes is not None and len(axes) == rank:
        return axes
    return tuple(f"Axis {axis}" for axis in range(first, first + rank))
