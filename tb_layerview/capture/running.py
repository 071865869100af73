"""Runs a model beside its training, and leaves everything as it was."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import numpy as np
import torch
from torch import nn


def call(model: nn.Module, inputs: object) -> object:
    """What `model` answers to `inputs`.

    Args:
        model: the model.
        inputs: a tensor; a tuple or list, whose items are the positional arguments; or a mapping,
            whose items are the keyword arguments.
    """
    if isinstance(inputs, Mapping):
        return model(**inputs)
    if isinstance(inputs, (tuple, list)):
        return model(*inputs)
    return model(inputs)


@contextmanager
def evaluation(model: nn.Module) -> Iterator[None]:
    """Evaluation mode; afterwards every module is in the mode in which it was by itself."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def same_generators(model: nn.Module) -> Iterator[None]:
    """Afterwards the random generators are as before: PyTorch's, NumPy's and Python's."""
    drawn, drawn_by_numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    with ExitStack() as stack:
        stack.callback(random.setstate, drawn)
        stack.callback(np.random.set_state, drawn_by_numpy)
        stack.enter_context(torch.random.fork_rng(devices=cuda_devices(model)))
        yield


@contextmanager
def uncached_casts() -> Iterator[None]:
    """Weights that ``autocast`` casts are cast anew: its cache holds the training's own graph."""
    cached = torch.is_autocast_cache_enabled()
    torch.set_autocast_cache_enabled(False)
    try:
        yield
    finally:
        torch.set_autocast_cache_enabled(cached)


def cuda_devices(model: nn.Module) -> list[int]:
    """The GPUs on which `model` lies."""
    tensors = (*model.parameters(), *model.buffers())
    return sorted({tensor.get_device() for tensor in tensors if tensor.is_cuda})
