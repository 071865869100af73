"""In which order the tensors of a step came to be."""

from __future__ import annotations

from typing import Final

from tb_layerview.diagnosis.evidence import Evidence
from tb_layerview.log.names import Key

_BEFORE_OUTPUT: Final = {"sample": 0, "param": 1, "buffer": 2, "input": 3, "tap": 4, "output": 5}
"""What a module has when it begins, and then what it makes."""


class Execution:
    """Modules by when they return: a container does so after what is in it."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        last = {path: module.order for path, module in evidence.modules.items()}
        for path, module in evidence.modules.items():
            parent = path
            while parent:
                parent = parent.rpartition(".")[0]
                if parent in last:
                    last[parent] = max(last[parent], module.order)
        self._returns = {
            path: (last[path], -module.order) for path, module in evidence.modules.items()
        }

    def _place(self, row: int) -> tuple[int, int]:
        return self._returns.get(self._evidence.specs[row].module, (0, 0))

    def first_of_state(self, rows: list[int]) -> int:
        """Of parameters and buffers, that of the module that runs first."""
        return min(rows, key=lambda row: (self._place(row), row))

    def first_of_forward(self, rows: list[int]) -> int:
        """Of outputs and taps, that which came first."""

        def when(row: int) -> tuple[int, tuple[int, int], int]:
            name: Key = self._evidence.names[row]
            return name.call, self._place(row), _BEFORE_OUTPUT[name.kind]

        return min(rows, key=when)

    def first_of_backward(self, rows: list[int]) -> int:
        """Of gradients, that which came first: backward goes from the last layer to the first."""

        def when(row: int) -> tuple[int, tuple[int, int], int]:
            name: Key = self._evidence.names[row]
            return name.call, self._place(row), int(name.kind == "output_grad")

        return max(rows, key=when)

    def before(self, row: int) -> int | None:
        """The output that came just before the tensor of a module; None where there is none."""
        own = self._place(row)
        specs = self._evidence.specs
        earlier = [
            other
            for other, spec in enumerate(specs)
            if spec.kind == "output" and self._place(other) < own and spec.module != ""
        ]
        return max(earlier, key=self._place, default=None)
