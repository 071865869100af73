"""The names of a tensor's axes, from the class of the module that it belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.conv import _ConvNd

from tb_layerview.capture.samples import TEXT

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

_BYTES: Final = ("Byte",)
"""Beside the samples, of texts."""

_TOKENS: Final = ("Time",)
"""Beside the samples, of the numbers of tokens that an embedding looks up."""

_MATRIX: Final = ("Output Node Index", "Input Node Index")
_SEQUENCE: Final = ("Time", "Feature")
_LAST_IS_FEATURE: Final[dict[int, Axes]] = {2: _SEQUENCE, 3: ("Row", "Column", "Feature")}
"""Of layers that work along the last axis: pictures come to them with their channels last."""
_HIDDEN: Final = ("Layer", "Feature")
_ATTENTION: Final = ("Head", "Query", "Key")

_LAYER_NORMS: Final = (nn.LayerNorm, getattr(nn, "RMSNorm", nn.LayerNorm))

_OF_CLASSES: Final[tuple[tuple[tuple[type[nn.Module], ...], Axes], ...]] = (
    ((_NormBase, nn.GroupNorm, nn.PReLU), ("Channel",)),
    (_LAYER_NORMS, ("Feature",)),
    (_LAYER_NORMS, ("Channel", *_SPATIAL[2])),
    ((nn.Embedding, nn.EmbeddingBag), ("Token", "Feature")),
    ((nn.Bilinear,), ("Output Node Index", "Input Node Index 1", "Input Node Index 2")),
    ((nn.Bilinear,), ("Output Node Index",)),
)
"""Axes of the parameters and buffers of these layers, of those that have so many."""

_GATES: Final[tuple[tuple[tuple[type[nn.Module], ...], str], ...]] = (
    ((nn.LSTM, nn.LSTMCell), "Node Index of gates i, f, g, o"),
    ((nn.GRU, nn.GRUCell), "Node Index of gates r, z, n"),
)
"""What the rows of the weights of recurrent layers are, in the order that PyTorch documents."""

_ALONG_POSITIONS: Final = (
    nn.BatchNorm1d,
    nn.InstanceNorm1d,
    nn.MaxPool1d,
    nn.AvgPool1d,
    nn.AdaptiveMaxPool1d,
    nn.AdaptiveAvgPool1d,
)
"""Layers that stand between convolutions of one dimension."""

_ATTENTION_TAP: Final = re.compile(r"att(?:ention|n).*(?:prob|weight|score|map)")
"""What people call the probabilities of attention where they tap them."""

_REPARAMETRIZED: Final = ("_orig", "_mask", "_v")
"""What pruning and weight norm append to the name of a parameter whose shape they keep."""


def axes_of(
    module: nn.Module,
    kind: str,
    name: str,
    rank: int,
    sample_axis: int | None,
    *,
    are_tokens: bool = False,
) -> Axes:
    """The name of each axis of a recorded tensor.

    Args:
        module: the one that it belongs to.
        kind, name: what it is to the module, as in its key.
        rank: number of its axes.
        sample_axis: the one that counts the samples of the batch; None where none does.
        are_tokens: whether it is known to hold numbers of tokens, ``[batch, time]``.
    """
    if kind in {"param", "buffer", "grad"}:
        return state_axes(module, name, rank)
    if kind == "sample":
        role, last = name.partition(".")[0], name.rpartition(".")[2]
        inner = _BYTES if last == TEXT else _sample(role, rank, sample_axis)
    else:
        inner = _of_call(module, kind, name, rank, sample_axis)
    if are_tokens and inner is not _BYTES:
        inner = _TOKENS
    return _with_samples(inner, rank, sample_axis)


def state_axes(module: nn.Module, name: str, rank: int) -> Axes:
    """Axes of a parameter or buffer `name` that stands directly on `module`."""
    for suffix in _REPARAMETRIZED:
        name = name.removesuffix(suffix)
    return _named(_state(module, name, rank), rank)


def _of_call(
    module: nn.Module, kind: str, name: str, rank: int, sample_axis: int | None
) -> Axes | None:
    """Axes beside that of the samples, of what a call was given, returned or saw on its way."""
    batched = sample_axis is not None
    inner = rank - 1 if batched else rank
    if kind == "tap":
        is_attention = batched and inner == len(_ATTENTION) and _ATTENTION_TAP.search(name.lower())
        return _ATTENTION if is_attention else None
    if isinstance(module, _ConvNd) and inner == len(module.kernel_size) + 1:
        return ("Channel" if kind == "input" else "Filter", *_SPATIAL[inner - 1])
    if isinstance(module, nn.RNNBase) and inner == len(_HIDDEN):
        return _SEQUENCE if name.partition(".")[0] in {"", "0", "input"} else _HIDDEN
    if isinstance(module, nn.MultiheadAttention) and kind != "input" and name == "1":
        return _ATTENTION[-inner:] if batched else None
    is_mask = isinstance(module, nn.MultiheadAttention) and name == "attn_mask"
    if is_mask and not batched and rank == len(_ATTENTION[1:]):
        return _ATTENTION[1:]
    # Of a tensor without a batch axis nothing is known: its first axis may be anything.
    return _of_sample(module, kind, inner) if batched else None


def _of_sample(module: nn.Module, kind: str, inner: int) -> Axes | None:
    """Axes of one sample of what a call was given or returned."""
    is_input = kind == "input"
    if isinstance(module, nn.Linear) and is_input and inner == 1:
        return ("Input Node Index",)
    if isinstance(module, nn.Embedding) and is_input and inner == 1:
        return _TOKENS
    if isinstance(module, (nn.Linear, *_LAYER_NORMS)) and inner in _LAST_IS_FEATURE:
        return _LAST_IS_FEATURE[inner]
    if isinstance(module, _ALONG_POSITIONS) and inner == len(("Filter", *_SPATIAL[1])):
        return ("Channel" if is_input else "Filter", *_SPATIAL[1])
    if isinstance(module, nn.Softmax) and module.dim in {-1, 3} and inner == len(_ATTENTION):
        return _ATTENTION
    return (_PER_INPUT if is_input else _PER_SAMPLE).get(inner)


def _sample(role: str, rank: int, sample_axis: int | None) -> Axes | None:
    """Axes beside that of the samples, of what a step was given as inputs, targets, predictions."""
    table = _PER_SAMPLE if role == "predictions" else _PER_INPUT
    return table.get(rank - 1) if sample_axis is not None else None


def _state(module: nn.Module, name: str, rank: int) -> Axes | None:
    if isinstance(module, nn.Linear):
        return {"weight": _MATRIX, "bias": _MATRIX[:1]}.get(name)
    if isinstance(module, _ConvNd):
        return {"weight": _kernel(module), "bias": ("Output Channel",)}.get(name)
    if isinstance(module, (nn.RNNBase, nn.RNNCellBase)):
        return _recurrent(module, name)
    if isinstance(module, nn.MultiheadAttention):
        rows = "Query, Key, Value Node Index" if name.startswith("in_proj") else _MATRIX[0]
        return (rows, _MATRIX[1]) if "weight" in name else (rows,)
    fitting = (axes for classes, axes in _OF_CLASSES if isinstance(module, classes))
    return next((axes for axes in fitting if len(axes) == rank), None)


def _recurrent(module: nn.Module, name: str) -> Axes:
    rows = next((rows for classes, rows in _GATES if isinstance(module, classes)), _MATRIX[0])
    if "weight_hr" in name:
        # What projects the hidden state of an LSTM has no gates.
        rows = _MATRIX[0]
    if "weight" not in name:
        return (rows,)
    return (rows, _MATRIX[1] if "weight_ih" in name else "Hidden Node Index")


def _kernel(module: _ConvNd) -> Axes | None:
    channels = ("Output Channel", "Input Channel")
    if module.transposed:
        channels = ("Input Channel", "Output Channel")
    spatial = _SPATIAL.get(len(module.kernel_size))
    return (*channels, *spatial) if spatial is not None else None


def _with_samples(inner: Axes | None, rank: int, sample_axis: int | None) -> Axes:
    if sample_axis is None:
        return _named(inner, rank)
    others = [axis for axis in range(rank) if axis != sample_axis]
    names = list(_named(inner, len(others), others))
    names.insert(sample_axis, "Sample")
    return tuple(names)


def _named(axes: Axes | None, rank: int, numbers: Sequence[int] | None = None) -> Axes:
    """`axes` if there are `rank` of them, else the number of each."""
    if axes is not None and len(axes) == rank:
        return axes
    return tuple(f"Axis {axis}" for axis in (range(rank) if numbers is None else numbers))
