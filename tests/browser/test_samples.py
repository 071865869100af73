"""Samples: what was asked and answered, and the way of one through the network beside another."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import expect

import tb_layerview
from tests.browser.conftest import Recorded
from tests.browser.layer_view_page import LayerViewPage

pytestmark = pytest.mark.browser

STEP: Final = 0
MAPS: Final = "conv2.0/output"


def recorded_samples(recorded: Recorded) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Targets, and the scores that were predicted."""
    log = tb_layerview.open(Path(recorded.logdir, "demo"))
    targets, scores = (log[f"/sample.{name}"].at(STEP)[...] for name in ("targets", "predictions"))
    return targets, scores


def test_the_table_tells_targets_predictions_and_verdicts(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.open(run="demo", step=STEP, place="samples")
    targets, scores = recorded_samples(recorded)
    rows = view.frame.get_by_role("main").get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(1 + len(targets))
    for number, (target, score) in enumerate(zip(targets, scores, strict=True)):
        cells = rows.nth(1 + number).get_by_role("cell")
        answer = int(score.argmax())
        expect(cells.nth(1)).to_have_text(str(target))
        expect(cells.nth(2)).to_have_text(f"{answer} ({score.max() * 100:.0f} %)")
        expect(cells.nth(3)).to_have_text("right" if answer == target else "wrong")


def test_wrong_ones_are_filtered(view: LayerViewPage, recorded: Recorded) -> None:
    view.open(run="demo", step=STEP, place="samples")
    targets, scores = recorded_samples(recorded)
    wrong = int((scores.argmax(axis=1) != targets).sum())
    button = view.frame.get_by_role("button", name=re.compile("^Wrong [0-9]"))
    expect(button).to_have_text(f"Wrong {wrong}")
    button.click()
    rows = view.frame.get_by_role("main").get_by_role("row")
    expect(rows).to_have_count(1 + wrong if wrong else 0)


def test_two_samples_go_through_the_layers_side_by_side(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.open(run="demo", step=STEP, place="samples", sample=0, beside=2)
    layer = view.frame.get_by_role("region", name=MAPS)
    layer.scroll_into_view_if_needed()
    maps = recorded.trained.kept[STEP][MAPS].numpy().astype(np.float64)
    a, b = maps[0], maps[2]
    norm = np.linalg.norm
    apart = norm(a - b) / np.sqrt(norm(a) ** 2 + norm(b) ** 2)
    expect(layer).to_contain_text("apart by")
    words = layer.get_by_text(re.compile("apart by")).inner_text()
    np.testing.assert_allclose(float(words.split()[-1]), apart, rtol=5e-3)
    layer.get_by_role("button", name=MAPS).click()
    expect(view.panel.get_by_role("heading", name=f"B: step {STEP}, sample 2")).to_be_visible()


def test_a_wrong_one_is_two_clicks_from_its_feature_maps_beside_a_right_one(
    view: LayerViewPage, recorded: Recorded
) -> None:
    log = tb_layerview.open(Path(recorded.logdir, "demo"))
    verdicts = {
        step: log["/sample.predictions"].at(step)[...].argmax(axis=1)
        == log["/sample.targets"].at(step)[...]
        for step in log.steps
    }
    step = next(step for step, right in verdicts.items() if right.any() and not right.all())
    view.open(run="demo", step=step)
    view.frame.get_by_role("button", name="Samples", exact=True).click()
    view.frame.get_by_role("button", name="which is right").first.click()
    wrong = int(np.flatnonzero(~verdicts[step])[0])
    layer = view.frame.get_by_role("region", name=MAPS)
    expect(layer).to_be_attached()
    view.page.wait_for_url(re.compile(r"beside=\d"))
    if wrong:
        assert f"sample={wrong}" in view.page.url
    layer.scroll_into_view_if_needed()
    # Sixty-four feature maps of each of the two, of which those in view are drawn.
    expect(layer.get_by_text("Filter 1", exact=True)).to_have_count(2)


def test_what_was_not_given_is_left_blank(view: LayerViewPage) -> None:
    view.open(run="live", place="samples")
    rows = view.frame.get_by_role("main").get_by_role("table").get_by_role("row")
    # Three inputs of a step, without targets and predictions.
    expect(rows).to_have_count(1 + 3)
    for column in (1, 2, 3):
        expect(rows.nth(1).get_by_role("cell").nth(column)).to_have_text("")
