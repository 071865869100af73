"""Trainings that lean on PyTorch's hooks, modes and recomputation, as a recording itself does."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations
from torch.utils import checkpoint

from tests.harmless.training import Begin, Classifier, Training

BATCH = 6
FEATURES = 8
CLASSES = 4


class Rows(Classifier):
    def batch(self) -> tuple[Tensor, Tensor]:
        return torch.randn(BATCH, FEATURES), torch.randint(CLASSES, (BATCH,))


def perceptron() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(FEATURES, 12), nn.BatchNorm1d(12), nn.ReLU(inplace=True), nn.Dropout(0.3),
        nn.Linear(12, CLASSES),
    )  # fmt: skip


class OwnHooks(Rows):
    """Hooks of the user change outputs and gradients, and note what they see, in their order."""

    def __init__(self) -> None:
        model = perceptron()
        super().__init__(model)
        self.noted: list[str] = []
        model[0].register_forward_pre_hook(lambda _, args: (args[0] * 1.5,))
        model[0].register_forward_hook(lambda _, __, output: output + 0.25)
        model[1].register_forward_hook(self._note("forward of 1"), prepend=True)
        model[3].register_full_backward_hook(self._note("backward of 3"))
        model[4].register_full_backward_pre_hook(self._double)
        weight, bias = model[4].parameters()
        weight.register_hook(lambda gradient: gradient * 0.5)
        bias.register_post_accumulate_grad_hook(self._note("gradient of the bias"))
        model.register_forward_hook(self._note("forward"), always_call=True)

    def extras(self) -> Mapping[str, object]:
        return {"noted": self.noted}

    def _note(self, what: str) -> Any:  # noqa: ANN401 - fits every sort of hook
        def note(*_: object) -> None:
            self.noted.append(what)

        return note

    def _double(self, _module: nn.Module, gradients: Sequence[Tensor]) -> tuple[Tensor, ...]:
        return tuple(gradient * 2 for gradient in gradients)


class CheckpointedModel(nn.Module):
    """The forward of `body` runs again in backward, with the same random numbers."""

    def __init__(self, dropout: type[nn.Module] = nn.Dropout, **options: Any) -> None:  # noqa: ANN401
        super().__init__()
        self.stem = nn.Linear(FEATURES, FEATURES)
        self.body = nn.ModuleList(
            nn.Sequential(nn.Linear(FEATURES, FEATURES), nn.Tanh(), dropout()) for _ in range(2)
        )
        self.head = nn.Linear(FEATURES, CLASSES)
        self.options = options

    def forward(self, values: Tensor) -> Tensor:
        values = self.stem(values)
        for part in self.body:
            values = checkpoint.checkpoint(part, values, **self.options)
        logits: Tensor = self.head(values)
        return logits


class Checkpointing(Rows):
    def __init__(self) -> None:
        super().__init__(CheckpointedModel(use_reentrant=False))


class ReentrantCheckpointing(Rows):
    def __init__(self) -> None:
        super().__init__(CheckpointedModel(use_reentrant=True))


class SelectiveCheckpointing(Rows):
    """Keeps what every operation returned, and hands it out in order when they run again.

    An operation of ours in that list would shift it.
    """

    def __init__(self) -> None:
        context_fn = functools.partial(
            checkpoint.create_selective_checkpoint_contexts, _save_everything
        )
        # What was kept must not be written to later, which a dropout does.
        model = CheckpointedModel(nn.Identity, use_reentrant=False, context_fn=context_fn)
        super().__init__(model)


def _save_everything(*_: object, **__: object) -> checkpoint.CheckpointPolicy:
    return checkpoint.CheckpointPolicy.MUST_SAVE  # begins with PyTorch 2.5


class Autocast(Rows):
    """bfloat16 inside, float32 weights, and a loss that is scaled."""

    def __init__(self) -> None:
        super().__init__(nn.Sequential(nn.Linear(FEATURES, 16), nn.GELU(), nn.Linear(16, CLASSES)))
        self.scaler = torch.amp.GradScaler("cpu", init_scale=256.0, growth_interval=2)

    def extras(self) -> Mapping[str, object]:
        return self.scaler.state_dict()

    def step(self, begin: Begin) -> Sequence[Tensor]:
        inputs, labels = self.batch()
        (optimizer,) = self.optimizers
        with begin("model", inputs=inputs, targets=labels) as recording:
            optimizer.zero_grad()
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = self.model(inputs)
                recording.predictions(logits)
                loss = nn.functional.cross_entropy(logits.float(), labels)
            self.scaler.scale(loss).backward()
            self.scaler.step(optimizer)
            self.scaler.update()
        return [loss.detach()]


class Parametrized(Rows):
    """Weights that are computed, an orthogonal one among them, and a buffer that moves."""

    def __init__(self) -> None:
        first = parametrizations.weight_norm(nn.Linear(FEATURES, FEATURES))
        second = parametrizations.spectral_norm(nn.Linear(FEATURES, FEATURES))
        third = parametrizations.orthogonal(nn.Linear(FEATURES, CLASSES))
        super().__init__(nn.Sequential(first, nn.ELU(), second, nn.Softplus(), third))


class Functional(Training):
    """`torch.func`: gradients of each sample, of a model that is called without its weights."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(nn.Linear(FEATURES, 6), nn.Tanh(), nn.Linear(6, CLASSES))
        self.models = {"model": self.model}

    def step(self, begin: Begin) -> Sequence[Tensor]:
        inputs, labels = torch.randn(BATCH, FEATURES), torch.randint(CLASSES, (BATCH,))
        weights = {name: weight.detach() for name, weight in self.model.named_parameters()}

        def loss_of(weights: dict[str, Tensor], row: Tensor, label: Tensor) -> Tensor:
            logits = torch.func.functional_call(self.model, weights, (row[None],))
            return nn.functional.cross_entropy(logits, label[None])

        with begin("model", inputs=inputs, targets=labels):
            each = torch.func.vmap(torch.func.grad_and_value(loss_of), in_dims=(None, 0, 0))
            gradients, losses = each(weights, inputs, labels)
            with torch.no_grad():
                for name, weight in self.model.named_parameters():
                    weight.sub_(0.1 * gradients[name].mean(dim=0))
        return [losses]
