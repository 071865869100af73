"""Moving over the recorded steps and samples: the picture and the readout go along."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.colors import viridis
from tests.browser.conftest import OpenTab, Recorded
from tests.browser.layer_view_page import LayerViewPage, ToldValue
from tests.fixtures.demo_training import SAMPLES, STEPS
from tests.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

KEY: Final = "conv3.0/output"
SIDE: Final = 4
CHANNEL: Final = 5
TITLE: Final = f"Filter {CHANNEL + 1}"
CELL: Final = (2, 1)

KEEP_SHOWN_STEPS: Final = """bar => {
  window.shownSteps = [];
  const keep = () => {
    const words = bar.getAttribute('aria-valuetext');
    if (words !== window.shownSteps.at(-1)) window.shownSteps.push(words);
  };
  new MutationObserver(keep).observe(bar, { attributes: true });
}"""


def expect_shown(view: LayerViewPage, recorded: Recorded, step: int, sample: int) -> None:
    """Expect number, pixels and value under the pointer to be those of a step and a sample."""
    expect(view.step_bar).to_have_attribute("aria-valuetext", re.compile(rf"^step {step}\b"))
    view.page.mouse.move(0, 0)
    view.expect_picture(KEY, step)
    maps = recorded.trained.kept[step][KEY][sample].numpy()
    view.expect_colors(
        lambda picture: np.stack(
            [picture.centers(cells) for cells in view.maps(SIDE, SIDE).values()]
        ),
        viridis(maps),
    )
    row, column = CELL
    told = ToldValue(
        f"{TITLE}, Row {row}, Column {column}",
        f"{KEY}[{sample}, {CHANNEL}, {row}, {column}] at step {step}",
        maps[CHANNEL, row, column],
    )
    view.expect_value(lambda: view.maps(SIDE, SIDE)[TITLE], CELL, told)


def click_on_the_bar(view: LayerViewPage, share: float) -> None:
    """Click on the step bar, at a share of its width."""
    bar = view.step_bar.bounding_box()
    assert bar is not None
    x = min(max(share * bar["width"], 1), bar["width"] - 2)
    view.step_bar.click(position={"x": x, "y": bar["height"] / 2})


def test_the_three_steps_differ(recorded: Recorded) -> None:
    seen = [recorded.trained.kept[step][KEY].numpy() for step in STEPS]
    pictures = [viridis(maps[sample]).tobytes() for maps in seen for sample in range(SAMPLES)]
    assert len(set(pictures)) == len(STEPS) * SAMPLES


def test_a_click_on_the_step_bar_goes_to_the_step_there(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(KEY, 10)
    for share, step in ((0.0, 0), (0.5, 5), (1.0, 10)):
        click_on_the_bar(view, share)
        expect_shown(view, recorded, step, 0)


def test_keys_move_over_the_steps(view: LayerViewPage, recorded: Recorded) -> None:
    view.show(KEY, 10)
    moves = (("Home", 0), ("ArrowRight", 5), ("ArrowRight", 10), ("ArrowLeft", 5), ("End", 10))
    view.step_bar.focus()
    for key, step in moves:
        view.page.keyboard.press(key)
        expect_shown(view, recorded, step, 0)


def test_keys_move_over_the_steps_wherever_the_page_has_the_focus(view: LayerViewPage) -> None:
    view.show(KEY, 10)
    view.frame.get_by_role("heading", level=1).click()
    for key, step in (("Home", 0), ("ArrowRight", 5), ("End", 10), ("ArrowLeft", 5)):
        view.page.keyboard.press(key)
        view.expect_picture(KEY, step)


@pytest.mark.parametrize("way", ["slider", "number", "bracket keys"])
def test_another_sample_is_another_picture(
    view: LayerViewPage, recorded: Recorded, way: str
) -> None:
    view.show(KEY, 5)
    expect_shown(view, recorded, 5, 0)
    slider = view.frame.get_by_role("slider", name="Sample")
    number = view.frame.get_by_role("spinbutton", name="Sample")
    if way == "slider":
        slider.press("ArrowRight")
        slider.press("ArrowRight")
    elif way == "number":
        number.fill("2")
    else:
        view.frame.get_by_role("heading", level=1).click()
        view.page.keyboard.press("]")
        view.page.keyboard.press("]")
    expect(number).to_have_value("2")
    expect(slider).to_have_value("2")
    expect_shown(view, recorded, 5, 2)


def test_playing_shows_every_step_and_ends_at_the_last(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(KEY, 10)
    view.step_bar.evaluate(KEEP_SHOWN_STEPS)
    view.frame.get_by_role("button", name="Play over the steps").click()
    view.eventually(lambda: expect_last_played(view, "step 10, 3 of 3"))
    played = [f"step {step}, {place} of 3" for place, step in enumerate(STEPS, 1)]
    assert view.step_bar.evaluate("() => window.shownSteps") == played
    expect(view.frame.get_by_role("button", name="Play over the steps")).to_be_visible()
    expect_shown(view, recorded, STEPS[-1], 0)


def expect_last_played(view: LayerViewPage, words: str) -> None:
    assert view.step_bar.evaluate("() => window.shownSteps.at(-1)") == words


def test_a_reload_and_a_link_restore_the_view(
    open_tab: OpenTab, tensorboard: TensorBoard, recorded: Recorded
) -> None:
    view = open_tab(tensorboard.url)
    view.show("conv1.0/output", 10)
    view.tree_item("output (4, 64, 4, 4)").first.click()
    view.expect_picture("conv3/output", 10)
    view.tree_item("output (4, 64, 4, 4)").nth(1).click()
    view.step_bar.press("Home")
    view.step_bar.press("ArrowRight")
    view.frame.get_by_role("slider", name="Sample").press("End")
    view.page.wait_for_url(holds(f"key={KEY}", "step=5", "sample=3"))
    expect_shown(view, recorded, 5, 3)
    view.page.reload()
    expect_shown(view, recorded, 5, 3)

    view.frame.get_by_role("tab", name="Values").click()
    view.page.wait_for_url(holds("tab=values"))
    other = open_tab(tensorboard.url)
    other.page.goto(view.page.url)
    expect(other.frame.get_by_role("tab", name="Values")).to_have_attribute("aria-selected", "true")
    expect(other.step_bar).to_have_attribute("aria-valuetext", re.compile(r"^step 5\b"))
    expect(other.frame.get_by_role("slider", name="Sample")).to_have_value("3")


def holds(*parts: str) -> Callable[[str], bool]:
    """Whether an address has all of these entries, whatever stands before their names."""
    return lambda url: all(part.replace("/", "%2F") in url for part in parts)


def test_the_back_button_returns_to_the_tensor_before(view: LayerViewPage) -> None:
    view.show("conv2.0/output", 5)
    view.page.wait_for_url(holds("key=conv2.0/output"))
    view.tree_item("bias (10,)").click()
    view.page.wait_for_url(holds("key=fc_final.0/param.bias"))
    view.page.go_back()
    view.expect_picture("conv2.0/output", 5)
