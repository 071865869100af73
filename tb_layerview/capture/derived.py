"""Weights that are computed of others in every forward: parametrized, pruned, normed ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import torch
from torch import nn
from torch.nn.utils.parametrize import ParametrizationList

from tb_layerview.capture.structure import Place

_LIST_NAME: Final = "parametrizations"
"""The child of a module that holds a `ParametrizationList` for each parametrized weight."""

_ORIGINAL_SUFFIXES: Final = ("_orig", "_g")
"""What pruning and the older spectral norm, and the older weight norm, append to the name of a
parameter whose place a plain attribute takes."""


def beside(module: nn.Module) -> Iterator[tuple[str, torch.Tensor]]:
    """Weights that the module's last forward computed and keeps as plain attributes.

    They are as that forward used them: before it, those of the forward before are there.
    """
    # Asked at every call of every module: a generator of PyTorch's would cost more than the copy
    # of a small tensor.
    for original in module._parameters.keys():  # noqa: SIM118, SLF001 - TorchScript needs it
        if not original.endswith(_ORIGINAL_SUFFIXES):
            continue
        for suffix in _ORIGINAL_SUFFIXES:
            value = vars(module).get(original.removesuffix(suffix))
            if original.endswith(suffix) and isinstance(value, torch.Tensor):
                yield original.removesuffix(suffix), value


def owner_of(place: Place, places: Mapping[str, Place]) -> tuple[Place, str] | None:
    """Whose weight the `ParametrizationList` at `place` returns, and its name there.

    None for other modules, and where the owner is not among the chosen `places` (by path). To
    read the weight from its owner would compute it, which may change the training.
    """
    if not isinstance(place.module, ParametrizationList):
        return None
    path, _, name = place.path.rpartition(".")
    owner = places.get(path.rpartition(".")[0])
    is_in_list = path.rpartition(".")[2] == _LIST_NAME
    return (owner, name) if owner is not None and is_in_list else None


def makes_weights(module: nn.Module) -> bool:
    """Whether a call of `module` computes a weight."""
    return isinstance(module, ParametrizationList) or any(True for _ in beside(module))
