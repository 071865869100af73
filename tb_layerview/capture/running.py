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
        stack.enter_context(torch.random.fork_rng(devices=[]))
        for device in cuda_devices(model):
            stack.enter_context(same_cuda_generator(device))
        yield


@contextmanager
def same_cuda_generator(device: int, state: torch.Tensor | None = None) -> Iterator[None]:
    """Afterwards the generator of a GPU is as before; within, it begins with `state`, if given.

    Another one stands in for it. To set the state of the generator itself, even to what it is,
    makes cuDNN begin the dropout of recurrent layers anew (PyTorch keeps a flag for that).
    """
    generator = torch.cuda.default_generators[device]
    before = generator.graphsafe_get_state()
    other = before.clone_state()
    if state is not None:
        other.set_state(state)
    generator.graphsafe_set_state(other)
    try:
        yield
    finally:
        generator.graphsafe_set_state(before)


@contextmanager
def uncached_casts() -> Iterator[None]:
    """Weights that ``autocast`` casts are cast anew: its cache holds the training's own graph."""
    cached = torch.is_autocast_cache_enabled()
    torch.set_autocast_cache_enabled(False)
    try:
        yield
    finally:
        torch.set_autocast_cache_enabled(cached)


@contextmanager
def spared_cudnn_generator(model: nn.Module) -> Iterator[bool]:
    """Recurrent layers that drop out do so without cuDNN: its own generator cannot be set back.

    Yields whether `model` has any, on a GPU and in training mode: they draw other elements then.
    """
    drops = any(
        isinstance(module, nn.RNNBase) and module.training and module.dropout > 0
        for module in model.modules()
    ) and bool(cuda_devices(model))
    before = torch.backends.cudnn.enabled
    if drops:
        torch.backends.cudnn.enabled = False
    try:
        yield drops
    finally:
        if drops:
            torch.backends.cudnn.enabled = before


def cuda_devices(model: nn.Module) -> list[int]:
    """The GPUs on which `model` lies."""
    tensors = (*model.parameters(), *model.buffers())
    return sorted({tensor.get_device() for tensor in tensors if tensor.is_cuda})
