"""Two samples layer by layer, what carried an answer, and maps over the input, beside NumPy."""

from __future__ import annotations

import itertools
import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.colors import Box, viridis
from tests.browser.conftest import Samples
from tests.browser.layer_view_page import LayerViewPage
from tests.browser.recorded_samples import CLASSES, IDS, SIDE, STEPS

pytestmark = pytest.mark.browser

STEP: Final = STEPS - 1
RUN: Final = "shapes/probe"
WAY: Final = ("conv.0/output", "conv.1/output", "pool/output", "flat/output", "head/output")
MAPS: Final = "conv.1/output"
ROUNDED: Final = 5e-3
"""Three digits are shown."""


def distance(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> float:
    norm = np.linalg.norm
    return float(norm(a - b) / np.sqrt(norm(a) ** 2 + norm(b) ** 2))


def numbers(row: Locator) -> list[float]:
    """What stands in the cells of a row, but for its name and its bar."""
    texts = row.get_by_role("cell").all_inner_texts()
    return [float(text) for text in texts if text.strip()]


def outputs(samples: Samples, key: str) -> npt.NDArray[np.float64]:
    array: npt.NDArray[Any] = samples.probed.seen[STEP][key].flatten(1).numpy()
    return array.astype(np.float64)


@pytest.mark.parametrize("order", ["execution", "distance"])
def test_layers_are_ranked_by_how_far_two_samples_part(samples: Samples, order: str) -> None:
    view = samples.view
    view.open(run=RUN, place="samples", sample=1, beside=4, detail=f"way~{order}~")
    apart = {key: distance(*outputs(samples, key)[[1, 4]]) for key in WAY}
    rows = view.frame.locator(".lv-partings tbody tr")
    expect(rows).to_have_count(len(WAY))
    keys = rows.get_by_role("button").all_inner_texts()
    if order == "execution":
        assert tuple(keys) == WAY
    shown = [float(text.split()[-1]) for text in rows.get_by_role("cell").all_inner_texts()]
    np.testing.assert_allclose(shown, [apart[key] for key in keys], rtol=ROUNDED)
    if order == "distance":
        assert shown == sorted(shown, reverse=True)
    regions = view.frame.locator(".lv-way-layer")
    assert [each.get_attribute("aria-label") for each in regions.all()] == keys
    rows.get_by_role("button", name=MAPS).click()
    expect(view.panel.get_by_role("heading", name=f"B: step {STEP}, sample 4")).to_be_visible()


def test_the_proposed_one_is_the_nearest_right_one_of_the_target(samples: Samples) -> None:
    view, probed = samples.view, samples.probed
    images = probed.images.flatten(1).double().numpy()
    targets = probed.targets.numpy()
    found = {}
    for step in range(STEPS):
        right = probed.seen[step]["/output"].argmax(1).numpy() == targets
        for wrong in np.flatnonzero(~right).tolist():
            like = [p for p in np.flatnonzero(right).tolist() if targets[p] == targets[wrong]]
            if len(like) > 1:
                found[step, wrong] = min(like, key=lambda p: distance(images[p], images[wrong]))
    # A wrong one with several to choose from, of which the nearest is not the first.
    (step, wrong), nearest = max(found.items(), key=lambda item: item[1])
    view.open(run=RUN, place="samples", sample=wrong, step=step)
    name = f"Compare with {IDS[nearest]}, the nearest that is right"
    view.frame.get_by_role("button", name=name).click()
    apart = distance(images[nearest], images[wrong])
    words = view.frame.get_by_text(re.compile(rf"input of {IDS[nearest]} is nearest")).inner_text()
    told = re.search(r"nearest: (\S+) by", words)
    assert told is not None
    np.testing.assert_allclose(float(told[1]), apart, rtol=ROUNDED)


def test_contributions_are_inputs_times_weights_and_add_up_to_the_logits(
    samples: Samples,
) -> None:
    view, probed = samples.view, samples.probed
    sample = 3
    view.open(run=RUN, place="samples", sample=sample, detail="carried~execution~2")
    given = outputs(samples, "flat/output")[sample]
    weight, bias = probed.weight[STEP].double().numpy(), probed.bias[STEP].double().numpy()
    logits = weight @ given + bias
    chosen, other = int(logits.argmax()), 2
    table = view.frame.get_by_role("table", name=re.compile("adds to the logits"))
    expect(table).to_be_visible()
    leads = given * (weight[chosen] - weight[other])
    order = np.argsort(-np.abs(leads))
    rows = table.locator("tbody tr")
    for place, feature in enumerate(order.tolist()):
        row = rows.nth(place)
        # Maps are averaged before the last layer: a feature is the mean of a map.
        expect(row.get_by_role("rowheader")).to_have_text(f"mean of Filter {feature + 1}")
        expected = [
            given[feature],
            leads[feature],
            weight[chosen, feature],
            weight[chosen, feature] * given[feature],
            weight[other, feature],
            weight[other, feature] * given[feature],
        ]
        np.testing.assert_allclose(numbers(row), expected, rtol=ROUNDED, atol=1e-7)
    told = numbers(table.locator("tfoot tr"))
    expected = [logits[chosen] - logits[other], logits[chosen], logits[other]]
    np.testing.assert_allclose(told, expected, rtol=ROUNDED, atol=1e-6)
    expect(view.frame.get_by_label("the class")).to_have_value(str(other))
    rows.nth(0).get_by_role("button").click()
    view.page.mouse.move(0, 0)
    view.expect_picture(MAPS, STEP)
    expect(view.frame.get_by_role("combobox", name="Map", exact=True)).to_have_value(str(order[0]))


def test_another_class_is_chosen_to_compare_with(samples: Samples) -> None:
    view = samples.view
    logits = outputs(samples, "/output")[0]
    last, *_, chosen = np.argsort(logits).tolist()
    view.open(run=RUN, place="samples", sample=0, detail="carried~execution~")
    view.frame.get_by_label("the class").select_option(CLASSES[last])
    words = view.frame.get_by_text(re.compile(f"{CLASSES[last]} -?[0-9.]+: "))
    expect(words).to_contain_text(f"gives {CLASSES[chosen]} the logit")


def test_what_must_be_recorded_is_said_where_it_was_not(samples: Samples) -> None:
    view = samples.view
    view.open(run="numbers", place="samples", detail="carried~execution~0")
    message = view.frame.locator(".lv-message")
    expect(message).to_contain_text("What carried the answer is not known here")
    expect(message).to_contain_text('kinds=("param", "input", "output")')
    # The request is answered with 404, of which a browser tells in its console.
    view.eventually(lambda: forget_missing(view))


def forget_missing(view: LayerViewPage) -> None:
    heard = [each for each in view.complaints if "404" in each]
    assert heard
    view.complaints[:] = [each for each in view.complaints if "404" not in each]


def test_a_map_over_the_input_is_zoomed_and_panned_together_with_it(samples: Samples) -> None:
    view, probed = samples.view, samples.probed
    sample, place, opacity, zoom = 2, 3, 0.4, 1.5
    overlay = f"index~all~shared~0~{opacity}"
    view.show(MAPS, STEP, run=RUN, sample=sample, map=place, gallery=overlay)
    image = probed.images[sample, 0].numpy().astype(np.float64)
    grey = 255 * (image - image.min()) / (image.max() - image.min())
    colors = viridis(probed.seen[STEP][MAPS][sample].numpy()).astype(np.float64)[place]
    # Beside the numbers that stand in the cells, where the input is between two of its pixels.
    aside = 0.08
    left = np.roll(grey, 1, axis=1)
    expected = (
        opacity * colors + ((1 - opacity) * (left + (grey - left) * (0.5 + aside)))[..., None]
    )
    inner = range(SIDE // 3, SIDE - SIDE // 3)

    def check(factor: float, moved: tuple[int, int] = (0, 0)) -> None:
        x, y, width, height = view.heatmap(SIDE, SIDE).box
        x, y = x + moved[0], y + moved[1]
        screenshot = view.screenshot()
        for row, column in itertools.product(inner, inner):
            at_x = x + width / 2 + ((column + aside) / SIDE - 0.5) * width * factor
            at_y = y + height / 2 + ((row + 0.5) / SIDE - 0.5) * height * factor
            found = screenshot.inside(Box(at_x, at_y, 2, 2))[0, 0].astype(np.float64)
            np.testing.assert_allclose(found, expected[row, column], atol=14)

    view.eventually(lambda: check(1))
    view.panel.get_by_role("application").press("+")
    view.eventually(lambda: check(zoom))

    x, y, width, height = view.heatmap(SIDE, SIDE).box
    moved = (-24, 15)
    mouse = view.page.mouse
    mouse.move(x + width / 2, y + height / 2)
    mouse.down()
    mouse.move(x + width / 2 + moved[0], y + height / 2 + moved[1], steps=3)
    mouse.up()
    mouse.move(0, 0)
    view.eventually(lambda: check(zoom, moved))


@pytest.mark.parametrize("opacity", [0.0, 0.4, 1.0])
def test_maps_lie_over_the_input_as_opaque_as_is_chosen(samples: Samples, opacity: float) -> None:
    view, probed = samples.view, samples.probed
    sample = 2
    view.show(MAPS, STEP, run=RUN, sample=sample, gallery=f"index~all~shared~0~{opacity}")
    maps = probed.seen[STEP][MAPS][sample].numpy()
    image = probed.images[sample, 0].numpy().astype(np.float64)
    grey = 255 * (image - image.min()) / (image.max() - image.min())
    colors = viridis(maps).astype(np.float64)

    def check() -> None:
        shown = view.maps(SIDE, SIDE)
        screenshot = view.screenshot()
        for place in range(len(maps)):
            expected = opacity * colors[place] + (1 - opacity) * grey[..., None]
            found = screenshot.centers(shown[f"Filter {place + 1}"]).astype(np.float64)
            # The input is drawn smoothly: the middle of a cell is its value, nearly.
            np.testing.assert_allclose(found, expected, atol=1 if opacity == 1 else 14)

    view.eventually(check)
    view.frame.get_by_role("checkbox", name="over the input").uncheck()
    opacity_slider = view.frame.get_by_role("slider", name="opacity")
    expect(opacity_slider).to_have_count(0)
