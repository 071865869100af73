"""Faults written down when the rules stood, and run once: no rule was changed for them."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from tests.faults import layers, models, plants
from tests.faults.fault import Fault
from tests.faults.models import CNN, MLP, VAE, Recurrent, ResNet, Transformer
from tests.faults.plants import at_planted, filled, multiplied
from tests.faults.training import PLANTED, Training, cross_entropy, evidence_bound


def _gru() -> Recurrent:
    return Recurrent(nn.GRU(models.FEATURES, 16, batch_first=True))


def _dropping() -> nn.Module:
    return layers.Between(nn.Dropout(1.0))


def _mean_of_none(output: object, _inputs: Tensor, targets: Tensor) -> Tensor:
    """The mean loss of the samples of a class that does not come: 0 / 0."""
    assert isinstance(output, Tensor)
    losses = nn.functional.cross_entropy(output, targets, reduction="none")
    chosen = (targets == models.CLASSES).float()
    return (losses * chosen).sum() / chosen.sum()


def _tiny(output: object, inputs: Tensor, targets: Tensor) -> Tensor:
    return 1e-6 * cross_entropy(output, inputs, targets)


LATER: Final = (
    Fault(
        "weight that became NaN",
        "recurrent",
        "non_finite",
        ("rnn",),
        PLANTED,
        lambda: Training(
            _gru(),
            models.sequences,
            before=at_planted(filled("rnn.weight_ih_l0", float("nan"), slice(1))),
        ),
    ),
    Fault(
        "dropout that drops everything",
        "MLP",
        "dead_layer",
        ("between",),
        0,
        lambda: Training(_dropping(), models.features),
    ),
    Fault(
        "gain of a layer norm set to zero",
        "transformer",
        "dead_layer",
        ("norm.1",),
        PLANTED,
        lambda: Training(
            Transformer(),
            models.tokens,
            torch.optim.SGD,
            0.0,
            before=at_planted(filled("norm.1.weight", 0.0)),
        ),
    ),
    Fault(
        "weights 100 times too large in the middle of a training",
        "ResNet",
        "growing_gradient",
        ("head", "blocks.1.conv2", "blocks.1.bn2"),
        PLANTED,
        lambda: Training(
            ResNet(),
            models.pictures,
            torch.optim.SGD,
            0.01,
            before=at_planted(multiplied("head.weight", 100.0)),
        ),
    ),
    Fault(
        "code that does not depend on the input",
        "VAE",
        "collapsed_output",
        ("mean",),
        PLANTED,
        lambda: Training(
            VAE(),
            models.features,
            torch.optim.SGD,
            0.0,
            loss=evidence_bound,
            before=at_planted(filled("mean.weight", 0.0)),
        ),
    ),
    Fault(
        "head left out of the optimizer",
        "recurrent",
        "frozen",
        ("head",),
        0,
        lambda: Training(_gru(), models.sequences, trained=plants.without("head")),
    ),
    Fault(
        "no scaling of the loss under autocast",
        "transformer",
        "underflow",
        (
            "mlp.0.0",
            "mlp.0.2",
            "mlp.1.0",
            "mlp.1.2",
            "attention.0.value",
            "attention.1.value",
            "head",
        ),
        0,
        lambda: Training(Transformer(), models.tokens, autocast=torch.float16, loss=_tiny),
    ),
    Fault(
        "loss that is a mean over nothing",
        "CNN",
        "non_finite",
        ("", "fc"),
        0,
        lambda: Training(CNN(), models.pictures, loss=_mean_of_none),
    ),
    Fault(
        "activation forgotten",
        "MLP",
        "nothing_between",
        ("second", "last"),
        0,
        lambda: Training(MLP(nn.Identity), models.features),
    ),
)
