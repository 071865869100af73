"""Samples: what was asked and answered, over the steps, and whatever sort they are of."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Locator, expect

import tb_layerview
from tests.browser.conftest import Recorded, Samples
from tests.browser.layer_view_page import LayerViewPage
from tests.browser.recorded_samples import CLASSES, IDS, STEPS, TEXTS

pytestmark = pytest.mark.browser

STEP: Final = 0
MAPS: Final = "conv2.0/output"


def rows_of(view: LayerViewPage) -> Locator:
    """The rows of the table, its head first."""
    return view.frame.get_by_role("main").locator(".lv-sample-table").get_by_role("row")


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
    rows = rows_of(view)
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
    button = view.frame.get_by_role("button", name=re.compile("^Wrong \\("))
    expect(button).to_have_text(f"Wrong ({wrong})")
    button.click()
    expect(rows_of(view)).to_have_count(1 + wrong if wrong else 0)


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


def test_what_was_not_given_has_no_column(view: LayerViewPage) -> None:
    view.open(run="live", place="samples")
    rows = rows_of(view)
    # Three inputs of a step, without targets and predictions.
    expect(rows).to_have_count(1 + 3)
    expect(rows.first.get_by_role("columnheader")).to_have_text(["Sample", "Input", "Look"])


def test_a_probe_is_followed_over_the_steps_from_the_batch_of_its_training(
    samples: Samples,
) -> None:
    view, probed = samples.view, samples.probed
    view.open(run="shapes", place="samples")
    wrong = int((probed.seen[-1]["/output"].argmax(1) != probed.targets).sum())
    view.frame.get_by_role(
        "radio", name=f"The probe: the same samples at every step, {wrong} wrong"
    ).click()
    rows = rows_of(view)
    expect(rows).to_have_count(1 + len(IDS))
    right = np.array(
        [(each["/output"].argmax(1) == probed.targets).numpy() for each in probed.seen]
    )
    shares = probed.seen[-1]["/output"].softmax(dim=1)
    for place, name in enumerate(IDS):
        row = rows.nth(1 + place)
        expect(row.get_by_role("rowheader")).to_have_text(name)
        cells = row.get_by_role("cell")
        answer = int(shares[place].argmax())
        expect(cells.nth(1)).to_have_text(CLASSES[int(probed.targets[place])])
        expect(cells.nth(2)).to_have_text(
            f"{CLASSES[answer]} ({shares[place, answer] * 100:.0f} %)"
        )
        words = f"right at {right[:, place].sum()} of {STEPS} steps"
        strip = cells.nth(4).get_by_role("img")
        expect(strip).to_have_attribute("aria-label", re.compile(f"^{words}"))


@pytest.mark.parametrize("since", [0, 3])
def test_answers_that_changed_since_a_step_are_filtered(samples: Samples, since: int) -> None:
    view, probed = samples.view, samples.probed
    view.open(run="shapes/probe", place="samples", list=f"changed~recorded~0.5~{since}")
    before, now = (probed.seen[step]["/output"].argmax(1) for step in (since, -1))
    names = [IDS[place] for place in np.flatnonzero((before != now).numpy())]
    button = view.frame.get_by_role("button", name=f"Changed ({len(names)})")
    expect(view.frame.get_by_role("combobox", name="since step")).to_have_value(str(since))
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(view.frame.locator(".lv-sample-table tbody th")).to_have_text(names)


def test_regression_multi_label_and_masks_are_shown_as_what_they_are(samples: Samples) -> None:
    view = samples.view

    def cells(run: str, row: int) -> Locator:
        view.open(run=run, place="samples")
        expect(rows_of(view)).to_have_count(1 + 3)
        return rows_of(view).nth(1 + row).get_by_role("cell")

    targets, predictions = samples.sorts["numbers"]
    found = cells("numbers", 1)
    np.testing.assert_allclose(float(found.nth(1).inner_text()), targets[1, 0], rtol=5e-3)
    np.testing.assert_allclose(float(found.nth(2).inner_text()), predictions[1, 0], rtol=5e-3)
    error = abs(float(targets[1, 0] - predictions[1, 0]))
    words = found.nth(3).inner_text()
    np.testing.assert_allclose(float(words.removeprefix("error ")), error, rtol=5e-3)

    targets, predictions = samples.sorts["labels"]
    names = np.array(["cat", "dog", "emu"])
    for row in range(3):
        found = cells("labels", row)
        expected = ", ".join(names[targets[row].bool().numpy()]) or "none"
        expect(found.nth(1)).to_have_text(expected)
        answered = ", ".join(names[(predictions[row] >= 0).numpy()]) or "none"
        expect(found.nth(2)).to_have_text(re.compile(rf"^{answered} \("))
        expect(found.nth(0).get_by_role("img", name="a signal of 40 values")).to_be_visible()

    targets, predictions = samples.sorts["places"]
    found = cells("places", 0)
    share = float((predictions.argmax(1) != targets)[0].double().mean())
    words = found.nth(3).inner_text()
    np.testing.assert_allclose(float(words.removesuffix(" % wrong")), 100 * share, rtol=5e-3)
    for column, role in ((1, "Target"), (2, "Prediction")):
        expect(found.nth(column).get_by_role("img", name=role)).to_be_visible()

    for row, text in enumerate(TEXTS):
        expect(cells("texts", row).nth(0)).to_have_text(text)
    expect(cells("tokens", 0).nth(0)).to_have_text(re.compile(r"^\d+( \d+){5}$"))
