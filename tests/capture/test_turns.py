"""In which order what a forward was given, named and returned came."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview import LayerView, tap


class Loop(nn.Module):
    """Calls its second layer first, and both again; one call depends on the step."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(3, 3)
        self.cell = nn.Linear(3, 3)
        self.other = nn.Linear(3, 3)
        self.uses_extra = False

    def forward(self, x: Tensor) -> Tensor:
        """Twice through both layers."""
        for _ in range(2):
            x = tap(self.cell(x), "state")
            if self.uses_extra:
                x = self.other(x)
            x = self.head(x)
        return x


def test_turns_are_in_the_order_of_execution_at_every_step(tmp_path: Path) -> None:
    model = Loop()
    with LayerView(model, tmp_path, kinds=("param", "input", "output", "tap")) as view:
        for step, uses_extra in enumerate((False, True, False)):
            model.uses_extra = uses_extra
            with view.step(step):
                model(torch.zeros(2, 3))
    tensors = tb_layerview.open(tmp_path).schema().tensors
    turns = {tensor.key: tensor.turn for tensor in tensors if tensor.turn is not None}
    once = ["cell/input.0", "cell/output", "/tap.state", "other/input.0", "other/output"]
    once += ["head/input.0", "head/output"]
    expected = ["/input.0", *once, *(f"{key}#1" for key in once), "/output"]
    assert sorted(turns, key=lambda key: turns[key]) == expected
    assert {tensor.kind for tensor in tensors if tensor.turn is None} == {"param"}
