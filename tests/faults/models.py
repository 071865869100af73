"""Small models of eight kinds, each with batches that it can learn something from."""

from __future__ import annotations

import torch
from torch import Tensor, nn

CLASSES = 4
BATCH = 16
FEATURES = 12
LENGTH = 10
VOCABULARY = 32


class MLP(nn.Module):
    """Three layers with the activation of one's choice."""

    def __init__(self, activation: type[nn.Module] = nn.ReLU, width: int = 24) -> None:
        super().__init__()
        self.first = nn.Linear(FEATURES, width)
        self.act1 = activation()
        self.second = nn.Linear(width, width)
        self.act2 = activation()
        self.last = nn.Linear(width, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        out: Tensor = self.last(self.act2(self.second(self.act1(self.first(x)))))
        return out


class DeepSigmoid(nn.Sequential):
    """Twelve layers of sigmoids: the textbook case of a vanishing gradient."""

    def __init__(self) -> None:
        layers: list[nn.Module] = [nn.Linear(FEATURES, 16), nn.Sigmoid()]
        for _ in range(11):
            layers += [nn.Linear(16, 16), nn.Sigmoid()]
        super().__init__(*layers, nn.Linear(16, CLASSES))


class CNN(nn.Module):
    """Two convolutions and a linear layer, on pictures of 8 x 8."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.conv2 = nn.Sequential(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU())
        self.fc = nn.Linear(16 * 4 * 4, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        out: Tensor = self.fc(self.conv2(self.conv1(x)).flatten(1))
        return out


class Block(nn.Module):
    """A residual block with batch norm."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """The block added to what it was given."""
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return nn.functional.relu(x + y)


class ResNet(nn.Module):
    """A stem and two residual blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.blocks = nn.Sequential(Block(8), Block(8))
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        out: Tensor = self.head(self.blocks(self.stem(x)).mean((2, 3)))
        return out


class Recurrent(nn.Module):
    """A recurrent network that classifies a sequence by its last state."""

    def __init__(self, rnn: nn.RNNBase) -> None:
        super().__init__()
        self.rnn = rnn
        self.head = nn.Linear(rnn.hidden_size, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Logits."""
        states, _ = self.rnn(x)
        out: Tensor = self.head(states[:, -1])
        return out


class Attention(nn.Module):
    """One head, with padding masked by -Inf."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)
        self.softmax = nn.Softmax(dim=-1)
        self.temperature = width**0.5

    def forward(self, x: Tensor, padding: Tensor) -> Tensor:
        """Attended values; ``padding`` (N, T) is true where there is no token."""
        scores = self.query(x) @ self.key(x).transpose(1, 2) / self.temperature
        masked = scores.masked_fill(padding[:, None], float("-inf"))
        out: Tensor = self.softmax(masked) @ self.value(x)
        return out


class Transformer(nn.Module):
    """An embedding, two blocks and a head; token 0 is padding."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width, padding_idx=0)
        self.positions = nn.Parameter(0.1 * torch.randn(LENGTH, width))
        self.attention = nn.ModuleList([Attention(width) for _ in range(2)])
        self.norm = nn.ModuleList([nn.LayerNorm(width) for _ in range(2)])
        self.mlp = nn.ModuleList(
            [nn.Sequential(nn.Linear(width, 32), nn.GELU(), nn.Linear(32, width)) for _ in range(2)]
        )
        self.head = nn.Linear(width, CLASSES)

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits."""
        padding = tokens == 0
        x = self.embedding(tokens) + self.positions
        for attention, norm, mlp in zip(self.attention, self.norm, self.mlp, strict=True):
            x = x + attention(norm(x), padding)
            x = x + mlp(x)
        out: Tensor = self.head(x.mean(1))
        return out


class VAE(nn.Module):
    """An encoder, a code with noise, and a decoder; answers the reconstruction."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(FEATURES, 16), nn.ReLU())
        self.mean = nn.Linear(16, 4)
        self.log_variance = nn.Linear(16, 4)
        self.decoder = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, FEATURES))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Reconstruction, mean and logarithm of the variance of the code."""
        hidden = self.encoder(x)
        mean, log_variance = self.mean(hidden), self.log_variance(hidden)
        code = mean + (log_variance / 2).exp() * torch.randn_like(mean)
        return self.decoder(code), mean, log_variance


class Tagger(nn.Module):
    """Embedding, mean, linear: a bag of words."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, 12)
        self.head = nn.Linear(12, CLASSES)

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits."""
        out: Tensor = self.head(self.embedding(tokens).mean(1))
        return out


def features(_step: int) -> tuple[Tensor, Tensor]:
    """Vectors, and a class that two of their features tell."""
    x = torch.randn(BATCH, FEATURES)
    return x, (x[:, 0] > 0).long() + 2 * (x[:, 1] > 0).long()


def pictures(_step: int) -> tuple[Tensor, Tensor]:
    """Pictures of noise with a bright quadrant, which is the class."""
    labels = torch.randint(CLASSES, (BATCH,))
    x = torch.rand(BATCH, 1, 8, 8)
    for picture, label in zip(x, labels.tolist(), strict=True):
        picture[0, 4 * (label // 2) :, 4 * (label % 2) :][:4, :4] += 1
    return x, labels


def sequences(_step: int) -> tuple[Tensor, Tensor]:
    """Sequences of vectors, and a class that their mean tells."""
    x = torch.randn(BATCH, LENGTH, FEATURES)
    return x, (x.mean((1, 2)) > 0).long()


def tokens(_step: int) -> tuple[Tensor, Tensor]:
    """Tokens, some padded, and a class that the first one tells."""
    x = torch.randint(1, VOCABULARY, (BATCH, LENGTH))
    x[: BATCH // 2, LENGTH - 3 :] = 0
    return x, x[:, 0] % CLASSES
