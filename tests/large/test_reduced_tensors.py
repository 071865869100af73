"""Tensors that are too large to be kept whole: what is kept of them, and what is said."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from torch import nn
from werkzeug.datastructures import MultiDict

import tb_layerview
from tb_layerview.errors import ArgumentError, NotFoundError
from tb_layerview.log.reader import LogReader
from tb_layerview.plugin import answers
from tb_layerview.plugin.params import array_query
from tests.large.expected import assert_levels, assert_statistics, statistic

LIMIT = 10_000


def stored(log: LogReader) -> dict[str, str]:
    return {tensor["key"]: tensor["stored"] for tensor in answers.catalog(log)["tensors"]}


def test_a_weight_larger_than_the_limit_is_its_pyramid_and_exact_statistics(run: Path) -> None:
    model = nn.Linear(1100, 70)
    with tb_layerview.LayerView(model, run, max_elements=LIMIT) as view, view.step(0):
        pass
    log = tb_layerview.open(run)
    weight = model.weight.detach().numpy()
    assert stored(log) == {"/param.weight": "pyramid", "/param.bias": "exact"}
    assert log["/param.weight"].at(0).shape == (70, 1100)
    assert_levels(log, "/param.weight", weight, levels=1)
    assert_statistics(log, "/param.weight", weight)
    np.testing.assert_array_equal(log["/param.bias"].at(0)[...], model.bias.detach().numpy())


def test_the_elements_of_a_reduced_tensor_are_an_error_that_says_what_was_kept(run: Path) -> None:
    model = nn.Linear(1100, 70)
    with tb_layerview.LayerView(model, run, max_elements=LIMIT) as view, view.step(0):
        pass
    log = tb_layerview.open(run)
    with pytest.raises(NotFoundError, match=r"1 \(blocks of them, by .level\(\)\), received 0"):
        log["/param.weight"].at(0)[0, 0]
    request = {"key": "/param.weight", "step": "0"}
    with pytest.raises(NotFoundError):
        answers.array(log, array_query(MultiDict(request)))
    blocks = answers.array(log, array_query(MultiDict({**request, "level": "1", "plane": "max"})))
    assert blocks.shape == (9, 138)


def test_no_nan_infinity_or_extreme_is_hidden_by_a_reduction(run: Path) -> None:
    model = nn.Linear(700, 600, bias=False)
    with torch.no_grad():
        model.weight[3, 5] = torch.nan
        model.weight[100, 699] = torch.inf
        model.weight[599, 0] = -torch.inf
        model.weight[321, 123] = 1e30
        model.weight[322, 124] = -2e30
    with tb_layerview.LayerView(model, run, max_elements=LIMIT) as view, view.step(0):
        pass
    log = tb_layerview.open(run)
    key = "/param.weight"
    counts = [statistic(log, key, name) for name in ("nan", "pos_inf", "neg_inf")]
    assert counts == [1, 1, 1]
    assert statistic(log, key, "max") == np.float32(1e30)
    assert statistic(log, key, "min") == np.float32(-2e30)
    at = log[key].at(0)
    flags = at.level(1, "flags")[...]
    assert {tuple(place): flags[tuple(place)] for place in np.argwhere(flags)} == {
        (0, 0): 1,
        (12, 87): 2,
        (74, 0): 4,
    }
    assert at.level(1, "max")[40, 15] == np.float32(1e30)
    assert at.level(1, "min")[40, 15] == np.float32(-2e30)
    assert np.isfinite(at.level(1, "mean")[...]).all()


def test_the_limit_counts_the_kept_samples_and_the_statistics_the_whole_batch(run: Path) -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1))
    images = torch.randn(16, 1, 64, 64)
    with (
        tb_layerview.LayerView(
            model, run, kinds=("output",), samples=2, max_elements=2 * 4 * 64 * 64
        ) as view,
        view.step(0),
    ):
        first = model(images).detach().numpy()
    log = tb_layerview.open(run)
    assert stored(log)["0/output"] == "exact"
    with (
        tb_layerview.LayerView(
            model, run, kinds=("output",), samples=3, max_elements=LIMIT
        ) as view,
        view.step(1),
    ):
        images[15, 0, 5, 5] = torch.nan
        second = model(images).detach().numpy()
    log = tb_layerview.open(run)
    assert stored(log)["0/output"] == "pyramid"
    assert_levels(log, "0/output", second[:3], levels=1, step=1)
    assert_statistics(log, "0/output", first, step=0)
    assert_statistics(log, "0/output", second, step=1)
    assert statistic(log, "0/output", "nan", 1) == 4 * 9


def test_samples_on_a_later_axis_are_cut_before_the_reduction(run: Path) -> None:
    model = nn.LSTM(8, 40)
    sequence = torch.randn(90, 6, 8)
    with (
        tb_layerview.LayerView(
            model, run, kinds=("output",), samples=slice(1, 5), max_elements=1000
        ) as view,
        view.step(0, inputs=torch.zeros(6)),
    ):
        expected = model(sequence)[0].detach().numpy()
    log = tb_layerview.open(run)
    shape = log["/output.0"].at(0).shape
    kept = expected[:, 1:5] if shape[1] == 4 else expected[1:5]
    assert shape == kept.shape
    assert_levels(log, "/output.0", kept, levels=1)
    assert_statistics(log, "/output.0", expected)


def test_what_is_kept_whole_has_a_pyramid_too_if_a_picture_of_it_is_large(run: Path) -> None:
    model = nn.Linear(5000, 40)
    with tb_layerview.LayerView(model, run, max_elements=None) as view, view.step(0):
        pass
    log = tb_layerview.open(run)
    weight = model.weight.detach().numpy()
    assert set(stored(log).values()) == {"exact"}
    np.testing.assert_array_equal(log["/param.weight"].at(0)[...], weight)
    assert log["/param.weight"].at(0).levels() == [0, 1, 2]
    assert_levels(log, "/param.weight", weight, levels=2)
    assert log["/param.bias"].at(0).levels() == [0]


def test_a_kernel_of_single_numbers_is_kept_as_statistics_for_blocks_of_it_would_be_larger(
    run: Path,
) -> None:
    convolution = nn.Conv2d(128, 128, 1, bias=False)
    model = nn.Sequential(convolution)
    with tb_layerview.LayerView(model, run, max_elements=LIMIT) as view, view.step(0):
        pass
    log = tb_layerview.open(run)
    assert stored(log) == {"0/param.weight": "statistics"}
    assert_statistics(log, "0/param.weight", convolution.weight.detach().numpy())
    with pytest.raises(NotFoundError, match="only the statistics were kept"):
        log["0/param.weight"].at(0)[0]


def test_tied_weights_are_reduced_once_and_shown_in_both_places(run: Path) -> None:
    model = nn.ModuleDict({"embedding": nn.Embedding(900, 64), "head": nn.Linear(64, 900)})
    cast("nn.Linear", model["head"]).weight = cast("nn.Embedding", model["embedding"]).weight
    with (
        tb_layerview.LayerView(model, run, kinds=("param",), max_elements=LIMIT) as view,
        view.step(0),
    ):
        pass
    log = tb_layerview.open(run)
    weight = cast("nn.Embedding", model["embedding"]).weight.detach().numpy()
    for key in ("embedding/param.weight", "head/param.weight"):
        assert stored(log)[key] == "pyramid"
        assert_levels(log, key, weight, levels=1)
    whole = sum(file.stat().st_size for file in (run / "plugins/layerview").iterdir())
    assert whole < weight.nbytes / 8


def test_every_type_that_is_reduced_has_its_own_planes(run: Path) -> None:
    model = nn.Module()
    source = torch.randn(120, 130) * 50
    types = (torch.float64, torch.bfloat16, torch.float16, torch.int8, torch.int64, torch.bool)
    for dtype in types:
        model.register_buffer(f"in_{str(dtype).removeprefix('torch.')}", source.to(dtype))
    with tb_layerview.LayerView(model, run, max_elements=LIMIT) as view, view.step(0):
        pass
    log = tb_layerview.open(run)
    for dtype in types:
        name = f"in_{str(dtype).removeprefix('torch.')}"
        values = source.to(dtype).to(torch.float64).numpy()
        assert_levels(log, f"/buffer.{name}", values, levels=1)
        assert_statistics(log, f"/buffer.{name}", values)


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, float("nan"), "all", torch.ones(2)], ids=str)
def test_a_limit_of_elements_that_is_none_is_an_argument_error(run: Path, limit: object) -> None:
    with pytest.raises(ArgumentError, match="max_elements: expected a number of elements from 1"):
        tb_layerview.LayerView(nn.Linear(2, 2), run, max_elements=cast("int", limit))
    assert not run.exists()


@pytest.mark.parametrize(
    "budget", [0, -1.5, True, float("nan"), float("inf"), "10", b"1", torch.ones(2)], ids=str
)
def test_a_budget_that_is_no_number_of_megabytes_is_an_argument_error(
    run: Path, budget: object
) -> None:
    with pytest.raises(ArgumentError, match="max_megabytes_per_step: expected a number of mega"):
        tb_layerview.LayerView(nn.Linear(2, 2), run, max_megabytes_per_step=cast("float", budget))
    assert not run.exists()


@pytest.mark.parametrize("budget", [1, 0.5, np.float32(2), np.int64(3), None], ids=repr)
def test_numbers_of_numpy_and_none_are_budgets(run: Path, budget: object) -> None:
    with (
        tb_layerview.LayerView(
            nn.Linear(2, 2),
            run,
            max_megabytes_per_step=cast("float", budget),
            max_elements=cast("int", np.int64(5)),
        ) as view,
        view.step(0),
    ):
        pass
    assert tb_layerview.open(run).steps == [0]
