"""The range of the colours: dragged on the distribution of what is shown, kept over the steps."""

from __future__ import annotations

from typing import Final

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.colors import viridis_within
from tests.browser.conftest import Recorded
from tests.browser.layer_view_page import LayerViewPage, box_of

pytestmark = pytest.mark.browser

WEIGHT: Final = "fc_final.0/param.weight"
STEP: Final = 10
AUTO: Final = {"scale.weights": "viridis~auto~linear"}
STEPS: Final = {"scale.weights": "viridis~steps~linear"}


def end(view: LayerViewPage, name: str) -> Locator:
    return view.frame.get_by_role("slider", name=f"{name} end of the range")


def test_an_end_is_dragged_and_the_colours_follow(view: LayerViewPage, recorded: Recorded) -> None:
    view.show(WEIGHT, STEP, **AUTO)
    values = recorded.trained.kept[STEP][WEIGHT].numpy()
    upper = end(view, "Upper")
    chart = box_of(view.frame.get_by_role("group", name="Range of the colours"))
    grip = box_of(upper)
    view.page.mouse.move(grip.x + grip.width / 2, grip.y + 8)
    view.page.mouse.down()
    view.page.mouse.move(chart.x + chart.width * 0.6, grip.y + 8, steps=5)
    view.page.mouse.up()
    view.page.mouse.move(0, 0)
    expect(view.frame.get_by_role("combobox", name="Range")).to_have_value("fixed")
    least, greatest = float(values.min()), float(values.max())
    chosen = float(upper.get_attribute("aria-valuenow") or "nan")
    # A pixel of the chart is a third of a percent of its width.
    assert chosen == pytest.approx(least + 0.6 * (greatest - least), abs=0.01 * (greatest - least))
    inside = values <= chosen
    view.eventually(
        lambda: np.testing.assert_array_equal(
            view.screenshot().backgrounds(view.heatmap(10, 64))[inside],
            viridis_within(values, least, chosen)[inside],
        )
    )


def test_keys_move_an_end_and_a_double_click_takes_all(view: LayerViewPage) -> None:
    view.show(WEIGHT, STEP, **AUTO)
    lower = end(view, "Lower")
    before = float(lower.get_attribute("aria-valuenow") or "nan")
    lower.press("ArrowRight")
    expect(view.frame.get_by_role("combobox", name="Range")).to_have_value("fixed")
    assert float(lower.get_attribute("aria-valuenow") or "nan") > before
    view.frame.get_by_role("group", name="Range of the colours").dblclick()
    expect(view.frame.get_by_role("combobox", name="Range")).to_have_value("auto")
    assert float(lower.get_attribute("aria-valuenow") or "nan") == before


def test_one_range_holds_over_all_steps(view: LayerViewPage, recorded: Recorded) -> None:
    every = np.stack([seen[WEIGHT].numpy() for seen in recorded.trained.kept.values()])
    for step in (0, STEP):
        view.show(WEIGHT, step, **STEPS)
        values = recorded.trained.kept[step][WEIGHT].numpy()
        view.expect_colors(
            lambda picture: picture.backgrounds(view.heatmap(10, 64)),
            viridis_within(values, every.min(), every.max()),
        )
