"""Several runs, and links to what is not there."""

from __future__ import annotations

import re
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenTab, Recorded
from tests.browser.layer_view_page import LayerViewPage, ToldValue
from tests.browser.recordings import MARKUP, SPOILED_STEPS
from tests.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

KEY: Final = "conv3.0/output"
LATE_HASH_EVENTS: Final = """
const add = window.addEventListener;
window.addEventListener = function (type, listener, ...options) {
  const late = event => setTimeout(() => listener.call(this, event), 1000);
  add.call(this, type, type === 'hashchange' ? late : listener, ...options);
};
"""
"""A browser tells of a new address some time after it has it: here, later than it usually does."""

RUNS: Final = ["demo", "live", f"markup {MARKUP}", "spoiled"]


def expect_first_value(view: LayerViewPage, step: int, value: object) -> None:
    view.expect_picture(KEY, step)
    told = ToldValue("Filter 1, Row 0, Column 0", f"{KEY}[0, 0, 0, 0] at step {step}", value)
    view.expect_value(lambda: view.maps(4, 4)["Filter 1"], (0, 0), told)
    view.page.mouse.move(0, 0)


def test_the_run_selector_switches_between_runs(view: LayerViewPage, recorded: Recorded) -> None:
    view.open(run="demo", key=KEY)
    selector = view.frame.get_by_role("combobox", name="Run")
    expect(selector.get_by_role("option")).to_have_text(RUNS)
    last = max(recorded.trained.kept)
    demo = recorded.trained.kept[last][KEY].numpy()[0, 0, 0, 0]
    other = recorded.spoiled[SPOILED_STEPS[-1]][KEY].numpy()[0, 0, 0, 0]
    assert demo != other
    expect_first_value(view, last, demo)
    selector.select_option("spoiled")
    expect_first_value(view, SPOILED_STEPS[-1], other)
    selector.select_option("demo")
    expect_first_value(view, last, demo)


def test_a_run_without_the_tensor_shows_one_that_it_has(view: LayerViewPage) -> None:
    view.show(KEY, 5, run="demo")
    view.frame.get_by_role("combobox", name="Run").select_option("live")
    expect(view.frame.get_by_role("heading", level=1)).to_contain_text("Linear")
    expect(view.panel.get_by_role("application")).to_be_visible()


def test_a_link_to_an_unknown_run_says_so_and_lists_those_there_are(view: LayerViewPage) -> None:
    view.open(run="demmo", key=KEY)
    alert = view.frame.get_by_role("alert")
    expect(alert).to_contain_text("no such run")
    expect(alert).to_contain_text("demmo")
    alert.get_by_role("button", name="demo").click()
    expect(view.frame.get_by_role("heading", level=1)).to_have_text("conv3.0 / output")


def test_a_link_to_an_unknown_tensor_says_so_and_names_the_nearest(view: LayerViewPage) -> None:
    view.open(run="demo", key="conv3.0/outptu", step=5)
    alert = view.frame.get_by_role("alert")
    expect(alert).to_contain_text("no such tensor")
    expect(alert).to_contain_text("conv3.0/outptu")
    alert.get_by_role("button", name=KEY).click()
    view.expect_picture(KEY, 5)


def test_a_link_to_an_unrecorded_step_says_so_and_shows_the_nearest(view: LayerViewPage) -> None:
    view.open(run="demo", key=KEY, step=6)
    notice = view.frame.get_by_role("status").filter(has_text="Step 6 was not recorded")
    expect(notice).to_be_visible()
    view.expect_picture(KEY, 5)
    notice.get_by_role("button").click()
    expect(notice).to_have_count(0)
    view.expect_picture(KEY, 5)


@pytest.mark.parametrize(
    "link",
    [
        {"step": "last"},
        {"sample": "99999999999"},
        {"sample": "-1"},
        {"tab": "nonsense"},
        {"map": "1000"},
        {"lead": "x:y,1"},
        {"view": "nowhere"},
        {"view": "900:950,5:1"},
        {"pinned": "gone%2Foutput,%"},
        {"page": "99"},
        {"third": "sum~x"},
        {"scale.activations": "rainbow~~~"},
    ],
    ids="&".join,
)
def test_a_link_with_nonsense_in_it_still_shows_the_tensor(
    view: LayerViewPage, link: dict[str, str]
) -> None:
    view.open(run="demo", key=KEY, **link)
    expect(view.frame.get_by_role("heading", level=1)).to_have_text("conv3.0 / output")
    view.expect_picture(KEY, 10)
    expect(view.panel.get_by_role("figure").first).to_be_visible()


def test_a_link_is_followed_though_the_address_is_just_being_written(
    open_tab: OpenTab, tensorboard: TensorBoard
) -> None:
    view = open_tab(tensorboard.url, LATE_HASH_EVENTS)
    view.show("conv2.0/output", 5, run="demo")
    view.page.wait_for_url(re.compile("key=conv2"))
    view.tree_item("bias (10,)").evaluate(  # the page is about to write it into the address
        "(line, hash) => { line.click(); parent.location.hash = hash; }",
        view.hash_of(run="demo", key=KEY, step=0),
    )
    view.expect_picture(KEY, 0)
    view.page.wait_for_url(re.compile("key=conv3"))
