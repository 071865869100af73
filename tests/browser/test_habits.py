"""What a person is used to: fingers, trackpads, keys, and things that stay where one put them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenTab
from tests.browser.layer_view_page import LayerViewPage, box_of
from tests.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

WEIGHT: Final = "fc_final.0/param.weight"
MAPS: Final = "conv2.0/output"
STEP: Final = 10

Point = tuple[float, float]


class Fingers:
    """Touches as Chromium's own gesture recognition gets them from a screen."""

    def __init__(self, view: LayerViewPage) -> None:
        self._session = view.page.context.new_cdp_session(view.page)

    def _send(self, kind: str, points: Sequence[Point]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def move(self, start: Sequence[Point], end: Sequence[Point], steps: int = 8) -> None:
        """Put fingers down, move each on a straight line, and take them off."""
        self._send("touchStart", start)
        for step in range(1, steps + 1):
            share = step / steps
            at = [
                (x + (to_x - x) * share, y + (to_y - y) * share)
                for (x, y), (to_x, to_y) in zip(start, end, strict=True)
            ]
            self._send("touchMove", at)
        self._send("touchEnd", [])


@pytest.fixture
def touched(open_tab: OpenTab, tensorboard: TensorBoard) -> LayerViewPage:
    view = open_tab(tensorboard.url, has_touch=True)
    view.show(WEIGHT, STEP)
    return view


def column_labels(view: LayerViewPage) -> list[int]:
    """The numbers below the picture."""
    labels = view.panel.locator(".lv-axes > svg").last.locator("text").all_text_contents()
    return [int(label) for label in labels if label.isdigit()]


def zoomed_by_pinch(view: LayerViewPage) -> list[int]:
    """The columns that are labelled when two fingers moved apart in the middle of the picture."""
    box = box_of(view.panel.get_by_role("application"))
    x, y = box.x + box.width / 2, box.y + box.height / 2
    Fingers(view).move([(x - 30, y), (x + 30, y)], [(x - 150, y), (x + 150, y)])
    expect(view.panel.get_by_role("button", name="Fit")).to_be_enabled()
    return column_labels(view)


def test_two_fingers_zoom_and_one_pans_where_one_has_zoomed(touched: LayerViewPage) -> None:
    all_columns = column_labels(touched)
    assert (min(all_columns), max(all_columns)) >= (0, 60)
    zoomed = zoomed_by_pinch(touched)
    # Five times as far apart, so about a fifth of 64 columns, about the middle.
    assert 8 <= max(zoomed) - min(zoomed) <= 16
    assert min(zoomed) <= 32 <= max(zoomed)
    box = box_of(touched.panel.get_by_role("application"))
    x, y = box.x + box.width / 2, box.y + box.height / 2
    Fingers(touched).move([(x, y)], [(x + 300, y)])

    def is_further_left() -> None:
        panned = column_labels(touched)
        assert max(panned) < max(zoomed)

    touched.eventually(is_further_left)


def test_a_tap_on_a_cell_is_a_click(touched: LayerViewPage) -> None:
    box = box_of(touched.panel.get_by_role("application"))
    touched.page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2)
    expect(touched.frame.get_by_role("region", name=re.compile("over the steps"))).to_be_visible()


def test_a_trackpad_zooms_by_pinching_and_pans_sideways(view: LayerViewPage) -> None:
    view.show(WEIGHT, STEP)
    fit = view.panel.get_by_role("button", name="Fit")
    if fit.is_enabled():
        fit.click()
    box = box_of(view.panel.get_by_role("application"))
    view.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    # Browsers give a trackpad's pinch as a wheel with Ctrl held.
    view.page.keyboard.down("Control")
    view.page.mouse.wheel(0, -150)
    view.page.keyboard.up("Control")
    expect(fit).to_be_enabled()
    before = column_labels(view)
    view.page.mouse.wheel(-600, 0)

    def is_further_left() -> None:
        assert min(column_labels(view)) < min(before)

    view.eventually(is_further_left)
    fit.click()
    view.page.mouse.move(0, 0)


def pinned(view: LayerViewPage) -> Locator:
    return view.frame.get_by_role("list", name="Pinned tensors")


def test_pinned_tensors_stand_above_the_tree_and_are_remembered(
    open_tab: OpenTab, tensorboard: TensorBoard
) -> None:
    view = open_tab(tensorboard.url)
    view.show(WEIGHT, STEP, run="demo")
    expect(pinned(view)).to_have_count(0)
    view.page.keyboard.press("p")
    expect(pinned(view).get_by_role("listitem")).to_have_text(["fc_final.0weight"])
    view.show(MAPS, STEP, run="demo")
    view.frame.get_by_role("main").get_by_role("button", name=f"Pin {MAPS}").click()
    expect(pinned(view).get_by_role("listitem")).to_have_text(["fc_final.0weight", "conv2.0output"])
    view.page.wait_for_url(re.compile(r"p\.layerview\.pinned="))
    # From one to the next, and around.
    view.page.locator("iframe[src*='name=layerview']").focus()
    view.page.keyboard.press("n")
    view.expect_picture(WEIGHT, STEP)
    view.page.keyboard.press("n")
    view.expect_picture(MAPS, STEP)
    # A link that says nothing of pins shows those of the last visit; one without its tensors, none.
    view.page.goto("about:blank")
    view.show(WEIGHT, STEP, run="demo")
    expect(pinned(view).get_by_role("listitem")).to_have_count(2)
    view.open(run="live")
    expect(view.tree_item("weight (5, 6)")).to_be_visible()
    expect(pinned(view)).to_have_count(0)
    view.show(WEIGHT, STEP, run="demo")
    pinned(view).get_by_role("button", name=f"Pin {WEIGHT}").click()
    expect(pinned(view).get_by_role("listitem")).to_have_text(["conv2.0output"])


def test_a_link_brings_its_own_pins(view: LayerViewPage) -> None:
    view.show(MAPS, STEP, run="demo", pinned="fc1.0%2Fparam.bias")
    expect(pinned(view).get_by_role("listitem")).to_have_text(["fc1.0bias"])
    pinned(view).get_by_role("button", name="fc1.0 bias").click()
    view.expect_picture("fc1.0/param.bias", STEP)


def test_the_help_lists_the_keys_and_they_do_what_it_says(view: LayerViewPage) -> None:
    view.show(MAPS, STEP, run="demo")
    view.page.keyboard.press("?")
    sheet = view.frame.get_by_role("dialog", name="Keyboard help")
    expect(sheet).to_be_visible()
    lines = dict(
        zip(
            sheet.locator("dd").all_inner_texts(),
            (caps.locator("kbd").all_inner_texts() for caps in sheet.locator("dt").all()),
            strict=True,
        )
    )
    view.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    assert lines["heat map, compare, values, statistics"] == ["1", "2", "3", "4"]
    for key, name in zip("4321", ("Statistics", "Values", "Compare", "Heat map"), strict=True):
        view.page.keyboard.press(key)
        tab = view.frame.get_by_role("tab", name=name)
        expect(tab).to_have_attribute("aria-selected", "true")
    assert lines["layers, samples, findings, health, charts"] == ["L", "A", "G", "H", "C"]
    for key, name in zip(
        "aghcl", ("Samples", "Findings", "Health", "Charts", "Layers"), strict=True
    ):
        view.page.keyboard.press(key)
        place = view.frame.get_by_role("button", name=re.compile(f"^{name}"), pressed=True)
        expect(place).to_be_visible()
