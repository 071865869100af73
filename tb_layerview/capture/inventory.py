"""The parameters or buffers of the places of a plan, each once, and where each stands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, compress
from typing import Final, Literal

import torch

from tb_layerview.capture.captured import Spot
from tb_layerview.capture.groups import Group, Stand
from tb_layerview.capture.structure import Place

_ATTRIBUTES: Final = {"param": "_parameters", "buffer": "_buffers"}
"""Where a module has its own: a third of the time that ``named_parameters`` takes to tell."""

_GROUPS_OF_GRADIENTS: Final = 8
"""Sets of parameters that get gradients together, as those of a generator and a discriminator."""


class Inventory:
    """Looked through in every recorded step, and written down anew where the model has others."""

    def __init__(self, places: Sequence[Place], kind: Literal["param", "buffer"]) -> None:
        self.group = Group(())
        self.index: dict[int, int] = {}
        """By the ``id`` of a tensor, its position among all."""
        self._kind = kind
        self._places = places
        self._attribute = _ATTRIBUTES[kind]
        self._seen: tuple[list[int], list[str], list[int]] = ([], [], [])
        self._is_first: list[bool] = []
        self._gradients: dict[tuple[int, ...], Group] = {}

    def tensors(self) -> list[torch.Tensor]:
        """Those that the modules have now, in the order of ``group.stands``."""
        attribute = self._attribute
        owned = [getattr(place.module, attribute) for place in self._places]
        # Those of scripted modules are no mappings, and have only these methods.
        names = [*chain.from_iterable([own.keys() for own in owned])]
        found = [*chain.from_iterable([own.values() for own in owned])]
        # Tensors are told apart by their ids: to hold them between two steps could keep memory
        # from the training that it has no use for any more.
        seen = [*map(len, owned)], names, [*map(id, found)]
        if seen != self._seen:
            self._write_down(names, found, seen[0])
            self._seen = seen
        return [*compress(found, self._is_first)]

    def gradients(self, positions: tuple[int, ...]) -> Group:
        """The gradients of the parameters at these `positions`."""
        group = self._gradients.get(positions)
        if group is None:
            if len(self._gradients) >= _GROUPS_OF_GRADIENTS:
                self._gradients.clear()
            stands = [Stand(self.group.stands[position].spots, "grad") for position in positions]
            group = self._gradients[positions] = Group(stands)
        return group

    def _write_down(
        self, names: list[str], found: list[torch.Tensor | None], counts: list[int]
    ) -> None:
        stands: list[Stand] = []
        self.index = {}
        self._gradients.clear()
        self._is_first = []
        places = chain.from_iterable(
            [place] * count for place, count in zip(self._places, counts, strict=True)
        )
        for place, name, tensor in zip(places, names, found, strict=True):
            position = None if tensor is None else self.index.get(id(tensor))
            self._is_first.append(tensor is not None and position is None)
            if position is not None:
                stands[position].spots.append(Spot(place, name))
            elif tensor is not None:
                self.index[id(tensor)] = len(stands)
                stands.append(Stand([Spot(place, name)], self._kind))
        self.group = Group(stands)
