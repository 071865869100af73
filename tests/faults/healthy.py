"""Trainings without a fault: in none of them may anything be called an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, RMSprop

from demo import model as demo_model
from tests.faults import models
from tests.faults.models import CNN, MLP, VAE, Recurrent, ResNet, Tagger, Transformer
from tests.faults.plants import digits, probabilities
from tests.faults.training import Training, evidence_bound


class Healthy(NamedTuple):
    """A training in which nothing is wrong."""

    name: str
    seed: int
    make: Callable[[], Training]


def _lstm() -> Recurrent:
    return Recurrent(nn.LSTM(models.FEATURES, 16, batch_first=True))


def _gru() -> Recurrent:
    return Recurrent(nn.GRU(models.FEATURES, 16, batch_first=True))


HEALTHY: Final = (
    *(
        Healthy(
            f"demo CNN, seed {seed}",
            seed,
            lambda: Training(demo_model.CNN(), digits, loss=probabilities),
        )
        for seed in range(2)
    ),
    Healthy("MLP, SGD", 0, lambda: Training(MLP(), models.features, SGD, 0.1)),
    Healthy("MLP, Adam", 1, lambda: Training(MLP(), models.features)),
    Healthy("MLP of tanhs, RMSprop", 2, lambda: Training(MLP(nn.Tanh), models.features, RMSprop)),
    Healthy(
        "MLP of sigmoids, Adam", 3, lambda: Training(MLP(nn.Sigmoid), models.features, rate=1e-2)
    ),
    Healthy("MLP, no learning at all", 4, lambda: Training(MLP(), models.features, SGD, 0.0)),
    Healthy("CNN, SGD", 5, lambda: Training(CNN(), models.pictures, SGD, 0.05)),
    Healthy("CNN, Adam", 6, lambda: Training(CNN(), models.pictures)),
    Healthy(
        "CNN, AdamW, bfloat16",
        7,
        lambda: Training(CNN(), models.pictures, AdamW, autocast=torch.bfloat16),
    ),
    Healthy("LSTM, Adam", 8, lambda: Training(_lstm(), models.sequences)),
    Healthy("LSTM, SGD", 9, lambda: Training(_lstm(), models.sequences, SGD, 0.1)),
    Healthy("GRU, Adam", 10, lambda: Training(_gru(), models.sequences)),
    Healthy("transformer, Adam", 11, lambda: Training(Transformer(), models.tokens)),
    Healthy("transformer, AdamW", 12, lambda: Training(Transformer(), models.tokens, AdamW, 1e-2)),
    Healthy(
        "transformer, float16 autocast",
        13,
        lambda: Training(Transformer(), models.tokens, autocast=torch.float16),
    ),
    Healthy(
        "transformer, bfloat16 autocast",
        14,
        lambda: Training(Transformer(), models.tokens, autocast=torch.bfloat16),
    ),
    Healthy("VAE, Adam", 15, lambda: Training(VAE(), models.features, loss=evidence_bound)),
    Healthy(
        "VAE, SGD", 16, lambda: Training(VAE(), models.features, SGD, 0.05, loss=evidence_bound)
    ),
    Healthy("ResNet, SGD", 17, lambda: Training(ResNet(), models.pictures, SGD, 0.05)),
    Healthy("ResNet, Adam", 18, lambda: Training(ResNet(), models.pictures)),
    Healthy(
        "ResNet, bfloat16",
        19,
        lambda: Training(ResNet(), models.pictures, Adam, autocast=torch.bfloat16),
    ),
    Healthy("bag of words, Adam", 20, lambda: Training(Tagger(), models.tokens, rate=1e-2)),
    Healthy("bag of words, SGD", 21, lambda: Training(Tagger(), models.tokens, SGD, 0.5)),
)
