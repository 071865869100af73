"""The axis of tokens is called time where an embedding beside them says so, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
import torch
from torch import Tensor, nn

from tests.capture.recorded import axes, record

BATCH: Final = 5
TIME: Final = 7
VOCABULARY: Final = 11
WIDTH: Final = 3
OVER_TIME: Final = ("Sample", "Time")
OVER_FEATURES: Final = ("Sample", "Feature")


class Language(nn.Module):
    """Answers the next token at each place; reshapes what it is given, as many models do."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.head = nn.Linear(WIDTH, VOCABULARY)

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> Tensor:
        features = self.tokens(tokens.reshape(-1, tokens.size(-1)).clone())
        if mask is not None:
            features = features * mask.unsqueeze(-1)
        answers: Tensor = self.head(features)
        return answers


class Table(nn.Module):
    """Columns of numbers, and of one more a category that is looked up."""

    def __init__(self) -> None:
        super().__init__()
        self.category = nn.Embedding(VOCABULARY, WIDTH)
        self.columns = nn.Linear(TIME, WIDTH)

    def forward(self, columns: Tensor, category: Tensor) -> Tensor:
        result: Tensor = self.columns(columns.float()) + self.category(category)
        return result


def some_tokens() -> Tensor:
    return torch.randint(VOCABULARY, (BATCH, TIME))


@pytest.mark.parametrize("kinds", [("output",), ("input",), ("input", "output")])
def test_tokens_that_are_looked_up_are_over_time(run: Path, kinds: tuple[str, ...]) -> None:
    tokens = some_tokens()
    model = Language()
    log = record(
        model,
        run,
        tokens,
        inputs={"tokens": tokens, "mask": torch.ones(BATCH, TIME, dtype=torch.int64)},
        targets=tokens.roll(-1, 1),
        predictions=model(tokens).detach(),
        kinds=kinds,
    )
    for key in ("/sample.inputs.tokens", "/sample.inputs.mask", "/sample.targets"):
        assert axes(log, key) == OVER_TIME
    if "input" in kinds:
        assert axes(log, "/input.0") == axes(log, "tokens/input.0") == OVER_TIME
    if "output" in kinds:
        assert axes(log, "tokens/output") == (*OVER_TIME, "Feature")


def test_numbers_of_any_other_kind_and_shape_are_not_taken_for_tokens(run: Path) -> None:
    tokens = some_tokens()
    model = Language()
    log = record(
        model,
        run,
        tokens,
        inputs={"weights": torch.rand(BATCH, TIME), "longer": torch.ones(BATCH, TIME + 1).long()},
        # Labels of as many classes as there are tokens: their answer is one for each of them.
        targets=torch.ones(BATCH, TIME, dtype=torch.int64),
        predictions=torch.rand(BATCH, TIME),
    )
    for key in ("/sample.inputs.weights", "/sample.inputs.longer", "/sample.targets"):
        assert axes(log, key) == OVER_FEATURES


def test_columns_beside_a_category_and_labels_of_classes_are_not_tokens(run: Path) -> None:
    columns = torch.randint(9, (BATCH, TIME))
    category = torch.randint(VOCABULARY, (BATCH,))
    given, kinds = (columns, category), ("input", "output")
    log = record(Table(), run, *given, inputs=given, targets=category, kinds=kinds)
    assert axes(log, "/sample.inputs.0") == axes(log, "/input.0") == OVER_FEATURES
    assert axes(log, "/sample.inputs.1") == axes(log, "/sample.targets") == ("Sample",)
