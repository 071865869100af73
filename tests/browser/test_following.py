"""A training goes on while its page is open: new steps come without a reload."""

from __future__ import annotations

import re
import time
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Recorded
from tests.browser.layer_view_page import LayerViewPage, ToldValue

pytestmark = pytest.mark.browser

RUN: Final = "live"
KEY: Final = "/param.weight"
NEW_STEPS: Final = 5
SEEN_WITHIN_SECONDS: Final = 2.0


def open_live(view: LayerViewPage) -> None:
    view.open(run=RUN, key=KEY)
    expect(view.frame.get_by_role("heading", level=1)).to_have_text("Linear / weight")


def test_followed_steps_are_shown_within_two_seconds_of_their_flush(
    view: LayerViewPage, recorded: Recorded
) -> None:
    open_live(view)
    expect(view.frame.get_by_role("button", name="Follow")).to_have_attribute(
        "aria-pressed", "true"
    )
    view.page.evaluate("window.sameDocument = true")
    seconds = []
    step = 0
    for _ in range(NEW_STEPS):
        step = recorded.live.train_a_step()
        flushed = time.monotonic()
        view.text(f"{KEY} at step {step},").wait_for()
        seconds.append(time.monotonic() - flushed)
    assert sorted(seconds)[NEW_STEPS // 2] < SEEN_WITHIN_SECONDS, seconds
    assert view.page.evaluate("window.sameDocument")
    weight = recorded.live.weights[step].numpy()
    where, index = "Output Node Index 4, Input Node Index 2", f"{KEY}[4, 2] at step {step}"
    view.expect_value(lambda: view.heatmap(5, 6), (4, 2), ToldValue(where, index, weight[4, 2]))


def test_a_chosen_step_stays_while_others_come(view: LayerViewPage, recorded: Recorded) -> None:
    recorded.live.train_a_step()
    view.show(KEY, 0, run=RUN)
    step = recorded.live.train_a_step()
    expect(view.step_bar).to_have_attribute(
        "aria-valuetext", re.compile(rf"^step 0, 1 of {step + 1}\b")
    )
    view.expect_picture(KEY, 0)
    view.frame.get_by_role("button", name="Follow").click()
    view.expect_picture(KEY, step)
