"""A training whose every step can be seen whole, so that two of them can be compared bit by bit."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules import module as torch_module

from tb_layerview.capture.recording import Recording

Seen = dict[str, bytes]
"""All that a training consists of after a step, by name, each as its bits."""


class Begin(Protocol):
    """The ``with`` block around a step of the model `name`: recorded, or not."""

    def __call__(
        self, name: str, /, *, inputs: object = None, targets: object = None
    ) -> Recording: ...


class Training(ABC):
    """Some models, their optimizers, and what is done in a step.

    A step begins with ``zero_grad``, so that the gradients are still there to be compared when it
    ends. Data are drawn from the global random generators: a recording that drew from them, too,
    would change every later step.
    """

    steps: ClassVar[int] = 4

    def __init__(self) -> None:
        self.models: dict[str, nn.Module] = {}
        self.optimizers: list[torch.optim.Optimizer] = []

    @abstractmethod
    def step(self, begin: Begin) -> Sequence[Tensor]:
        """Train for one step and answer the losses."""

    def extras(self) -> Mapping[str, object]:
        """What else a step changes, such as the scale of a ``GradScaler``."""
        return {}


class Classifier(Training):
    """One model that maps what `batch` draws to logits of classes."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.models = {"model": model}
        self.optimizers = [torch.optim.Adam(model.parameters(), lr=1e-2)]

    @abstractmethod
    def batch(self) -> tuple[Tensor, Tensor]:
        """Inputs and labels."""

    def step(self, begin: Begin) -> Sequence[Tensor]:
        inputs, labels = self.batch()
        (optimizer,) = self.optimizers
        with begin("model", inputs=inputs, targets=labels) as recording:
            optimizer.zero_grad()
            logits = self.model(inputs)
            recording.predictions(logits)
            loss = nn.functional.cross_entropy(logits, labels)
            loss.backward()
            optimizer.step()
        return [loss.detach()]


def seed(number: int) -> None:
    """Start all random generators at `number`."""
    torch.manual_seed(number)
    np.random.seed(number)  # noqa: NPY002 - what older code draws from
    random.seed(number)


def seen(training: Training, losses: Sequence[Tensor]) -> Seen:
    """Losses, gradients, weights, buffers, state of optimizers and of random generators."""
    found: Seen = {f"loss {i}": bits(loss) for i, loss in enumerate(losses)}
    for name, model in training.models.items():
        for path, tensor in model.state_dict().items():
            found[f"{name}: {path}"] = bits(tensor)
        for path, parameter in model.named_parameters():
            gradient = parameter.grad
            found[f"{name}: gradient of {path}"] = b"" if gradient is None else bits(gradient)
    for i, optimizer in enumerate(training.optimizers):
        found |= dict(_leaves(f"optimizer {i}", optimizer.state_dict()))
    found |= dict(_leaves("extras", training.extras()))
    found["torch.random"] = bits(torch.get_rng_state())
    if torch.cuda.is_available():
        found["torch.cuda.random"] = bits(torch.cuda.get_rng_state())
    for i, part in enumerate(np.random.get_state(legacy=True)):  # noqa: NPY002
        found[f"numpy.random {i}"] = np.asarray(part).tobytes()
    found["random"] = repr(random.getstate()).encode()
    return found


def bits(tensor: Tensor) -> bytes:
    """Type, shape and bits of a tensor: NaN is equal to itself, and -0.0 is not 0.0."""
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    return (
        f"{tensor.dtype} {tuple(tensor.shape)} ".encode() + flat.view(torch.uint8).numpy().tobytes()
    )


def hooks(training: Training) -> dict[str, int]:
    """How many hooks there are, by where: on modules, on parameters, and on all modules at once."""
    found: dict[str, int] = {}
    for name, model in training.models.items():
        for path, part in (*model.named_modules(), *model.named_parameters()):
            for attribute in dir(part) if isinstance(part, Tensor) else vars(part):
                if "hooks" in attribute and "register" not in attribute:
                    found[f"{name}.{path}.{attribute}"] = _count(getattr(part, attribute))
    for attribute, value in vars(torch_module).items():
        if attribute.startswith("_global") and "hooks" in attribute:
            found[attribute] = _count(value)
    return found


def _count(value: object) -> int:
    return len(value) if isinstance(value, Mapping) else 0


def _leaves(path: str, value: object) -> Iterator[tuple[str, bytes]]:
    if isinstance(value, Tensor):
        yield path, bits(value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}", item)
    elif isinstance(value, (list, tuple)):
        for i, item in enumerate(value):
            yield from _leaves(f"{path}.{i}", item)
    else:
        yield path, repr(value).encode()
