"""The range of the colours: dragged on the distribution of what is shown, kept over the steps."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Locator, expect
from torch import nn

from tb_layerview import snapshot
from tests.browser.colors import viridis_within
from tests.browser.conftest import WINDOW, Recorded
from tests.browser.layer_view_page import LayerViewPage, box_of
from tests.conftest import StartTensorBoard

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


def test_any_two_percentiles_can_be_the_ends(view: LayerViewPage, recorded: Recorded) -> None:
    view.show(WEIGHT, STEP, **{"scale.weights": "viridis~robust~linear"})
    values = recorded.trained.kept[STEP][WEIGHT].numpy()
    low = view.frame.get_by_role("spinbutton", name="From")
    high = view.frame.get_by_role("spinbutton", name="To")
    expect(low).to_have_value("1")
    expect(high).to_have_value("99")
    low.fill("10")
    high.fill("75.5")
    high.press("Enter")
    ends = np.percentile(values, [10, 75.5], method="inverted_cdf")
    for name, expected in (("Lower", ends[0]), ("Upper", ends[1])):
        told = float(end(view, name).get_attribute("aria-valuenow") or "nan")
        assert np.float32(told) == expected
    # What is no percentile, or is beyond the other end, is not taken.
    low.fill("80")
    low.press("Enter")
    expect(low).to_have_value("10")
    view.page.wait_for_url(re.compile(r"~10-75\.5"))


def test_one_range_holds_over_the_chosen_runs(
    browser: Browser, start_tensorboard: StartTensorBoard, tmp_path: Path
) -> None:
    weights = {"small": 1.0, "large": 10.0, "other": 100.0}
    model = nn.Linear(4, 3, bias=False)
    for run, size in weights.items():
        with torch.no_grad():
            model.weight.copy_(torch.linspace(-size, size, 12).reshape(3, 4))
        snapshot(model, tmp_path / run, 0, inputs=torch.ones(1, 4))
    context = browser.new_context(viewport=WINDOW)
    view = LayerViewPage(context.new_page(), start_tensorboard(tmp_path).url)
    view.show("/param.weight", 0, run="small", **{"scale.weights": "viridis~runs~linear"})
    expect(view.frame.get_by_role("img", name="Colours from -100 to 100")).to_be_visible()
    view.frame.locator("summary").filter(has_text="all 3 runs").click()
    view.frame.get_by_role("checkbox", name="other").uncheck()
    expect(view.frame.get_by_role("img", name="Colours from -10 to 10")).to_be_visible()
    view.page.wait_for_url(re.compile(r"scale\.runs=large%2Csmall"))
    context.close()


def test_one_range_holds_over_all_steps(view: LayerViewPage, recorded: Recorded) -> None:
    every = np.stack([seen[WEIGHT].numpy() for seen in recorded.trained.kept.values()])
    for step in (0, STEP):
        view.show(WEIGHT, step, **STEPS)
        values = recorded.trained.kept[step][WEIGHT].numpy()
        view.expect_colors(
            lambda picture: picture.backgrounds(view.heatmap(10, 64)),
            viridis_within(values, every.min(), every.max()),
        )
