"""What the examples of the documentation take for granted: a model, a loader, a recorded run."""

from __future__ import annotations

import logging
from collections import OrderedDict
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

import tb_layerview
from demo.model import CLASSES, CNN
from tb_layerview import LayerView

RUN: Final = "runs/exp1"
STEPS: Final = (0, 100, 200, 300, 340)
BATCH: Final = 8


class Small(nn.Sequential):
    """Layers of the names that `docs/recording.md` uses. The encoder has a large weight."""

    def __init__(self) -> None:
        super().__init__(
            OrderedDict(encoder=nn.Linear(8, 600), activation=nn.ReLU(), head=nn.Linear(600, 3))
        )


def names(document: str) -> dict[str, Any]:
    """The names that an example of ``document`` may use, as a program would have made them."""
    torch.manual_seed(0)
    convolutional = document != "docs/recording.md"
    model = CNN() if convolutional else Small()
    classes = CLASSES if convolutional else 3
    shape = (1, 28, 28) if convolutional else (8,)
    images, labels = torch.randn(BATCH, *shape), torch.arange(BATCH) % classes
    loss_fn = nn.CrossEntropyLoss()
    return {
        "LayerView": LayerView,
        "logging": logging,
        "nn": nn,
        "tb_layerview": tb_layerview,
        "torch": torch,
        "images": images,
        "labels": labels,
        "loader": [(images, labels)],
        "loss_fn": loss_fn,
        "micro_batches": lambda _step: [(images[:4], labels[:4]), (images[4:], labels[4:])],
        "model": model,
        "optimizer": torch.optim.SGD(model.parameters(), lr=0.1),
        "parts": 2,
        "scaler": torch.amp.GradScaler("cpu"),
        "step": 0,
        "steps": 2,
        "test_images": torch.randn(40, *shape),
        "test_labels": torch.arange(40) % classes,
        "test_names": [f"picture {number}" for number in range(40)],
        "train_step": lambda images, labels: loss_fn(model(images), labels).backward(),
    }


def trainers() -> dict[str, ModuleType]:
    """Libraries of trainers as far as examples name them; `make trainers` has the real ones."""
    lightning, transformers = ModuleType("lightning"), ModuleType("transformers")
    vars(lightning)["Callback"] = vars(transformers)["TrainerCallback"] = object
    return {"lightning": lightning, "transformers": transformers}


def record(example_names: dict[str, Any], *, max_elements: int | None) -> None:
    """Record the model at `STEPS`, as an example finds it that reads."""
    model, images, labels = (example_names[name] for name in ("model", "images", "labels"))
    with LayerView(model, RUN, samples=BATCH, max_elements=max_elements) as view:
        for step in STEPS:
            with view.step(step, inputs=images, targets=labels) as recording:
                recording.predictions(model(images))


def prepare_recording(example_names: dict[str, Any], *, begun: bool) -> None:
    """Add the `writer`, and the `view` where an example goes on with one that was ``begun``."""
    example_names["writer"] = SummaryWriter(RUN)
    if begun:
        example_names["view"] = LayerView(example_names["model"], example_names["writer"])


def close(example_names: dict[str, Any]) -> None:
    """Close what an example leaves open, as its program would at its end."""
    for name in ("view", "writer"):
        if name in example_names:
            example_names[name].close()


def recorded_steps() -> list[int]:
    """The steps that are in the run now."""
    return tb_layerview.open(Path(RUN)).steps
