"""Faults of learning: layers that say nothing, are not trained, or are trained wrongly."""

from __future__ import annotations

from typing import Final

from torch import nn

from tests.faults import layers, models, plants
from tests.faults.fault import Fault
from tests.faults.models import CNN, MLP, VAE, Recurrent, ResNet, Tagger, Transformer
from tests.faults.plants import at_planted, filled
from tests.faults.training import PLANTED, Training, evidence_bound

OF_LEARNING: Final = (
    Fault(
        "ReLU dead by a large bias",
        "CNN",
        "dead_layer",
        ("conv2.1",),
        PLANTED,
        lambda: Training(CNN(), models.pictures, before=at_planted(filled("conv2.0.bias", -1e3))),
    ),
    Fault(
        "half of the channels dead",
        "CNN",
        "dead_units",
        ("conv2.0", "conv2.1"),
        PLANTED,
        lambda: Training(
            CNN(),
            models.pictures,
            before=at_planted(filled("conv2.0.bias", -1e3, slice(8))),
        ),
    ),
    Fault(
        "saturated sigmoid",
        "MLP",
        "saturated",
        ("act1",),
        0,
        lambda: Training(plants.scaled(MLP(nn.Sigmoid), "first.weight", 100.0), models.features),
    ),
    Fault(
        "tanh saturated in the middle of a training",
        "MLP",
        "saturated",
        ("act2",),
        PLANTED,
        lambda: Training(
            MLP(nn.Tanh), models.features, before=at_planted(filled("second.bias", 20.0))
        ),
    ),
    Fault(
        "attention without its temperature",
        "transformer",
        "saturated",
        ("attention.1.softmax",),
        0,
        lambda: Training(plants.hot(), models.tokens),
    ),
    Fault(
        "initial weights 100 times too large",
        "CNN",
        "initial_scale",
        ("conv2.0",),
        0,
        lambda: Training(plants.scaled(CNN(), "conv2.0.weight", 100.0), models.pictures),
    ),
    Fault(
        "initial weights 100 times too small",
        "VAE",
        "initial_scale",
        ("decoder.0",),
        0,
        lambda: Training(
            plants.scaled(VAE(), "decoder.0.weight", 0.01), models.features, loss=evidence_bound
        ),
    ),
    Fault(
        "two layers of zeros",
        "MLP",
        "constant_filters",
        ("second",),
        0,
        lambda: Training(plants.zeros(), models.features),
    ),
    Fault(
        "duplicate filters",
        "CNN",
        "duplicate_filters",
        ("conv2.0",),
        0,
        lambda: Training(plants.twins(), models.pictures),
    ),
    Fault(
        "layer left out of the optimizer",
        "CNN",
        "frozen",
        ("conv1.0",),
        0,
        lambda: Training(CNN(), models.pictures, trained=plants.without("conv1.0")),
    ),
    Fault(
        "layer frozen in the middle of a training",
        "transformer",
        "no_gradient",
        ("mlp.0.0",),
        PLANTED,
        lambda: Training(Transformer(), models.tokens, before=at_planted(plants.frozen("mlp.0.0"))),
    ),
    Fault(
        "detached branch",
        "MLP",
        "no_gradient",
        ("branch.0",),
        0,
        lambda: Training(layers.Branches(plants.detached), models.features),
    ),
    Fault(
        "branch that is never called",
        "MLP",
        "never_reached",
        ("branch.0",),
        0,
        lambda: Training(layers.Branches(plants.unused), models.features),
    ),
    Fault(
        "learning rate 1,000 times too high",
        "ResNet",
        "update_too_large",
        ("stem.0", "blocks.0.conv1", "blocks.0.conv2", "blocks.1.conv1", "blocks.1.conv2", "head"),
        0,
        lambda: Training(ResNet(), models.pictures, rate=1.0),
    ),
    Fault(
        "learning rate 1,000 times too high from a step on",
        "recurrent",
        "update_too_large",
        ("rnn", "head"),
        PLANTED,
        lambda: Training(
            Recurrent(nn.LSTM(models.FEATURES, 16, batch_first=True)),
            models.sequences,
            before=plants.rate_times(1e3),
        ),
    ),
    Fault(
        "batch norm left in evaluation mode",
        "ResNet",
        "batch_norm_mode",
        ("stem.1", "blocks.0.bn1", "blocks.0.bn2", "blocks.1.bn1", "blocks.1.bn2"),
        PLANTED,
        lambda: Training(ResNet(), models.pictures, before=plants.evaluating),
    ),
    Fault(
        "running statistics that do not follow",
        "ResNet",
        "running_statistics",
        ("stem.1",),
        20,  # so many batches they are given to come near
        lambda: Training(plants.no_momentum(), models.pictures),
    ),
    Fault(
        "weights tied by accident",
        "MLP",
        "shared_parameters",
        ("first", "second"),
        0,
        lambda: Training(plants.tied(), models.features),
    ),
    Fault(
        "tokens that never come",
        "bag of words",
        "unused_rows",
        ("embedding",),
        0,
        lambda: Training(Tagger(), plants.few_tokens),
    ),
    Fault(
        "input lost on its way",
        "MLP",
        "collapsed_output",
        ("between", "between.linear"),
        PLANTED,
        lambda: Training(
            layers.Between(layers.LostInput()), models.features, before=at_planted(plants.lose)
        ),
    ),
    Fault(
        "a class with the label of another",
        "CNN",
        "absent_class",
        ("",),
        0,
        lambda: Training(CNN(), plants.mislabelled),
    ),
)
