"""Trains a little and records it: `python -m tests.matrix.record LOGDIR TRUTH.npz WRITER`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

from demo.model import CLASSES, CNN
from tb_layerview import LayerView
from tests.fixtures import witness
from tests.matrix.truth import BATCH, RUN, SAMPLES, SPOILED, SPOILED_KEY, STEPS, Truth, save


def record(run: Path, writer: str) -> Truth:
    """Train for a few steps into ``run``; what plain PyTorch saw at those that are recorded.

    ``writer``: the package whose `SummaryWriter` the view is given, "torch" or "tensorboardX".
    """
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = CNN()
    optimizer = torch.optim.Adam(model.parameters())
    images, labels = torch.rand(BATCH, 1, 28, 28), torch.arange(BATCH) % CLASSES
    given = {"inputs": images, "targets": labels}
    truth: Truth = {}
    summaries = open_writer(writer, run)
    kinds = ("param", "buffer", "grad", "output")
    view = LayerView(model, summaries, kinds=kinds, every=STEPS[1], samples=SAMPLES)
    for step in range(STEPS[-1] + 1):
        if step == SPOILED:
            spoil(model)
        state = witness.state(model)
        with view.step(step, inputs=images, targets=labels) as recording:
            with witness.outputs(model) as outputs:
                probabilities = model(images)
            recording.predictions(probabilities)
            nn.functional.nll_loss(probabilities.log(), labels).backward()
            gradients = witness.gradients(model)
            optimizer.step()
            optimizer.zero_grad()
        if step in STEPS:
            samples = {f"/sample.{name}": tensor for name, tensor in given.items()}
            samples["/sample.predictions"] = probabilities.detach()
            seen = state | gradients | witness.first(outputs | samples, SAMPLES)
            truth[step] = {key: tensor.numpy() for key, tensor in seen.items()}
    view.close()
    summaries.close()
    return truth


def open_writer(package: str, run: Path) -> Any:  # noqa: ANN401
    """The `SummaryWriter` of ``package`` into ``run``."""
    module = {"torch": "torch.utils.tensorboard", "tensorboardX": "tensorboardX"}[package]
    return importlib.import_module(module).SummaryWriter(str(run))


def spoil(model: nn.Module) -> None:
    """Put one NaN into the weight that `SPOILED_KEY` names."""
    path = SPOILED_KEY.replace("/param", "")
    with torch.no_grad():
        model.get_parameter(path)[3, 1, 0, 2] = torch.nan


if __name__ == "__main__":
    logdir, truth_file, package = sys.argv[1:]
    save(record(Path(logdir) / RUN, package), Path(truth_file))
