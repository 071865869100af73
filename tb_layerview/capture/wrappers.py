"""Modules that only stand around the user's own, and whose names nobody wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from torch import nn

_FSDP: Final = "torch.distributed.fsdp.fully_sharded_data_parallel"

_CHILD_OF: Final = {
    ("torch.nn.parallel.data_parallel", "DataParallel"): "module",
    ("torch.nn.parallel.distributed", "DistributedDataParallel"): "module",
    (_FSDP, "FullyShardedDataParallel"): "_fsdp_wrapped_module",
    ("torch._dynamo.eval_frame", "OptimizedModule"): "_orig_mod",
}
"""The name under which each class of wrapper has what it wraps, by the module that defines it.

By their names, as importing them would cost time.
"""

_CLASSES_KEPT: Final = 1024
"""Classes of modules that are remembered: notebooks define the same class again and again."""

_UNKNOWN: Final = ""

_known: Final[dict[type, str | None]] = {}
"""What instances of a class wrap; None if they are no wrappers."""


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
    kind = type(module)
    # Every module is asked in every recorded step, and a class that is defined knows its bases.
    # Other threads may clear what is known at any time.
    child = _known.get(kind, _UNKNOWN)
    if child == _UNKNOWN:
        names = ((base.__module__, base.__name__) for base in kind.__mro__)
        child = next((_CHILD_OF[name] for name in names if name in _CHILD_OF), None)
        if len(_known) >= _CLASSES_KEPT:
            _known.clear()
        _known[kind] = child
    return None if child is None else module.get_submodule(child)
