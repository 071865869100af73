"""The modules of a model: where each stands, how it prints, and in which order they run."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from torch import nn

from tb_layerview.capture.wrappers import named_places
from tb_layerview.log.schema import ModuleSpec


class Place(NamedTuple):
    """One place of a module in the model. A shared module has several."""

    path: str
    module: nn.Module


@dataclass(frozen=True)
class Structure:
    """Every place of every module, in the order of definition, and how each module prints.

    ``classes`` are those of the modules at these places: a lazy module changes its class in place
    when it is initialized.
    """

    places: tuple[Place, ...]
    classes: tuple[type[nn.Module], ...]
    reprs: Mapping[str, str]

    def is_of(self, model: nn.Module) -> bool:
        """Whether `model` still has these modules at these places."""
        places, classes = self.places, self.classes
        count = 0
        for path, module in named_places(model):
            if count == len(places):
                return False
            place = places[count]
            if place.module is not module or classes[count] is not type(module):
                return False
            if place.path != path:
                return False
            count += 1
        return count == len(places)


def structure_of(model: nn.Module) -> Structure:
    """What `model` consists of now, without the wrappers around the user's own modules."""
    places = tuple(Place(*pair) for pair in named_places(model))
    classes = tuple(type(place.module) for place in places)
    return Structure(places, classes, {place.path: own_repr(place.module) for place in places})


def own_repr(module: nn.Module) -> str:
    """The module's own line of ``print(model)``: its class and ``extra_repr()``, no children."""
    extra = ""
    # It is the user's code, and decoration here: where it fails, the class says enough.
    with contextlib.suppress(Exception):
        extra = " ".join(module.extra_repr().split("\n"))
    return f"{type(module).__name__}({extra})"


@dataclass
class FirstOrder:
    """In which order things happened, over all steps; each keeps the place that it got first.

    So the order of a schema does not change from step to step when a model takes one branch now
    and another one then.
    """

    _sequence: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def observe(self, names: Sequence[str]) -> bool:
        """Learn from one step: the names of what happened, in order.

        Returns:
            Whether there was anything new.
        """
        if self._known.issuperset(names):
            return False
        position = 0
        for name in names:
            if name in self._known:
                position = self._sequence.index(name) + 1
            else:
                self._sequence.insert(position, name)
                self._known.add(name)
                position += 1
        return True

    def places(self) -> dict[str, int]:
        """The place of each name, from 0."""
        return {name: place for place, name in enumerate(self._sequence)}


class ExecutionOrder(FirstOrder):
    """In which order modules ran: `observe` is told their paths, in the order they returned."""

    def specs(self, structure: Structure) -> tuple[ModuleSpec, ...]:
        """All modules, in order. A container stands before what is in it."""
        rank = self.places()
        children: dict[str, list[str]] = {}
        first_run: dict[str, int] = {}
        # Definition order puts parents first: backwards, each subtree is complete when it is read.
        for path, _ in reversed(structure.places):
            ran = [first_run[child] for child in children.get(path, ()) if child in first_run]
            if path in rank:
                ran.append(rank[path])
            if ran:
                first_run[path] = min(ran)
            if path:
                children.setdefault(path.rpartition(".")[0], []).insert(0, path)
        names = {path: type(module).__name__ for path, module in structure.places}
        return tuple(
            ModuleSpec(path, names[path], structure.reprs[path], order)
            for order, path in enumerate(_walk("", children, first_run))
        )


def _walk(path: str, children: Mapping[str, list[str]], first_run: Mapping[str, int]) -> list[str]:
    """`path` and all below it, siblings by when they first ran.

    What never ran follows the sibling that is defined before it.
    """
    siblings = children.get(path, [])
    turns: list[int] = []
    for child in siblings:
        turns.append(first_run.get(child, turns[-1] if turns else -1))
    ordered = [child for _, child in sorted(zip(turns, siblings, strict=True), key=lambda t: t[0])]
    return [path, *itertools.chain.from_iterable(_walk(c, children, first_run) for c in ordered)]
