"""One element over all steps, from a click on its cell."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Recorded
from tests.browser.layer_view_page import LayerViewPage

pytestmark = pytest.mark.browser

WEIGHT: Final = "fc_final.0/param.weight"
STEP: Final = 10
ROW, COLUMN = 3, 40
TITLE: Final = f"{WEIGHT}[{ROW}, {COLUMN}] over the steps"


def chart_of(view: LayerViewPage) -> Locator:
    return view.frame.get_by_role("region", name=TITLE)


def expect_value_of_step(view: LayerViewPage, recorded: Recorded, step: int) -> None:
    value = recorded.trained.kept[step][WEIGHT].numpy()[ROW, COLUMN]
    shown = chart_of(view).get_by_role("definition")

    def check() -> None:
        text = shown.inner_text()
        np.testing.assert_allclose(float(text.replace("\u2212", "-")), value, rtol=1e-3)

    view.eventually(check)


def test_a_click_on_a_cell_shows_its_value_over_the_steps(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(WEIGHT, STEP)
    view.page.mouse.click(*view.heatmap(10, 64).center(ROW, COLUMN))
    expect(chart_of(view)).to_be_visible()
    view.page.mouse.move(0, 0)
    expect_value_of_step(view, recorded, STEP)
    steps = sorted(recorded.trained.kept)
    # The picture has the keyboard, and Home would go to its first cell.
    view.step_bar.press("Home")
    expect_value_of_step(view, recorded, steps[0])
    # A click at the right end of the chart goes to the last step.
    plot = chart_of(view).locator(".u-over").bounding_box()
    assert plot is not None
    view.page.mouse.click(plot["x"] + plot["width"] - 2, plot["y"] + 20)
    view.page.mouse.move(0, 0)
    expect(view.text(f"{WEIGHT} at step {steps[-1]},")).to_be_visible()
    expect_value_of_step(view, recorded, steps[-1])


def test_a_link_follows_an_element_and_escape_closes_it(view: LayerViewPage) -> None:
    view.show(WEIGHT, STEP, element=f"{ROW},{COLUMN}")
    expect(chart_of(view)).to_be_visible()
    view.page.keyboard.press("Escape")
    expect(chart_of(view)).to_have_count(0)


def test_the_cursor_follows_an_element_on_enter(view: LayerViewPage) -> None:
    view.show(WEIGHT, STEP)
    view.panel.get_by_role("application").focus()
    view.page.keyboard.press("ArrowDown")
    view.page.keyboard.press("ArrowDown")
    view.page.keyboard.press("Enter")
    expect(view.frame.get_by_role("region", name=f"{WEIGHT}[1, 0] over the steps")).to_be_visible()


def test_a_link_to_an_element_that_is_not_there_says_so(view: LayerViewPage) -> None:
    view.open(key=WEIGHT, step=STEP, element="10,64")
    expect(view.frame.get_by_role("alert")).to_contain_text("of the shape (10, 64)")
    # The browser itself writes the refused request to the console.
    refused = [told for told in view.complaints if "400 (BAD REQUEST)" in told]
    assert view.complaints == refused
    view.complaints.clear()
