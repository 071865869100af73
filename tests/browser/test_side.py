"""The column of layers: it is made wider and narrower, and what is beside it follows."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.colors import viridis
from tests.browser.conftest import OpenTab, Recorded
from tests.browser.layer_view_page import LayerViewPage, box_of
from tests.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

WEIGHT: Final = "fc_final.0/param.weight"
MAPS: Final = "conv2.0/output"
STEP: Final = 10
WIDER: Final = 333
"""CSS pixels: enough for fewer maps in a line."""


def edge(view: LayerViewPage) -> Locator:
    return view.frame.get_by_role("separator", name="Width of the layers")


def column_width(view: LayerViewPage) -> float:
    return box_of(view.frame.get_by_role("navigation")).width


def drag(view: LayerViewPage, by: float) -> None:
    box = box_of(edge(view))
    x, y = box.x + box.width / 2, box.y + box.height / 3
    view.page.mouse.move(x, y)
    view.page.mouse.down()
    view.page.mouse.move(x + by, y, steps=7)
    view.page.mouse.up()
    view.page.mouse.move(0, 0)


def test_the_edge_is_dragged_and_the_picture_follows(
    open_tab: OpenTab, tensorboard: TensorBoard, recorded: Recorded
) -> None:
    view = open_tab(tensorboard.url)
    view.show(MAPS, STEP, run="demo")
    before, main = column_width(view), view.frame.get_by_role("main")
    right = box_of(main).x + box_of(main).width
    drag(view, WIDER)
    assert column_width(view) == before + WIDER
    assert box_of(main).x + box_of(main).width == right
    seen = recorded.trained.kept[STEP][MAPS][0].numpy()
    titles = [f"Filter {number}" for number in range(1, len(seen) + 1)]

    def has_all_maps_in_its_room() -> None:
        cells = view.maps(12, 12)
        assert max(each.box.x + each.box.width for each in cells.values()) <= right
        shown = view.screenshot()
        colors = np.stack([shown.centers(cells[title]) for title in titles[:32]])
        np.testing.assert_array_equal(colors, viridis(seen)[:32])

    view.eventually(has_all_maps_in_its_room)
    # Another visit finds it as it was left, and a double click brings back what it was at first.
    view.page.goto("about:blank")
    view.show(WEIGHT, STEP, run="demo")
    assert column_width(view) == before + WIDER
    edge(view).dblclick()
    expect(edge(view)).to_have_attribute("aria-valuenow", str(round(before)))
    assert column_width(view) == before


def test_beside_the_widest_column_the_numbers_of_a_comparison_are_whole(
    open_tab: OpenTab, tensorboard: TensorBoard
) -> None:
    view = open_tab(tensorboard.url)
    view.page.set_viewport_size({"width": 1280, "height": 720})
    view.open(key=MAPS, run="demo", step=STEP, tab="compare", **{"with.step": 0})
    listed = view.frame.get_by_role("table", name="Largest differences")
    expect(listed).to_be_visible()
    drag(view, 1280)

    def has_room() -> None:
        room = box_of(listed)
        for name in ("A", "B"):
            head = box_of(listed.get_by_role("columnheader", name=name, exact=True))
            assert room.x <= head.x
            assert head.x + head.width <= room.x + room.width

    view.eventually(has_room)


def test_the_edge_is_moved_by_keys_and_shows_that_it_has_them(
    open_tab: OpenTab, tensorboard: TensorBoard
) -> None:
    view = open_tab(tensorboard.url)
    view.show(WEIGHT, STEP, run="demo")
    view.frame.get_by_role("tree").focus()
    view.page.keyboard.press("Tab")
    expect(edge(view)).to_be_focused()
    expect(edge(view)).to_have_css("outline-style", "solid")
    for key, limit in (("Home", "aria-valuemin"), ("End", "aria-valuemax")):
        view.page.keyboard.press(key)
        expect(edge(view)).to_have_attribute("aria-valuenow", edge(view).get_attribute(limit) or "")
        assert column_width(view) == float(edge(view).get_attribute(limit) or 0)
        main = box_of(view.frame.get_by_role("main"))
        for named in view.frame.locator(".lv-place, .lv-toolbar > *").all():
            assert box_of(named).x + box_of(named).width <= main.x + main.width
