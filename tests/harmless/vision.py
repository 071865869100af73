"""Small models of pictures, as they are trained everywhere."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from demo.model import CLASSES, CNN
from tests.harmless.training import Begin, Classifier, Training

BATCH = 6
SIDE = 12
COLORS = 3


class DemoCNN(Classifier):
    """The demo's model. It answers probabilities: they serve as logits here."""

    def __init__(self) -> None:
        super().__init__(CNN())

    def batch(self) -> tuple[Tensor, Tensor]:
        return torch.randn(BATCH, 1, 28, 28), torch.randint(CLASSES, (BATCH,))


class Pictures(Classifier):
    def batch(self) -> tuple[Tensor, Tensor]:
        return torch.randn(BATCH, COLORS, SIDE, SIDE), torch.randint(CLASSES, (BATCH,))


class ResidualBlock(nn.Module):
    """Adds and activates in place: what a hook saw is gone a moment later."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)

    def forward(self, features: Tensor) -> Tensor:
        out = self.norm2(self.conv2(self.relu(self.norm1(self.conv1(features)))))
        out += features
        activated: Tensor = self.relu(out)
        return activated


class ResNet(Pictures):
    def __init__(self) -> None:
        stem = (nn.Conv2d(COLORS, 8, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, CLASSES))
        super().__init__(nn.Sequential(*stem, ResidualBlock(8), ResidualBlock(8), *head))


class UNetModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(COLORS, 6, 3, padding=1), nn.LeakyReLU(inplace=True))
        self.pool = nn.MaxPool2d(2)
        self.middle = nn.Sequential(nn.Conv2d(6, 12, 3, padding=1), nn.GroupNorm(3, 12), nn.SiLU())
        self.up = nn.ConvTranspose2d(12, 6, 2, stride=2)
        self.head = nn.Conv2d(12, 2, 1)

    def forward(self, images: Tensor) -> Tensor:
        fine = self.down(images)
        coarse = self.up(self.middle(self.pool(fine)))
        masks: Tensor = self.head(torch.cat([fine, coarse], dim=1))
        return masks


class UNet(Classifier):
    """Segmentation: a class for each pixel."""

    def __init__(self) -> None:
        super().__init__(UNetModel())

    def batch(self) -> tuple[Tensor, Tensor]:
        images = torch.randn(BATCH, COLORS, SIDE, SIDE).to(memory_format=torch.channels_last)
        return images, torch.randint(2, (BATCH, SIDE, SIDE))


class ViTModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(COLORS, 16, 4, stride=4)
        self.token = nn.Parameter(torch.zeros(1, 1, 16))
        self.position = nn.Parameter(torch.randn(1, 10, 16) * 0.02)
        layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(16, CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        patches = self.patches(images).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(len(images), -1, -1), patches], dim=1)
        logits: Tensor = self.head(self.encoder(tokens + self.position)[:, 0])
        return logits


class ViT(Pictures):
    """Augments with the generators of Python and NumPy, as data pipelines do."""

    def __init__(self) -> None:
        super().__init__(ViTModel())

    def batch(self) -> tuple[Tensor, Tensor]:
        images, labels = super().batch()
        if random.random() < 0.5:  # noqa: S311 - an augmentation
            images = images.flip(-1)
        return images * float(np.random.uniform(0.9, 1.1)), labels  # noqa: NPY002


class VAEModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(30, 16), nn.Tanh())
        self.mean = nn.Linear(16, 4)
        self.log_variance = nn.Linear(16, 4)
        self.decoder = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 30))

    def forward(self, values: Tensor) -> dict[str, Tensor]:
        code = self.encoder(values)
        mean, log_variance = self.mean(code), self.log_variance(code)
        latent = mean + torch.randn_like(mean) * (log_variance / 2).exp()
        return {"mean": mean, "log_variance": log_variance, "decoded": self.decoder(latent)}


class VAE(Training):
    """Samples in its forward: every later number depends on the generator's state."""

    def __init__(self) -> None:
        super().__init__()
        self.model = VAEModel()
        self.models = {"model": self.model}
        self.optimizers = [torch.optim.RMSprop(self.model.parameters(), lr=1e-2)]

    def step(self, begin: Begin) -> Sequence[Tensor]:
        values = torch.rand(BATCH, 30)
        (optimizer,) = self.optimizers
        with begin("model", inputs=values) as recording:
            optimizer.zero_grad()
            out = self.model(values)
            recording.predictions(out)
            mean, log_variance = out["mean"], out["log_variance"]
            reconstruction = nn.functional.mse_loss(out["decoded"], values)
            divergence = (mean**2 + log_variance.exp() - 1 - log_variance).mean() / 2
            (reconstruction + divergence).backward()
            optimizer.step()
        return [reconstruction.detach(), divergence.detach()]


class GAN(Training):
    """Two models, each recorded by a view of its own; the generator learns through the other.

    The penalty on the discriminator's gradient is differentiated twice.
    """

    def __init__(self) -> None:
        super().__init__()
        self.generator = nn.Sequential(nn.Linear(4, 16), nn.ReLU(inplace=True), nn.Linear(16, 8))
        self.discriminator = nn.Sequential(nn.Linear(8, 16), nn.LeakyReLU(0.2), nn.Linear(16, 1))
        self.models = {"generator": self.generator, "discriminator": self.discriminator}
        self.optimizers = [torch.optim.Adam(model.parameters()) for model in self.models.values()]

    def step(self, begin: Begin) -> Sequence[Tensor]:
        for_generator, for_discriminator = self.optimizers
        real = torch.randn(BATCH, 8)
        with begin("discriminator", inputs=real):
            for_discriminator.zero_grad()
            fake = self.generator(torch.randn(BATCH, 4)).detach()
            between = torch.lerp(real, fake, torch.rand(BATCH, 1)).requires_grad_()
            critic = self.discriminator(between)
            (slope,) = torch.autograd.grad(critic.sum(), between, create_graph=True)
            loss = self.discriminator(fake).mean() - self.discriminator(real).mean()
            loss = loss + ((slope.norm(dim=1) - 1) ** 2).mean()
            loss.backward()
            for_discriminator.step()
        with begin("generator"), begin("discriminator"):
            for_generator.zero_grad()
            deceived = -self.discriminator(self.generator(torch.randn(BATCH, 4))).mean()
            deceived.backward()
            for_generator.step()
        return [loss.detach(), deceived.detach()]
