"""Which axis of a tensor counts the samples of the batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import nn

from tb_layerview.capture.structure import Place

_PARAMETRIZATIONS: Final = "parametrizations"
"""The child in which PyTorch keeps what makes a parametrized weight."""

_OF_NO_BATCH: Final = frozenset({"param", "buffer", "grad"})

_ATTENTION_WEIGHTS: Final = "1"
"""Name of the second output of ``nn.MultiheadAttention``, which begins with the batch always."""

_STACKS: Final = (
    nn.Transformer,
    nn.TransformerEncoder,
    nn.TransformerDecoder,
    nn.TransformerEncoderLayer,
    nn.TransformerDecoderLayer,
    nn.MultiheadAttention,
)
"""PyTorch's modules whose tensors begin with time, then the batch, unless told ``batch_first``."""

_SEQUENCES_RANK: Final = 3
"""Axes of a batch of sequences: with fewer, PyTorch's recurrent layers and attention take one."""


def sample_axis(place: Place, kind: str, name: str, rank: int) -> int | None:
    """The axis of a module's tensor that counts samples if there is a batch; None if none does.

    Args:
        place: where the module stands.
        kind, name: what the tensor is to the module, as in its key.
        rank: number of the tensor's axes.
    """
    module = place.module
    if kind == "sample":
        return 0 if rank else None
    if rank == 0 or kind in _OF_NO_BATCH or _PARAMETRIZATIONS in place.path.split("."):
        return None
    if isinstance(module, nn.RNNBase):
        # Packed sequences have fewer axes: there the samples are interleaved in one.
        if rank != _SEQUENCES_RANK:
            return None
        return 1 if _is_hidden_state(kind, name) else int(not module.batch_first)
    if isinstance(module, _STACKS) and kind != "tap":
        return _of_attention(module, kind, name, rank)
    return 0


def batch_of(place: Place, arguments: Sequence[tuple[str, torch.Tensor]]) -> int | None:
    """How many samples a module is given, by the first of its named `arguments` that tells."""
    for name, tensor in arguments:
        axis = sample_axis(place, "input", name, tensor.dim())
        if axis is not None:
            return tensor.size(axis)
    return None


def counted_axis(
    place: Place, kind: str, name: str, shape: tuple[int, ...], batch: int | None
) -> int | None:
    """The axis of a tensor of this `shape` that counts the `batch` samples; None if none does."""
    if batch is None:
        return None
    axis = sample_axis(place, kind, name, len(shape))
    return axis if axis is not None and shape[axis] == batch else None


def _is_hidden_state(kind: str, name: str) -> bool:
    first, _, _ = name.partition(".")
    return first == "1" or (kind == "input" and first == "hx")


def _of_attention(module: nn.Module, kind: str, name: str, rank: int) -> int | None:
    if kind == "input" and "mask" in name:
        # Padding is told per sample; other masks are of two times, the same for all samples.
        return 0 if "padding" in name else None
    if rank < _SEQUENCES_RANK:
        return None
    if kind != "input" and name == _ATTENTION_WEIGHTS:
        return 0
    return int(not _is_batch_first(module)) if rank == _SEQUENCES_RANK else None


def _is_batch_first(module: nn.Module) -> bool:
    """What the first attention in `module` was told."""
    return next(
        (part.batch_first for part in module.modules() if isinstance(part, nn.MultiheadAttention)),
        False,
    )
