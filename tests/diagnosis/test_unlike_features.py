"""Tables of real data as they come, whose columns have units of their own, and standardized."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import torch
from sklearn import datasets
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

import tb_layerview
from tb_layerview import Finding, LayerView
from tb_layerview.diagnosis import elements

STEPS: Final = 10
BATCH: Final = 16

TABLES: Final = {
    "wine": datasets.load_wine,
    "breast cancer": datasets.load_breast_cancer,
    "iris": datasets.load_iris,
    "diabetes": datasets.load_diabetes,
    "digits": datasets.load_digits,
}


class Scaling(nn.Module):
    """Divides by what is usual, if it is told so, before its first layer."""

    def __init__(self, features: int, usual: Tensor | None) -> None:
        super().__init__()
        self.first = nn.Linear(features, 8)
        self.last = nn.Linear(8, 2)
        self.usual = usual

    def forward(self, rows: Tensor) -> Tensor:
        scaled = rows if self.usual is None else rows / self.usual
        answer: Tensor = self.last(self.first(scaled).relu())
        return answer


def in_a_row(features: int) -> nn.Module:
    return nn.Sequential(nn.Linear(features, 8), nn.ReLU(), nn.Linear(8, 2))


def normalising(features: int) -> nn.Module:
    return nn.Sequential(nn.BatchNorm1d(features), nn.Linear(features, 2))


def found_in(
    run: Path,
    table: np.ndarray,
    make: Callable[[int], nn.Module] = in_a_row,
    kinds: tuple[str, ...] = ("param", "output"),
    samples: int = 4,
) -> list[Finding]:
    """The findings of a few steps on the rows of a table, drawn anew for each."""
    torch.manual_seed(0)
    rows = torch.tensor(table, dtype=torch.float32)
    model = make(rows.shape[1])
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
    with LayerView(model, run, kinds=kinds, samples=samples) as view:
        for step in range(STEPS):
            batch = rows[torch.randperm(len(rows))[:BATCH]]
            with view.step(step, inputs=batch):
                model(batch).square().mean().backward()
                optimizer.step()
                optimizer.zero_grad()
    found = tb_layerview.open(run).findings()
    return [each for each in found if each.rule == "unlike_features"]


@pytest.mark.parametrize(
    ("name", "column"),
    [("wine", 12), ("breast cancer", 23), ("iris", None), ("diabetes", None), ("digits", None)],
)
def test_columns_of_other_units_are_found_in_the_tables_that_have_them(
    name: str, column: int | None, tmp_path: Path
) -> None:
    table = TABLES[name]().data
    found = found_in(tmp_path, table)
    assert len(found) == (column is not None)
    if column is None:
        return
    deviations = table.std(axis=0)
    assert deviations.argmax() == column
    (each,) = found
    assert (each.severity, each.key) == ("warning", "/sample.inputs")
    assert (each.first_step, each.last_step) == (0, STEPS - 1)
    told = each.message.partition(f"index {column} has a standard deviation of ")[2]
    # Of forty rows of the table, and not all.
    assert float(told.split(",")[0]) == pytest.approx(deviations[column], rel=0.5)


@pytest.mark.parametrize("name", TABLES)
def test_standardized_they_are_alike(name: str, tmp_path: Path) -> None:
    assert found_in(tmp_path, StandardScaler().fit_transform(TABLES[name]().data)) == []


def test_they_stand_before_what_they_cause(tmp_path: Path) -> None:
    found_in(tmp_path, TABLES["wine"]().data, kinds=("param", "output", "grad"))
    found = [each for each in tb_layerview.open(tmp_path).findings() if each.severity == "warning"]
    assert found[0].rule == "unlike_features"
    assert "exploding_gradient" in {each.rule for each in found if not each.first_step}


def test_a_layer_that_normalises_comes_first(tmp_path: Path) -> None:
    assert found_in(tmp_path, TABLES["wine"]().data, normalising) == []


@pytest.mark.parametrize("kinds", [("param", "output"), ("param", "input", "output")])
@pytest.mark.parametrize("scales", [False, True])
def test_a_model_that_scales_its_inputs_itself_is_told_from_one_that_does_not(
    scales: bool, kinds: tuple[str, ...], tmp_path: Path
) -> None:
    table = TABLES["wine"]().data
    usual = torch.tensor(table.std(axis=0), dtype=torch.float32) if scales else None
    found = found_in(tmp_path, table, lambda features: Scaling(features, usual), kinds)
    where = "first/input.0" if "input" in kinds else "/sample.inputs"
    assert [each.key for each in found] == ([] if scales else [where])


def test_of_two_columns_one_is_the_other_ones_measure(tmp_path: Path) -> None:
    ages_and_incomes = np.random.default_rng(0).normal((40, 5e4), (12, 2e4), (200, 2))
    assert "index 1 has" in found_in(tmp_path, ages_and_incomes)[0].message


def test_a_few_samples_tell_nothing(tmp_path: Path) -> None:
    assert found_in(tmp_path, TABLES["wine"]().data, samples=1) == []


@pytest.mark.parametrize(("steps", "is_told"), [(5, True), (3, False)])
def test_of_wide_tables_fewer_steps_are_read(
    steps: int, is_told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Four samples of thirteen features each; sixteen samples are needed.
    monkeypatch.setattr(elements, "_MOST_READ", 4 * 13 * steps)
    assert bool(found_in(tmp_path, TABLES["wine"]().data)) == is_told


def test_a_column_that_is_always_the_same_and_one_with_a_nan_are_let_be(tmp_path: Path) -> None:
    table = StandardScaler().fit_transform(TABLES["wine"]().data)
    table[:, 3] = 1e6
    table[:, [4, 6, 7, 8, 9, 10, 11, 12]] = 1e9 / 3
    table[::9, 5] = np.nan
    assert found_in(tmp_path, table) == []
