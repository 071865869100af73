"""Faults of numbers: too large, too small, none at all, or gradients that are so."""

from __future__ import annotations

from typing import Final

import torch
from torch import nn

from tests.faults import layers, models, plants
from tests.faults.fault import Fault
from tests.faults.models import CNN, MLP, VAE, Recurrent, Transformer
from tests.faults.plants import at_planted, filled, half, multiplied, spoilt
from tests.faults.training import PLANTED, Training, evidence_bound

FLOAT16: Final = "float16 MLP"

OF_NUMBERS: Final = (
    Fault(
        "overflow in float16",
        FLOAT16,
        "non_finite",
        ("second",),
        PLANTED,
        lambda: Training(
            MLP().half(),
            half(models.features),
            torch.optim.SGD,
            1e-3,
            before=at_planted(multiplied("second.weight", 2e5)),
        ),
    ),
    Fault(
        "overflow under autocast",
        "transformer",
        "non_finite",
        ("mlp.1.0",),
        PLANTED,
        lambda: Training(
            Transformer(),
            models.tokens,
            autocast=torch.float16,
            before=at_planted(multiplied("mlp.1.0.bias", 1e7)),
        ),
    ),
    Fault(
        "division by a variance of zero",
        "MLP",
        "non_finite",
        ("between",),
        PLANTED,
        lambda: Training(
            layers.Between(layers.Standardise()), spoilt(models.features, plants.constant_batch)
        ),
    ),
    Fault(
        "logarithm of zero",
        "MLP",
        "non_finite",
        ("between.1",),
        PLANTED,
        lambda: Training(
            layers.Between(nn.Sequential(nn.ReLU(), layers.Log())),
            models.features,
            steps=PLANTED + 4,
            before=plants.zero_from_planted,
        ),
    ),
    Fault(
        "attention with every key masked",
        "transformer",
        "non_finite",
        ("attention.0.softmax",),
        PLANTED,
        lambda: Training(Transformer(), spoilt(models.tokens, plants.pad_all)),
    ),
    Fault(
        "infinite derivative of a root at zero",
        "MLP",
        "non_finite",
        ("between",),
        PLANTED,
        lambda: Training(
            layers.Between(layers.Root()),
            models.features,
            before=plants.zero_from_planted,
        ),
    ),
    Fault(
        "exponential of a large variance",
        "VAE",
        "non_finite",
        ("",),
        PLANTED,
        lambda: Training(
            VAE(),
            models.features,
            loss=evidence_bound,
            before=at_planted(filled("log_variance.bias", 200.0)),
        ),
    ),
    Fault(
        "NaN in a sample",
        "CNN",
        "non_finite",
        ("",),
        PLANTED,
        lambda: Training(CNN(), spoilt(models.pictures, plants.one_element(float("nan")))),
    ),
    Fault(
        "a sample a million times too large",
        "CNN",
        "outlying_inputs",
        ("",),
        PLANTED,
        lambda: Training(CNN(), spoilt(models.pictures, plants.one_element(1e6))),
    ),
    Fault(
        "near the end of float16",
        FLOAT16,
        "overflow_near",
        ("second",),
        PLANTED,
        lambda: Training(
            MLP().half(),
            half(models.features),
            torch.optim.SGD,
            0.0,
            before=at_planted(filled("second.bias", 3e4)),
        ),
    ),
    Fault(
        "no scaling of the loss in float16",
        FLOAT16,
        "underflow",
        ("first", "second", "act1", "act2", "last"),
        0,
        lambda: Training(
            MLP().half(), half(models.features), torch.optim.SGD, 1e-3, loss=plants.small_loss
        ),
    ),
    Fault(
        "exploding recurrent gradient",
        "recurrent",
        "exploding_gradient",
        ("rnn",),
        0,
        lambda: Training(
            Recurrent(plants.amplifying_rnn()), models.sequences, torch.optim.SGD, 0.0
        ),
    ),
    Fault(
        "vanishing gradient of deep sigmoids",
        "MLP",
        "vanishing_gradient",
        ("0",),
        0,
        lambda: Training(models.DeepSigmoid(), models.features, torch.optim.SGD, 1e-2),
    ),
)
