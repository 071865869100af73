"""NaN, +Inf and -Inf, one element each among thousands: each is seen, and seen as what it is."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import expect

from tests.browser.colors import BRIGHTEST, Box, Colors, Screenshot, color_table, viridis
from tests.browser.conftest import Recorded
from tests.browser.layer_view_page import LayerViewPage, box_of
from tests.browser.recordings import (
    BATCH,
    SPOILED,
    SPOILED_KEY,
    SPOILED_SAMPLE,
    SPOILED_STEP,
    SPOILED_STEPS,
)

pytestmark = pytest.mark.browser

RUN: Final = "spoiled"
SIDE: Final = 12
MAP_NAMES: Final = (
    "viridis",
    "inferno",
    "magma",
    "plasma",
    "cividis",
    "turbo",
    "Greys",
    "RdBu",
    "PuOr",
    "BrBG",
)
"""Of the colour maps that the page offers, those that matplotlib has too."""

FAR_APART: Final = 40
"""A distance in RGB, of 442 from black to white, at which two colours are told apart."""


def show_spoiled(view: LayerViewPage, step: int = SPOILED_STEP, **link: str | int) -> None:
    view.show(SPOILED_KEY, step, run=RUN, sample=SPOILED_SAMPLE, **link)


def spoiled_maps(recorded: Recorded) -> npt.NDArray[Any]:
    return recorded.spoiled[SPOILED_STEP][SPOILED_KEY][SPOILED_SAMPLE].numpy()


def distances(colors: Colors, others: Colors) -> npt.NDArray[np.float64]:
    """How far each of (n, 3) colours is from each of (m, 3) others, (n, m)."""
    difference = colors[:, np.newaxis].astype(float) - others.astype(float)
    lengths: npt.NDArray[np.float64] = np.sqrt(np.square(difference).sum(axis=-1))
    return lengths


def is_red(pixels: Colors) -> npt.NDArray[np.bool_]:
    """Where a pixel is more red than anything else."""
    red, green, blue = np.moveaxis(pixels.astype(int), -1, 0)
    found: npt.NDArray[np.bool_] = (red > green + BRIGHTEST // 4) & (red > blue + BRIGHTEST // 4)
    return found


def test_each_of_them_has_pixels_that_no_colour_map_has(
    view: LayerViewPage, recorded: Recorded
) -> None:
    show_spoiled(view)
    maps = spoiled_maps(recorded)
    shown = view.maps(SIDE, SIDE)

    def gallery(picture: Screenshot) -> Colors:
        return np.stack([picture.backgrounds(cells) for cells in shown.values()])

    finite = np.isfinite(maps)
    assert (~finite).sum() == len(SPOILED)
    view.expect_colors(lambda picture: gallery(picture)[finite], viridis(maps)[finite])
    drawn = gallery(view.screenshot())
    colors = np.stack([drawn[channel, row, column] for _, channel, row, column in SPOILED.values()])
    for name in MAP_NAMES:
        assert (distances(colors, color_table(name)) > FAR_APART).all(), name
    among_themselves = distances(colors, colors) + BRIGHTEST * np.eye(len(colors))
    assert (among_themselves > FAR_APART).all()


def test_the_legend_counts_them(view: LayerViewPage) -> None:
    show_spoiled(view)
    special = view.frame.get_by_role("list", name="Special values").get_by_role("listitem")
    expect(special).to_have_text([f"{name}: 1" for name in SPOILED])
    show_spoiled(view, step=0)
    expect(special).to_have_count(0)


@pytest.mark.parametrize("name", SPOILED)
def test_the_pointer_is_told_what_it_is(view: LayerViewPage, name: str) -> None:
    show_spoiled(view)
    _, channel, row, column = SPOILED[name]
    title = f"Filter {channel + 1}"
    view.point_at(view.maps(SIDE, SIDE)[title], row, column)
    expect(view.tooltip).to_have_text(re.compile(rf"^{re.escape(name)}\s*{title}, Row {row}, "))
    readout = view.text(f"{SPOILED_KEY}[1, {channel}, {row}, {column}] at step 1:")
    expect(readout.locator("..")).to_contain_text(name)


def test_the_tree_marks_the_layers_that_have_them_and_no_others(view: LayerViewPage) -> None:
    show_spoiled(view, step=0)
    tree = view.frame.get_by_role("tree")
    marked = tree.get_by_role("treeitem").filter(has=view.frame.get_by_label("NaN or Inf"))
    expect(marked.filter(has_text="(0): Conv2d(32, 64")).to_have_count(1)
    texts = [" ".join(text.split()) for text in marked.all_inner_texts()]
    for clean in ("conv1", "pool1", "weight", "bias"):
        assert not [text for text in texts if text.removeprefix("(").startswith(clean)]
    mark = marked.first.get_by_label("NaN or Inf")
    picture = Screenshot(
        view.page.screenshot(), Box(0, 0, *view.page.evaluate("[innerWidth, innerHeight]"))
    )
    assert is_red(picture.inside(box_of(mark))).any()


def test_the_step_bar_marks_the_step_that_has_them(view: LayerViewPage) -> None:
    for step in SPOILED_STEPS:
        show_spoiled(view, step=step)
        words = re.compile(rf"^step {step}\b.*" + ("NaN or Inf" if step == SPOILED_STEP else "3$"))
        expect(view.step_bar).to_have_attribute("aria-valuetext", words)
    bar = box_of(view.step_bar)
    whole = Box(0, 0, *view.page.evaluate("[innerWidth, innerHeight]"))
    red = is_red(Screenshot(view.page.screenshot(), whole).inside(bar)).any(axis=0)
    places = np.flatnonzero(red) / bar.width
    assert places.size
    assert (abs(places - SPOILED_STEPS.index(SPOILED_STEP) / 2) < 0.05).all()


def test_the_page_leads_to_where_they_came_first(view: LayerViewPage) -> None:
    view.show("conv1.0/param.weight", 0, run=RUN)
    view.frame.get_by_role("navigation").get_by_role("button", name=SPOILED_KEY).click()
    view.expect_picture(SPOILED_KEY, SPOILED_STEP)


def test_the_numbers_name_and_count_them(view: LayerViewPage, recorded: Recorded) -> None:
    for name, (_, channel, row, column) in SPOILED.items():
        view.open(run=RUN, key=SPOILED_KEY, step=SPOILED_STEP, tab="values", sample=1, map=channel)
        cell = view.panel.locator(f"[aria-rowindex='{row + 2}'] [aria-colindex='{column + 2}']")
        expect(cell).to_have_text(name)
    whole = recorded.spoiled[SPOILED_STEP][SPOILED_KEY].numpy()
    assert len(whole) == BATCH
    finite = whole[np.isfinite(whole)]
    view.open(run=RUN, key=SPOILED_KEY, step=SPOILED_STEP, tab="statistics")
    for name in SPOILED:
        row_of = view.panel.get_by_role("row").filter(has=view.frame.get_by_text(name, exact=True))
        expect(row_of.get_by_role("cell")).to_have_text(re.compile(r"^1 \("))
    greatest = view.panel.get_by_role("row").filter(has=view.frame.get_by_text("max", exact=True))
    shown = float(greatest.get_by_role("cell").inner_text())
    assert shown == pytest.approx(finite.max(), rel=1e-6)
