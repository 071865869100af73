"""Small models of sequences, and such whose way through their layers depends on the data."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tests.harmless.training import Begin, Classifier, Training

BATCH = 5
LENGTH = 7
WORDS = 11
WIDTH = 16


def words() -> Tensor:
    """Random tokens, (BATCH, LENGTH)."""
    return torch.randint(WORDS, (BATCH, LENGTH))


class LSTMModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, WIDTH, padding_idx=0)
        self.lstm = nn.LSTM(WIDTH, 8, num_layers=2, dropout=0.3, bidirectional=True)
        self.head = nn.Linear(16, WORDS)

    def forward(self, tokens: Tensor, state: tuple[Tensor, Tensor] | None) -> tuple[Tensor, object]:
        hidden, state = self.lstm(self.embedding(tokens.t()), state)
        return self.head(hidden), state


class LSTM(Training):
    """Truncated backpropagation: the state of one step is an input of the next."""

    def __init__(self) -> None:
        super().__init__()
        self.model = LSTMModel()
        self.models = {"model": self.model}
        self.optimizers = [torch.optim.SGD(self.model.parameters(), lr=0.1, momentum=0.9)]
        self.state: tuple[Tensor, Tensor] | None = None

    def step(self, begin: Begin) -> Sequence[Tensor]:
        tokens = words()
        (optimizer,) = self.optimizers
        with begin("model", inputs=tokens):
            optimizer.zero_grad()
            logits, (hidden, cell) = self.model(tokens[:, :-1], self.state)
            self.state = hidden.detach(), cell.detach()
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), tokens.t()[1:].flatten())
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            optimizer.step()
        return [loss.detach()]


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(WIDTH)
        self.attention = nn.MultiheadAttention(WIDTH, 2, dropout=0.2, batch_first=True)
        self.dropout = nn.Dropout(0.2, inplace=True)

    def forward(self, values: Tensor, *, mask: Tensor) -> tuple[Tensor, Tensor]:
        query = self.norm(values)
        out, weights = self.attention(query, query, query, attn_mask=mask)
        return values + self.dropout(out), weights


class TransformerModel(nn.Module):
    """The weight of the embedding is that of the head, too; one block runs twice."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, WIDTH)
        self.block = Attention()
        self.feed = nn.Sequential(nn.Linear(WIDTH, 32), nn.GELU(), nn.Linear(32, WIDTH))
        self.head = nn.Linear(WIDTH, WORDS, bias=False)
        self.head.weight = self.embedding.weight
        mask = torch.triu(torch.full((LENGTH - 1, LENGTH - 1), -math.inf), diagonal=1)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        values = self.embedding(tokens) * math.sqrt(WIDTH)
        for _ in range(2):
            values, _ = self.block(values, mask=self.mask)
            values = values + self.feed(values)
        logits: Tensor = self.head(values)
        return logits.transpose(1, 2)


class Transformer(Classifier):
    """A language model that accumulates the gradients of two batches in one step."""

    def __init__(self) -> None:
        super().__init__(TransformerModel())
        self.optimizers = [torch.optim.AdamW(self.model.parameters(), lr=1e-2, fused=True)]

    def batch(self) -> tuple[Tensor, Tensor]:
        tokens = words()
        return tokens[:, :-1], tokens[:, 1:]

    def step(self, begin: Begin) -> Sequence[Tensor]:
        (optimizer,) = self.optimizers
        losses = []
        with begin("model"):
            optimizer.zero_grad()
            for _ in range(2):
                inputs, labels = self.batch()
                loss = nn.functional.cross_entropy(self.model(inputs), labels) / 2
                loss.backward()
                losses.append(loss.detach())
            optimizer.step()
        return losses


class Mixture(nn.Module):
    """Each sample goes to one expert; an expert without samples does not run."""

    def __init__(self, inputs: int, outputs: int, experts: int = 4) -> None:
        super().__init__()
        self.gate = nn.Linear(inputs, experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(inputs, 12), nn.ReLU(), nn.Linear(12, outputs))
            for _ in range(experts)
        )
        self.outputs = outputs

    def forward(self, values: Tensor) -> Tensor:
        gates = self.gate(values).softmax(dim=-1)
        weight, chosen = gates.max(dim=-1)
        out = values.new_zeros(len(values), self.outputs)
        for i, expert in enumerate(self.experts):
            (rows,) = torch.where(chosen == i)
            if len(rows):
                out[rows] = expert(values[rows]) * weight[rows, None]
        return out


class MixtureOfExperts(Classifier):
    steps = 6

    def __init__(self) -> None:
        super().__init__(nn.Sequential(nn.Linear(6, 10), nn.Tanh(), Mixture(10, 3)))

    def batch(self) -> tuple[Tensor, Tensor]:
        return torch.randn(BATCH, 6), torch.randint(3, (BATCH,))
