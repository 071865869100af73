"""Weights, biases and kernels: a matrix, a strip, and a grid of every channel by every other."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import expect

from tests.browser.colors import viridis
from tests.browser.conftest import Recorded
from tests.browser.layer_view_page import LayerViewPage, ToldValue

pytestmark = pytest.mark.browser

WEIGHT: Final = "fc_final.0/param.weight"
BIAS: Final = "fc_final.0/param.bias"
KERNELS: Final = "conv2.0/param.weight"
STEP: Final = 10


def seen(recorded: Recorded, key: str) -> npt.NDArray[Any]:
    return recorded.trained.kept[STEP][key].numpy()


def choose_viridis_from_min_to_max(view: LayerViewPage) -> None:
    view.frame.get_by_role("combobox", name="Colours").select_option("viridis")
    view.frame.get_by_role("combobox", name="Range").select_option("min to max")
    view.frame.get_by_role("checkbox", name="Reversed").uncheck()


def test_a_weight_is_a_matrix_with_both_axis_titles(view: LayerViewPage) -> None:
    view.show(WEIGHT, STEP)
    expect(view.heading).to_contain_text("(10, 64)")
    expect(view.heading).to_contain_text("float32")
    for title in ("Output Node Index", "Input Node Index"):
        expect(view.panel.get_by_text(title, exact=True)).to_be_visible()
    matrix = view.heatmap(10, 64).box
    beside = view.panel.get_by_text("Output Node Index", exact=True).bounding_box()
    below = view.panel.get_by_text("Input Node Index", exact=True).bounding_box()
    assert beside is not None
    assert below is not None
    assert beside["x"] + beside["width"] < matrix.x
    assert below["y"] > matrix.y + matrix.height


def test_a_weights_pixels_are_the_colours_of_numpys_values(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(WEIGHT, STEP)
    choose_viridis_from_min_to_max(view)
    view.expect_colors(
        lambda picture: picture.backgrounds(view.heatmap(10, 64)), viridis(seen(recorded, WEIGHT))
    )


def test_the_pointer_is_told_the_exact_weight_and_its_index(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(WEIGHT, STEP)
    values = seen(recorded, WEIGHT)
    random = np.random.default_rng(1)
    for row, column in [(0, 0), (9, 63), *random.integers((10, 64), size=(4, 2)).tolist()]:
        told = ToldValue(
            f"Output Node Index {row}, Input Node Index {column}",
            f"{WEIGHT}[{row}, {column}] at step {STEP}",
            values[row, column],
        )
        view.expect_value(lambda: view.heatmap(10, 64), (row, column), told)


def test_a_bias_is_a_strip(view: LayerViewPage, recorded: Recorded) -> None:
    view.show(BIAS, STEP)
    expect(view.heading).to_contain_text("(10,)")
    expect(view.panel.get_by_text("Output Node Index", exact=True)).to_be_visible()
    values = seen(recorded, BIAS)
    for index in range(10):
        told = ToldValue(
            f"Output Node Index {index}", f"{BIAS}[{index}] at step {STEP}", values[index]
        )
        view.expect_value(lambda: view.heatmap(1, 10), (0, index), told)
    view.page.mouse.move(0, 0)
    choose_viridis_from_min_to_max(view)
    view.expect_colors(
        lambda picture: picture.backgrounds(view.heatmap(1, 10)), viridis(values[np.newaxis])
    )


def test_kernels_are_a_grid_of_output_channels_by_input_channels(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(KERNELS, STEP)
    expect(view.heading).to_contain_text("(64, 32, 3, 3)")
    for title in ("Output Channel", "Input Channel"):
        expect(view.panel.get_by_text(title, exact=True)).to_be_visible()
    # Rows are output channels. A cell's width of nothing stands between two kernels.
    rows, columns = 64 * 4 - 1, 32 * 4 - 1
    values = seen(recorded, KERNELS)
    random = np.random.default_rng(2)
    places = [(0, 0, 0, 0), (63, 31, 2, 2), *random.integers((64, 32, 3, 3), size=(6, 4)).tolist()]
    for out, into, row, column in places:
        told = ToldValue(
            f"Output Channel {out}, Input Channel {into}, Row {row}, Column {column}",
            f"{KERNELS}[{out}, {into}, {row}, {column}] at step {STEP}",
            values[out, into, row, column],
        )
        cell = out * 4 + row, into * 4 + column
        view.expect_value(lambda: view.heatmap(rows, columns), cell, told)
    view.page.mouse.move(0, 0)
    choose_viridis_from_min_to_max(view)
    grid = values.transpose(0, 2, 1, 3)
    row_lines, column_lines = (np.arange(end) // 3 * 4 + np.arange(end) % 3 for end in (192, 96))
    view.expect_colors(
        lambda picture: picture.centers(view.heatmap(rows, columns))[
            np.ix_(row_lines, column_lines)
        ],
        viridis(grid.reshape(192, 96)),
    )
