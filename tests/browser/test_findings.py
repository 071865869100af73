"""What went wrong in a run, told by the page; and the whole run as one map."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from playwright.sync_api import expect

import tb_layerview
from tb_layerview.diagnosis.log import Log
from tests.browser.colors import Box, color_table
from tests.browser.conftest import OpenTab, Recorded
from tests.browser.layer_view_page import LayerViewPage, box_of
from tests.browser.recordings import (
    SPOILED_KEY,
    SPOILED_STEP,
    SPOILED_STEPS,
    record_spoiled_data,
)
from tests.conftest import StartTensorBoard

pytestmark = pytest.mark.browser

RUN: Final = "spoiled"


def log_of(recorded: Recorded) -> Log:
    return tb_layerview.open(Path(recorded.logdir, RUN))


def test_the_page_lists_what_the_log_finds(view: LayerViewPage, recorded: Recorded) -> None:
    view.open(run=RUN)
    view.frame.get_by_role("button", name=re.compile("^Findings")).click()
    found = log_of(recorded).findings()
    cards = view.frame.get_by_role("main").get_by_role("listitem")
    expect(cards).to_have_count(len(found))
    for number, finding in enumerate(found):
        expect(cards.nth(number)).to_contain_text(finding.message)
    assert found[0].severity == "error"
    badge = view.frame.get_by_role("button", name=re.compile(r"^Findings 1 error$"))
    expect(badge).to_be_visible()


def test_a_finding_leads_to_its_tensor_and_step(view: LayerViewPage) -> None:
    view.open(run=RUN, place="findings")
    view.frame.get_by_role("button", name=f"Show {SPOILED_KEY} at step {SPOILED_STEP}").click()
    view.expect_picture(SPOILED_KEY, SPOILED_STEP)


def test_the_origin_tells_the_elements(view: LayerViewPage, recorded: Recorded) -> None:
    view.open(run=RUN, place="findings")
    card = view.frame.get_by_role("main").get_by_role("listitem").first
    card.get_by_text("What led there").click()
    seen = recorded.spoiled[SPOILED_STEP][SPOILED_KEY].numpy()
    for place in np.argwhere(~np.isfinite(seen)).tolist():
        expect(card.get_by_text(f"[{', '.join(map(str, place))}]", exact=True)).to_be_visible()


def test_a_healthy_run_says_that_nothing_was_found(view: LayerViewPage) -> None:
    view.open(run="live", place="findings")
    expect(view.frame.get_by_role("main")).to_contain_text("Nothing found")


def test_a_tensor_has_one_name_in_the_page_in_findings_and_in_the_command(
    open_tab: OpenTab, start_tensorboard: StartTensorBoard, tmp_path: Path
) -> None:
    """The data and what the model is given are the same tensor, recorded by two keys."""
    run = tmp_path / "data"
    record_spoiled_data(run)
    log = tb_layerview.open(run)
    for key in ("/sample.inputs", "/input.0", "conv1.0/input.0"):
        assert np.isnan(log[key].at(SPOILED_STEP)[...]).sum() == 1
    (found,) = [finding for finding in log.findings() if finding.rule == "non_finite"]
    beginning = f"Samples/inputs has the first NaN at step {SPOILED_STEP}, "
    assert found.key == "/sample.inputs"
    assert found.message.startswith(beginning)
    command = [sys.executable, "-m", "tb_layerview", "findings", str(run)]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert f"] {beginning}" in printed
    view = open_tab(start_tensorboard(tmp_path).url)
    view.open(place="findings")
    card = view.frame.get_by_role("main").get_by_role("listitem").first
    expect(card).to_contain_text(found.message)
    name = f"Samples/inputs at step {SPOILED_STEP}"
    expect(card.get_by_role("button", name=f"Show {name}")).to_be_visible()
    banner = view.frame.get_by_role("navigation").get_by_text("NaN or Inf first at")
    expect(banner).to_contain_text(f"step {SPOILED_STEP}, Samples/inputs")
    banner.get_by_role("button").click()
    expect(view.heading).to_contain_text("Samples / inputs")


def test_the_health_map_has_a_row_for_each_output_and_the_colour_of_its_rms(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.open(run=RUN, place="health")
    log = log_of(recorded)
    keys = [key for key in log.keys() if "/output" in key]  # noqa: SIM118 - a log is no mapping
    strips = view.frame.get_by_role("application")
    expect(strips).to_have_attribute(
        "aria-label", re.compile(rf"^{len(keys)} tensors by {len(SPOILED_STEPS)} columns")
    )
    view.page.mouse.move(0, 0)
    rms = log.stats("rms", keys=keys)
    counts = np.stack([log.stats(name, keys=keys) for name in ("nan", "pos_inf", "neg_inf")])
    bad = counts.sum(axis=0) > 0
    finite = np.log(rms[np.isfinite(rms)])
    place = (np.log(rms) - finite.min()) / (finite.max() - finite.min())
    expected = color_table("viridis")[np.clip(place * 256, 0, 255).astype(int)].astype(int)

    def check() -> None:
        box = box_of(strips.locator("canvas"))
        rows = box.height / len(keys)
        columns = box.width / len(SPOILED_STEPS)
        picture = view.screenshot(strips)
        for row in range(len(keys)):
            for column in range(len(SPOILED_STEPS)):
                cell = Box(box.x + (column + 0.3) * columns, box.y + row * rows + 6, 4, 4)
                pixel = picture.inside(cell)[1, 1].astype(int)
                if bad[row, column]:
                    assert tuple(pixel) == (255, 0, 255)
                else:
                    # A value on the border of two of the 256 colours may have either.
                    assert abs(pixel - expected[row, column]).max() <= 4

    view.eventually(check)
    assert bad.any()


def test_a_cell_of_the_health_map_is_read_and_opened(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.open(run=RUN, place="health")
    strips = view.frame.get_by_role("application")
    log = log_of(recorded)
    keys = [key for key in log.keys() if "/output" in key]  # noqa: SIM118 - as above
    strips.focus()
    for _ in range(1 + keys.index("conv1.0/output")):
        view.page.keyboard.press("ArrowDown")
    value = log.stats("rms", keys=["conv1.0/output"])[0, -1]
    expect(view.text(re.compile(r"^conv1\.0/output, step 2: "))).to_contain_text(f"{value:.3g}"[:5])
    view.page.keyboard.press("Enter")
    view.expect_picture("conv1.0/output", SPOILED_STEPS[-1])


def test_the_place_and_what_it_shows_are_in_the_link(view: LayerViewPage) -> None:
    view.open(run="demo", place="health", health="zero_share~parameters")
    expect(view.frame.get_by_role("combobox", name="Colour")).to_have_value("zero_share")
    expect(view.frame.get_by_role("combobox", name="of", exact=True)).to_have_value("parameters")
    view.frame.get_by_role("combobox", name="Colour").select_option("mean")
    view.page.wait_for_url(re.compile("health=mean~parameters"))
