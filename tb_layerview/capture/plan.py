"""What of a model is recorded: the chosen modules, as they stand in it at one time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from torch import nn

from tb_layerview.capture.derived import makes_weights
from tb_layerview.capture.inventory import Inventory
from tb_layerview.capture.scripted import hidden_sentence, hides_calls
from tb_layerview.capture.select import Layers, listed_layers, select_places
from tb_layerview.capture.structure import Place, Structure, structure_of
from tb_layerview.capture.wrappers import unwrapped
from tb_layerview.errors import ArgumentError
from tb_layerview.log.names import KINDS

CAPTURED_KINDS: Final = tuple(kind for kind in KINDS if kind != "sample")
"""Kinds that can be asked for. What is given to a step (kind ``sample``) is always recorded."""

DEFAULT_KINDS: Final = ("param", "buffer", "output")
"""Kinds that are recorded where none are asked for."""

STATE_KINDS: Final = frozenset({"param", "buffer"})
"""Kinds that are there before anything is called."""

_KINDS_OF_CALLS: Final = frozenset({"input", "output", "output_grad", "tap"})


@dataclass(frozen=True)
class Plan:
    """The model's structure, the chosen places in it, and for each chosen module its places.

    ``modules`` are those whose calls can be seen.
    """

    model: nn.Module
    kinds: frozenset[str]
    structure: Structure
    places: tuple[Place, ...]
    modules: dict[nn.Module, tuple[Place, ...]]

    @property
    def wants_outputs_alone(self) -> bool:
        """Whether what calls return is all that is wanted of them."""
        return self.kinds & _KINDS_OF_CALLS == {"output"}

    @cached_property
    def parameters(self) -> Inventory:
        """The parameters of the chosen places."""
        return Inventory(self.places, "param")

    @cached_property
    def buffers(self) -> Inventory:
        """The buffers of the chosen places."""
        return Inventory(self.places, "buffer")

    @cached_property
    def hidden(self) -> str | None:
        """What is said of the chosen modules that hide their calls; None if there are none."""
        return hidden_sentence(self.places)

    def of_everything(self) -> Plan:
        """The same model with every kind of every layer."""
        places = self.structure.places
        return Plan(
            self.model, frozenset(CAPTURED_KINDS), self.structure, places, _callable(places)
        )

    def called_modules(self) -> dict[nn.Module, tuple[Place, ...]]:
        """Modules whose calls tell something to record, with their chosen places.

        Where taps are recorded, those without any, too: a tap in one is not one of the module
        around it.
        """
        if "tap" in self.kinds:
            return {
                place.module: self.modules.get(place.module, ())
                for place in self.structure.places
                if not hides_calls(place.module)
            }
        if self.kinds & _KINDS_OF_CALLS:
            return self.modules
        if "param" in self.kinds:
            return {m: places for m, places in self.modules.items() if makes_weights(m)}
        return {}


class Planner:
    """Keeps a plan that fits the model, whose modules may be replaced while it trains."""

    def __init__(self, model: nn.Module, layers: Layers, kinds: frozenset[str]) -> None:
        """Resolve `layers` in `model`.

        Raises:
            ArgumentError: `layers` is no choice of layers.
            LayerNotFoundError: it names what is not in the model.
        """
        self._model = unwrapped(model)
        self._layers = listed_layers(layers)
        self._kinds = kinds
        self.plan = self._make()

    def refresh(self) -> None:
        """Make a new plan if modules came, went or changed. Raises as the constructor does."""
        if not self.plan.structure.is_of(self._model):
            self.plan = self._make()

    def _make(self) -> Plan:
        structure = structure_of(self._model)
        places = tuple(select_places(structure.places, self._layers))
        return Plan(self._model, self._kinds, structure, places, _callable(places))


def _callable(places: Sequence[Place]) -> dict[nn.Module, tuple[Place, ...]]:
    """The modules at `places` whose calls can be seen, each with its places."""
    modules: dict[nn.Module, tuple[Place, ...]] = {}
    for place in places:
        if not hides_calls(place.module):
            modules[place.module] = (*modules.get(place.module, ()), place)
    return modules


def checked_kinds(kinds: Sequence[str]) -> frozenset[str]:
    """`kinds` as a set.

    Raises:
        ArgumentError: there are none, or one that cannot be recorded.
    """
    names = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    if not names or not set(names) <= set(CAPTURED_KINDS):
        raise ArgumentError("kinds", "some of " + ", ".join(CAPTURED_KINDS), kinds)
    return frozenset(names)
