"""Tensors inside of tuples, lists, mappings and dataclasses, each with a name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import torch

DEPTH_LIMIT = 16
"""Containers within containers that are looked into: more is a container that holds itself."""


def named_tensors(
    value: object, prefix: str = "", depth: int = 0
) -> Iterator[tuple[str, torch.Tensor]]:
    """The tensors in `value`, in order, as pairs of a dotted name and the tensor.

    A lone tensor is named `prefix`. Items of tuples and lists are named by their index, those of
    mappings, named tuples and dataclasses by their key or field: ``0``, ``hidden.0``. What is no
    tensor is left out.
    """
    if isinstance(value, torch.Tensor):
        yield prefix, value
    elif depth < DEPTH_LIMIT:
        for name, item in items_of(value):
            yield from named_tensors(item, joined(prefix, name), depth + 1)


def items_of(value: object) -> Iterator[tuple[str, object]]:
    """The items of one container with their names; none when `value` is no container."""
    if isinstance(value, Mapping):
        yield from ((str(name), item) for name, item in value.items())
    elif isinstance(value, (tuple, list)):
        names = getattr(value, "_fields", None) or range(len(value))
        yield from ((str(name), item) for name, item in zip(names, value, strict=True))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            # A field may be declared and never set (init=False): it holds nothing to record.
            if hasattr(value, field.name):
                yield field.name, getattr(value, field.name)


def joined(prefix: str, name: str) -> str:
    """The dotted name of `name` within `prefix`; an empty part adds no dot."""
    return f"{prefix}.{name}" if prefix and name else prefix or name
