"""In which order the tensors of a step came to be, and what each layer was given."""

from __future__ import annotations

from functools import cached_property
from typing import Final

from tb_layerview.diagnosis.evidence import Evidence, Flags

_OF_A_FORWARD: Final = ("input", "tap", "output")
_HANDS_ON: Final = "Sequential"
"""The class of container of which is known what it gives to each layer in it."""


class Execution:
    """The order is that in which tensors were captured (``TensorSpec.turn``).

    Logs of the first writers do not tell: there modules go by when they return, a container after
    what is in it, one call after the other.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence

    @cached_property
    def forward(self) -> list[int]:
        """The rows of inputs, taps and outputs, in the order in which they came."""
        specs = self._evidence.specs
        rows = [row for row, spec in enumerate(specs) if spec.kind in _OF_A_FORWARD]
        if all(specs[row].turn is not None for row in rows):
            return sorted(rows, key=lambda row: specs[row].turn or 0)
        return sorted(rows, key=self._place_in_tree)

    @cached_property
    def backward(self) -> list[int]:
        """The rows of gradients: of what the last layer returned, of its parameters, and so on."""
        specs, names = self._evidence.specs, self._evidence.names
        turns = {specs[row].key: turn for turn, row in enumerate(self.forward)}
        returned = {
            specs[row].module: turn
            for turn, row in enumerate(self.forward)
            if names[row].kind == "output"
        }

        def when(row: int) -> tuple[float, int]:
            path = specs[row].module
            own = returned.get(path, self._order(path))
            if names[row].kind == "output_grad":
                return -turns.get(self.output_of(row), own), 0
            return -own, 1

        return sorted(
            (row for row, spec in enumerate(specs) if spec.kind in ("grad", "output_grad")),
            key=when,
        )

    @cached_property
    def state(self) -> list[int]:
        """The rows of parameters and buffers, those of a module that runs earlier first."""
        specs = self._evidence.specs
        rows = [row for row, spec in enumerate(specs) if spec.kind in ("param", "buffer")]
        return sorted(rows, key=lambda row: self._order(specs[row].module))

    def output_of(self, row: int) -> str:
        """The key of the output that the row is the gradient of."""
        return self._evidence.specs[row].key.replace("/output_grad", "/output", 1)

    def inputs(self, path: str, call: int = 0, recorded_at: Flags | None = None) -> list[int]:
        """The rows of what a module was given in a call; none where the log does not tell.

        The recorded inputs, or else what a ``Sequential`` must have handed on: the output of the
        layer before, or its own input. The model's own are those that the step was given.

        ``recorded_at`` is ``[keys]``, which were recorded at the step in question: a step that the
        flight recorder ran again has inputs that other steps have not. None for any step.
        """
        own = [row for row in self._rows(path, "input") if recorded_at is None or recorded_at[row]]
        recorded = [row for row in own if self._evidence.names[row].call == call]
        if recorded or call:
            return recorded
        if not path:
            return self.given("inputs")
        parent = path.rpartition(".")[0]
        if self._evidence.class_of(parent) != _HANDS_ON:
            return []
        siblings = self._children.get(parent, [])
        place = siblings.index(path) if path in siblings else 0
        if not place:
            return self.inputs(parent, recorded_at=recorded_at)
        return self._rows(siblings[place - 1], "output")

    def given(self, role: str) -> list[int]:
        """The rows of what a step was given as ``inputs``, or as ``targets``."""
        names = self._evidence.names
        samples = self._rows("", "sample")
        return [row for row in samples if names[row].name.partition(".")[0] == role]

    def before(self, row: int) -> int | None:
        """The row of the output or tap that came right before; None where there is none."""
        place = self.forward.index(row) if row in self.forward else 0
        earlier = (other for other in reversed(self.forward[:place]))
        return next((o for o in earlier if self._evidence.names[o].kind != "input"), None)

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        children: dict[str, list[str]] = {}
        for path in sorted(self._evidence.modules, key=self._order):
            if path:
                children.setdefault(path.rpartition(".")[0], []).append(path)
        return children

    @cached_property
    def _of_modules(self) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = {}
        for row, spec in enumerate(self._evidence.specs):
            found.setdefault((spec.module, spec.kind), []).append(row)
        return found

    def _rows(self, path: str, kind: str) -> list[int]:
        return self._of_modules.get((path, kind), [])

    def _order(self, path: str) -> int:
        module = self._evidence.modules.get(path)
        return module.order if module is not None else len(self._evidence.modules)

    def _place_in_tree(self, row: int) -> tuple[int, int, int]:
        name = self._evidence.names[row]
        if name.kind == "input":
            return name.call, 2 * self._order(name.module), 0
        return name.call, 2 * self._last_within(name.module) + 1, -self._order(name.module)

    def _last_within(self, path: str) -> int:
        children = self._children.get(path)
        return self._last_within(children[-1]) if children else self._order(path)
