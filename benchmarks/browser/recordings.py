"""What is looked at: weights of three sizes and the feature maps of a layer."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

from tb_layerview import LayerView

SIDES: Final = (1024, 3072)
HUGE: Final = 16_384
MAPS: Final = (64, 12, 12)
QUEUE_BYTES: Final = 1 << 31
"""Room for a weight of a gigabyte."""


class Matrices(nn.Module):
    """Weights to look at, and an output of many small maps."""

    def __init__(self) -> None:
        super().__init__()
        for side in SIDES:
            self.add_module(f"side{side}", nn.Linear(side, side, bias=False))
        self.maps = nn.Identity()

    def forward(self, inputs: Tensor) -> Tensor:
        """The inputs, which are the maps."""
        outputs: Tensor = self.maps(inputs)
        return outputs


def record(logdir: Path, *, with_huge: bool) -> None:
    """Write the run ``some``, of two steps, and the run ``huge`` of one."""
    torch.manual_seed(0)
    maps = torch.randn(1, *MAPS)
    model = Matrices()
    with LayerView(model, logdir / "some", max_elements=None) as view, torch.no_grad():
        for step in range(2):
            with view.step(step, inputs=maps):
                model(maps)
    if with_huge:
        huge = nn.Linear(HUGE, HUGE, bias=False)
        with (
            LayerView(
                huge, logdir / "huge", kinds="param", max_elements=None, queue_bytes=QUEUE_BYTES
            ) as view,
            view.step(0),
        ):
            pass
