"""`snapshot`: one forward of a model, recorded whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsIndex

import torch
from torch import nn

from tb_layerview.capture.layer_view import MAX_ELEMENTS, LayerView
from tb_layerview.capture.plan import DEFAULT_KINDS
from tb_layerview.capture.running import call, evaluation, same_generators
from tb_layerview.capture.select import Layers


def snapshot(
    model: nn.Module,
    writer: object,
    step: SupportsIndex,
    *,
    inputs: object,
    targets: object = None,
    layers: Layers = None,
    kinds: Sequence[str] = DEFAULT_KINDS,
    samples: int | slice = 4,
    max_elements: int | None = MAX_ELEMENTS,
    max_megabytes_per_step: float | None = None,
) -> object:
    """Run one forward of `model` on `inputs`, record it as step `step`, and flush.

    The model runs in evaluation mode and without gradients. Its training mode, its hooks and
    PyTorch's random generators are afterwards as they were before.

    Args:
        inputs: a tensor; a tuple or list, whose items are the positional arguments; or a mapping,
            whose items are the keyword arguments.
        model, writer, layers, kinds, samples, max_elements, max_megabytes_per_step: as for
            `LayerView`.
        step, targets: as for `LayerView.step`.

    Returns:
        What the forward returned.

    Raises:
        ArgumentError, LayerNotFoundError, ClosedError: as `LayerView`.
    """
    with (
        LayerView(
            model,
            writer,
            layers=layers,
            kinds=kinds,
            samples=samples,
            max_elements=max_elements,
            max_megabytes_per_step=max_megabytes_per_step,
        ) as view,
        evaluation(model),
        same_generators(model),
        torch.no_grad(),
        view.step(step, inputs=inputs, targets=targets),
    ):
        return call(model, inputs)
