"""Modules that only stand around the user's own, and whose names nobody wrote."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from torch import nn

_CHILD_OF: Final = {
    ("torch.nn.parallel.data_parallel", "DataParallel"): "module",
    ("torch.nn.parallel.distributed", "DistributedDataParallel"): "module",
    ("torch.distributed.fsdp", "FullyShardedDataParallel"): "_fsdp_wrapped_module",
    ("torch._dynamo.eval_frame", "OptimizedModule"): "_orig_mod",
}
"""The name under which each class of wrapper has what it wraps, by the module that defines it."""


def unwrapped(module: nn.Module) -> nn.Module:
    """What `module` wraps, without all its wrappers; most modules are none."""
    while True:
        child = _wrapped_by(module)
        if child is None:
            return module
        module = child


def named_places(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """As ``model.named_modules(remove_duplicate=False)``, with the names of the user alone.

    Wrappers are left out: what one wraps stands at its path.
    """
    yield from _walk("", model)


def _walk(path: str, module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    module = unwrapped(module)
    yield path, module
    for name, child in _children(module):
        yield from _walk(f"{path}.{name}" if path else name, child)


def _children(module: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The children of `module`, also those that it has under several names."""
    # Unlike `named_children`, which yields each once.
    for name, child in module._modules.items():  # noqa: SLF001 - no other name
        if child is not None:
            yield name, child


def _wrapped_by(module: nn.Module) -> nn.Module | None:
    for (defined_in, class_name), child in _CHILD_OF.items():
        # A class whose module was never imported has no instances; importing it would cost time.
        wrapper = getattr(sys.modules.get(defined_in), class_name, None)
        if wrapper is not None and isinstance(module, wrapper):
            inner: nn.Module = module.get_submodule(child)
            return inner
    return None
