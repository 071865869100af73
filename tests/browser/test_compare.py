"""Two of anything side by side: pictures, their difference, and numbers, beside NumPy's."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.colors import Cells, viridis_within
from tests.browser.conftest import Recorded
from tests.browser.layer_view_page import LayerViewPage, box_of

pytestmark = pytest.mark.browser

WEIGHT: Final = "fc_final.0/param.weight"
MAPS: Final = "conv2.0/output"
STEP: Final = 10
FIRST: Final = 0
VIRIDIS: Final[dict[str, str | int]] = {"scale.weights": "viridis~auto~linear"}
FACTS: Final = ("max |A - B|", "rms of A - B", "rms of A - B, by that of A", "cosine similarity")


def weight(recorded: Recorded, step: int) -> npt.NDArray[Any]:
    return recorded.trained.kept[step][WEIGHT].numpy()


def open_compare(view: LayerViewPage, key: str = WEIGHT, /, **link: str | int) -> None:
    view.open(key=key, step=STEP, tab="compare", **link)
    expect(view.panel.get_by_role("region", name=re.compile("^B: "))).to_be_visible()
    fit = view.panel.get_by_role("button", name="Fit").first
    if fit.count() and fit.is_enabled():
        # The part that another test looked at.
        fit.click()
        view.page.mouse.move(0, 0)


def picture(view: LayerViewPage, name: str) -> Locator:
    region = view.panel.get_by_role("region", name=re.compile(f"^{re.escape(name)}"))
    return region.get_by_role("application")


def fact(view: LayerViewPage, name: str) -> float:
    row = view.panel.get_by_role("row").filter(has=view.frame.get_by_text(name, exact=True))
    return float(row.get_by_role("cell").inner_text().split()[0].replace(",", ""))


def test_both_sides_have_one_scale_and_the_colours_of_numpy(
    view: LayerViewPage, recorded: Recorded
) -> None:
    open_compare(view, **{"with.step": FIRST, **VIRIDIS})
    a, b = weight(recorded, STEP), weight(recorded, FIRST)
    least, greatest = min(a.min(), b.min()), max(a.max(), b.max())
    for name, values in (("A: step 10", a), ("B: step 0", b)):

        def check(name: str = name, values: npt.NDArray[Any] = values) -> None:
            cells = Cells(box_of(picture(view, name)), 10, 64)
            np.testing.assert_array_equal(
                view.screenshot().centers(cells), viridis_within(values, least, greatest)
            )

        view.eventually(check)


def test_the_numbers_are_numpys(view: LayerViewPage, recorded: Recorded) -> None:
    open_compare(view, **{"with.step": FIRST})
    a, b = (weight(recorded, step).astype(np.float64) for step in (STEP, FIRST))
    apart = a - b
    rms = np.sqrt(np.square(apart).mean())
    expected = (
        np.abs(apart).max(),
        rms,
        rms / np.sqrt(np.square(a).mean()),
        (a * b).sum() / np.sqrt(np.square(a).sum() * np.square(b).sum()),
    )
    found = [fact(view, name) for name in FACTS]
    np.testing.assert_allclose(found, expected, rtol=1e-3)
    assert fact(view, "unequal elements") == (a != b).sum()


def test_the_largest_differences_are_listed_and_lead_there(
    view: LayerViewPage, recorded: Recorded
) -> None:
    open_compare(view, **{"with.step": FIRST})
    a, b = weight(recorded, STEP), weight(recorded, FIRST)
    order = np.argsort(-np.abs(a.astype(np.float64) - b), axis=None, kind="stable")[:20]
    expected = [[int(axis) for axis in np.unravel_index(place, a.shape)] for place in order]
    listed = view.panel.get_by_role("table").nth(1)
    buttons = listed.get_by_role("button")
    assert [text.strip("[]") for text in buttons.all_inner_texts()] == [
        ", ".join(map(str, place)) for place in expected
    ]
    first = listed.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts()
    np.testing.assert_array_equal(
        np.array(first, np.float32), [a[tuple(expected[0])], b[tuple(expected[0])]]
    )
    buttons.first.click()
    # All three pictures are zoomed to the same part.
    fit = view.panel.get_by_role("button", name="Fit")
    for number in range(3):
        expect(fit.nth(number)).to_be_enabled()


def test_the_pointer_tells_both_values_and_marks_the_cell_on_every_side(
    view: LayerViewPage, recorded: Recorded
) -> None:
    open_compare(view, **{"with.step": FIRST})
    a, b = weight(recorded, STEP), weight(recorded, FIRST)
    view.page.mouse.move(*Cells(box_of(picture(view, "B: ")), 10, 64).center(4, 20))
    line = view.frame.locator(".lv-readout")

    def check() -> None:
        told = line.locator("strong").all_inner_texts()
        np.testing.assert_array_equal(np.array(told[:2], np.float32), [a[4, 20], b[4, 20]])
        np.testing.assert_allclose(float(told[2]), a[4, 20] - b[4, 20], rtol=1e-4)

    view.eventually(check)
    expect(view.panel.locator(".lv-cell-selected")).to_have_count(3)
    view.page.mouse.move(0, 0)


def test_samples_are_compared_map_by_map(view: LayerViewPage, recorded: Recorded) -> None:
    open_compare(view, MAPS, sample=0, **{"with.sample": 2, "with.step": STEP})
    maps = recorded.trained.kept[STEP][MAPS].numpy().astype(np.float64)
    np.testing.assert_allclose(
        fact(view, "max |A - B|"), np.abs(maps[0] - maps[2]).max(), rtol=1e-3
    )
    expect(view.panel.get_by_role("heading", name="B: step 10, sample 2")).to_be_visible()


def test_a_tensor_that_the_other_run_does_not_have_is_said(view: LayerViewPage) -> None:
    view.open(run="demo", key=WEIGHT, step=STEP, tab="compare", **{"with.run": "live"})
    expect(view.panel.get_by_role("status")).to_contain_text("There is nothing to compare with")


@pytest.mark.parametrize(
    "link",
    [{"with.run": "gone"}, {"with.key": "gone/output"}],
    ids="".join,
)
def test_a_side_that_is_no_longer_there_is_said_and_another_can_be_chosen(
    view: LayerViewPage, link: dict[str, str]
) -> None:
    view.open(run="demo", key=WEIGHT, step=STEP, tab="compare", **link)
    message = view.panel.get_by_role("status")
    expect(message).to_contain_text("There is nothing to compare with")
    expect(message).to_contain_text("gone")
    message.get_by_role("button", name="Compare with the step before").click()
    expect(view.panel.get_by_role("region", name=re.compile("^B: step"))).to_be_visible()


def test_shapes_that_differ_are_both_named(view: LayerViewPage) -> None:
    other = "fc_final.0/param.bias"
    view.open(run="demo", key=WEIGHT, step=STEP, tab="compare", **{"with.key": other})
    expect(view.panel.get_by_role("status")).to_contain_text("A is of shape (10, 64), B of (10,)")


def test_the_choice_is_in_the_link_and_sides_can_be_swapped(view: LayerViewPage) -> None:
    open_compare(view, run="demo", **{"with.step": FIRST})
    view.frame.get_by_role("button", name="Swap A and B").click()
    expect(view.panel.get_by_role("heading", name="A: step 0")).to_be_visible()
    expect(view.panel.get_by_role("heading", name="B: step 10")).to_be_visible()
    view.page.wait_for_url(re.compile(r"p\.layerview\.with\.step=10"))
