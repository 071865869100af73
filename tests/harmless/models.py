"""Every kind of training that a recording must leave as it is, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from tests.harmless import sequences, special, vision
from tests.harmless.training import Training

TRAININGS: Final[Mapping[str, Callable[[], Training]]] = {
    "demo CNN": vision.DemoCNN,
    "ResNet": vision.ResNet,
    "U-Net": vision.UNet,
    "ViT": vision.ViT,
    "VAE": vision.VAE,
    "GAN": vision.GAN,
    "LSTM": sequences.LSTM,
    "transformer with tied weights": sequences.Transformer,
    "mixture of experts": sequences.MixtureOfExperts,
    "hooks of its own": special.OwnHooks,
    "gradient checkpointing": special.Checkpointing,
    "reentrant checkpointing": special.ReentrantCheckpointing,
    "selective checkpointing": special.SelectiveCheckpointing,
    "autocast to bfloat16": special.Autocast,
    "parametrized weights": special.Parametrized,
    "torch.func": special.Functional,
}
