"""``layers`` of a `LayerView`: from what a PyTorch user would write to modules of the model."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Final

from torch import nn

from tb_layerview.capture.structure import Place
from tb_layerview.capture.wrappers import unwrapped
from tb_layerview.errors import ArgumentError, LayerNotFoundError

Layer = nn.Module | str | type[nn.Module]
Layers = Layer | Iterable[Layer] | None

_INDEX: Final = re.compile(r"""\[\s*(?:'([^']*)'|"([^"]*)"|(-?\d+))\s*\]""")
_NEAREST: Final = 5
"""Names that an error lists."""


def listed_layers(layers: Layers) -> list[Layer] | None:
    """`layers` as a list, which can be gone through again; None stays what it is.

    Raises:
        ArgumentError: it is no choice of layers, or an empty one.
    """
    if layers is None:
        return None
    # Containers such as nn.Sequential are iterable themselves, and so are strings.
    if isinstance(layers, (nn.Module, str, type)):
        return [layers]
    if not isinstance(layers, Iterable):
        raise ArgumentError("layers", "modules, names or classes of modules", layers)
    items = list(layers)
    if not items:
        raise ArgumentError("layers", "at least one layer, or None for all of them", layers)
    return items


def select_places(places: Sequence[Place], layers: Sequence[Layer] | None) -> list[Place]:
    """The places of the chosen modules and of all that is inside them, in order of definition.

    Args:
        places: those of the whole model, the root first.
        layers: modules; names as in code (``"conv2[0]"``, ``"model.conv2[0]"``,
            ``"blocks['a']"``, ``"layers[-1]"``) or as in ``named_modules()`` (``"conv2.0"``), or
            patterns of these, whose ``*`` crosses no dot (``"encoder.*.attn"``); classes. None for
            all modules.

    Raises:
        ArgumentError: one of them is none of these.
        LayerNotFoundError: one of them matches no module.
    """
    if layers is None:
        return list(places)
    chosen: set[str] = set()
    for layer in layers:
        chosen.update(_matches(places, layer))
    return [place for place in places if _is_within(place.path, chosen)]


def _matches(places: Sequence[Place], layer: object) -> list[str]:
    paths = [place.path for place in places]
    if isinstance(layer, nn.Module):
        layer = unwrapped(layer)
        found = [place.path for place in places if place.module is layer]
        received = f"a {type(layer).__name__} that is not in the model"
        alike = [place.path for place in places if type(place.module) is type(layer)]
        nearest = alike or paths
    elif isinstance(layer, str):
        found = _named(places, layer)
        received = layer
        nearest = difflib.get_close_matches(_normal(layer), paths, n=_NEAREST, cutoff=0.4) or paths
    elif isinstance(layer, type) and issubclass(layer, nn.Module):
        found = [place.path for place in places if isinstance(place.module, layer)]
        received = layer.__name__
        classes = sorted({type(place.module).__name__ for place in places})
        nearest = difflib.get_close_matches(received, classes, n=_NEAREST) or classes
    else:
        raise ArgumentError("layers", "modules, names or classes of modules", layer)
    if not found:
        raise LayerNotFoundError(received, [name for name in nearest if name][:_NEAREST])
    return found


def _normal(name: str) -> str:
    """`name` with dots only: ``"a[0]['b']"`` as ``"a.0.b"``."""
    dotted = _INDEX.sub(lambda index: "." + next(filter(None, index.groups()), ""), name)
    return dotted.strip().removeprefix(".")


def _named(places: Sequence[Place], name: str) -> list[str]:
    children: dict[str, list[str]] = {}
    for path, _ in places[1:]:
        children.setdefault(path.rpartition(".")[0], []).append(path)
    segments = _normal(name).split(".")
    found = _descend(children, segments)
    if not found and len(segments) > 1 and not _descend(children, segments[:1]):
        # "model.conv2[0]": the first name is that of the user's variable.
        found = _descend(children, segments[1:])
    return found


def _descend(children: dict[str, list[str]], segments: Sequence[str]) -> list[str]:
    """Paths that match the pattern of each segment, one level of the model after the other."""
    reached = [""]
    for segment in segments:
        reached = [
            child for path in reached for child in _children_like(children.get(path, []), segment)
        ]
    return reached


def _children_like(siblings: Sequence[str], segment: str) -> list[str]:
    if segment.startswith("-") and segment[1:].isdigit():
        position = len(siblings) + int(segment)
        return [siblings[position]] if position >= 0 else []
    return [path for path in siblings if fnmatchcase(path.rpartition(".")[2], segment)]


def _is_within(path: str, chosen: set[str]) -> bool:
    """Whether `path` or a container around it was chosen."""
    while path not in chosen:
        if not path:
            return False
        path = path.rpartition(".")[0]
    return True
