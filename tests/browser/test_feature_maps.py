"""The feature maps of a convolution: every pixel is NumPy's value in matplotlib's viridis."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import expect

from tests.browser.colors import Cells, Colors, Screenshot, viridis
from tests.browser.conftest import OpenTab, Recorded
from tests.browser.layer_view_page import LayerViewPage, ToldValue
from tests.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

KEY: Final = "conv2.0/output"
TITLES: Final = [f"Filter {number}" for number in range(1, 65)]
SIDE: Final = 12
STEPS_AND_SAMPLES: Final = ((0, 0), (5, 3), (10, 1))

KEEP_CONTEXT_KINDS: Final = """
const getContext = HTMLCanvasElement.prototype.getContext;
window.contextKinds = new Set();
HTMLCanvasElement.prototype.getContext = function (kind, ...options) {
  window.contextKinds.add(kind);
  return getContext.call(this, kind, ...options);
};
"""
NO_WEBGL: Final = """
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...options) {
  return kind.startsWith('webgl') ? null : getContext.call(this, kind, ...options);
};
"""


def maps_of(recorded: Recorded, step: int, sample: int) -> npt.NDArray[Any]:
    """The feature maps that plain PyTorch saw, (64, 12, 12)."""
    return recorded.trained.kept[step][KEY][sample].numpy()


def map_cells(view: LayerViewPage, title: str) -> Cells:
    return view.maps(SIDE, SIDE)[title]


def gallery(view: LayerViewPage) -> Callable[[Screenshot], Colors]:
    """The pixel in the middle of each cell of each map, (64, 12, 12, 3)."""
    maps = view.maps(SIDE, SIDE)
    return lambda picture: np.stack([picture.centers(maps[title]) for title in TITLES])


def test_an_output_of_64_channels_is_64_titled_maps(view: LayerViewPage) -> None:
    view.show(KEY, 5)
    expect(view.heading).to_contain_text("(4, 64, 12, 12)")
    assert list(view.maps(SIDE, SIDE)) == TITLES
    figures = view.panel.get_by_role("figure")
    expect(figures.nth(6)).to_have_accessible_name("Filter 7, 12 by 12")


@pytest.mark.parametrize(("step", "sample"), STEPS_AND_SAMPLES)
def test_every_pixel_is_the_colour_of_numpys_value(
    view: LayerViewPage, recorded: Recorded, step: int, sample: int
) -> None:
    view.show(KEY, step, sample=sample)
    expected = viridis(maps_of(recorded, step, sample))
    assert len(np.unique(expected.reshape(-1, 3), axis=0)) > 100
    view.expect_colors(gallery(view), expected)


@pytest.mark.parametrize("script", [KEEP_CONTEXT_KINDS, NO_WEBGL], ids=["WebGL2", "no WebGL"])
def test_pixels_do_not_depend_on_what_draws_them(
    open_tab: OpenTab, tensorboard: TensorBoard, recorded: Recorded, script: str
) -> None:
    view = open_tab(tensorboard.url, script)
    view.show(KEY, 10, sample=2)
    view.expect_colors(gallery(view), viridis(maps_of(recorded, 10, 2)))
    if script == KEEP_CONTEXT_KINDS:
        kinds = view.panel.evaluate("() => [...contextKinds]")
        assert {"webgl2", "2d"} <= set(kinds)


def test_the_pointer_is_told_the_exact_value_and_its_index(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(KEY, 5, sample=3)
    values = maps_of(recorded, 5, 3)
    random = np.random.default_rng(0)
    for channel, row, column in random.integers((64, SIDE, SIDE), size=(6, 3)).tolist():
        title = f"Filter {channel + 1}"
        told = ToldValue(
            f"{title}, Row {row}, Column {column}",
            f"{KEY}[3, {channel}, {row}, {column}] at step 5",
            values[channel, row, column],
        )
        view.expect_value(partial(map_cells, view, title), (row, column), told)


def test_a_map_is_opened_large_by_a_click_and_closed_by_the_keyboard(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(KEY, 5)
    small = view.maps(SIDE, SIDE)["Filter 20"]
    view.page.mouse.click(*small.center(4, 4))
    expect(view.panel.get_by_role("application")).to_be_visible()
    view.page.mouse.move(0, 0)
    large = view.heatmap(SIDE, SIDE)
    assert large.box.width > 3 * small.box.width
    expected = viridis(maps_of(recorded, 5, 0))[19]
    view.expect_colors(lambda picture: picture.backgrounds(large), expected)
    for title in ("Row", "Column"):
        expect(view.panel.get_by_text(title, exact=True)).to_be_visible()
    view.page.keyboard.press("Escape")
    expect(view.panel.get_by_role("figure")).to_have_count(64)


def test_a_map_is_opened_and_closed_by_the_keyboard_alone(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(KEY, 5)
    figures = view.panel.get_by_role("figure")
    figures.first.focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        view.page.keyboard.press(key)
    picture = view.panel.get_by_role("application")
    picture.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        view.page.keyboard.press(key)
    value = maps_of(recorded, 5, 0)[2, 1, 1]
    view.expect_told(ToldValue("Row 1, Column 1", f"{KEY}[0, 2, 1, 1] at step 5", value))
    view.page.keyboard.press("Escape")  # the cursor goes first
    view.page.keyboard.press("Escape")
    expect(figures).to_have_count(64)
