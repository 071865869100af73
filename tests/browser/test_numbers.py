"""The tabs of the numbers: every digit of a matrix, and the statistics of the whole batch."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Recorded
from tests.browser.layer_view_page import LayerViewPage
from tests.fixtures.demo_training import BATCH

pytestmark = pytest.mark.browser

STEP: Final = 10
SHOWN_PRECISION: Final = 1e-6
"""Relative; statistics are shown with seven digits."""


def statistics_of(values: npt.NDArray[Any]) -> dict[str, float]:
    """NumPy's statistics of an array, in float64, by what the page calls them."""
    numbers = values.astype(np.float64)
    return {
        "elements": numbers.size,
        "NaN": np.isnan(numbers).sum(),
        "+Inf": np.isposinf(numbers).sum(),
        "-Inf": np.isneginf(numbers).sum(),
        "exactly 0": (numbers == 0).sum(),
        "min": numbers.min(),
        "max": numbers.max(),
        "mean": numbers.mean(),
        "std": numbers.std(),
        "rms": np.sqrt(np.square(numbers).mean()),
        "max abs": np.abs(numbers).max(),
    }


def shown_statistics(view: LayerViewPage) -> dict[str, float]:
    """The numbers of the statistics table by their names; shares in parentheses left out."""
    rows: list[list[str]] = view.panel.get_by_role("row").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.innerText))"
    )
    return {name: float(text.split("(")[0].replace(",", "")) for name, text in rows}


def assert_statistics(view: LayerViewPage, expected: dict[str, float]) -> None:
    shown = shown_statistics(view)
    # What the step changed is told of parameters too; one step's array does not say it.
    assert shown.keys() - expected.keys() <= {"update rms", "update ratio"}
    compared = {name: shown[name] for name in expected}
    assert compared == pytest.approx(expected, rel=SHOWN_PRECISION)


def shown_numbers(view: LayerViewPage) -> dict[tuple[int, int], str]:
    """The texts of the table's cells that are in the page, by their row and column."""
    rows: list[list[Any]] = view.panel.get_by_role("row").evaluate_all(
        """rows => rows.flatMap(row => [...row.querySelectorAll('td[aria-colindex]')].map(cell => [
            row.getAttribute('aria-rowindex'), cell.getAttribute('aria-colindex'), cell.innerText
        ]))"""
    )
    # Both are counted from 1, and the first row and column are the headers.
    return {(int(row) - 2, int(column) - 2): text for row, column, text in rows}


def assert_numbers(shown: dict[tuple[int, int], str], values: npt.NDArray[Any]) -> None:
    assert shown
    for place, text in shown.items():
        assert Decimal(text) == Decimal(str(values[place])), place


@pytest.mark.parametrize(
    ("key", "shape"), [("fc_final.0/param.weight", (10, 64)), ("fc1.0/param.weight", (64, 1024))]
)
def test_the_values_are_every_digit_of_numpys(
    view: LayerViewPage, recorded: Recorded, key: str, shape: tuple[int, int]
) -> None:
    view.open(key=key, step=STEP, tab="values")
    expect(view.frame.get_by_role("heading", level=1)).to_contain_text("weight")
    expect(view.heading).to_contain_text(f"({shape[0]}, {shape[1]})")
    expect(view.heading).to_contain_text("float32")
    values = recorded.trained.kept[STEP][key].numpy()
    table = view.panel.get_by_role("region")
    for share in (0, 0.5, 1):
        table.evaluate(
            """(table, share) => {
                table.scrollLeft = share * (table.scrollWidth - table.clientWidth);
                table.scrollTop = share * (table.scrollHeight - table.clientHeight);
            }""",
            share,
        )
        corner = tuple(round(share * (extent - 1)) for extent in shape)

        def check(corner: tuple[int, ...] = corner) -> None:
            shown = shown_numbers(view)
            assert corner in shown
            assert_numbers(shown, values)

        view.eventually(check)


def test_the_values_are_those_of_the_chosen_map_and_sample(
    view: LayerViewPage, recorded: Recorded
) -> None:
    key = "conv3.0/output"
    view.open(key=key, step=5, tab="values", sample=2)
    expect(view.heading).to_contain_text("(4, 64, 4, 4)")
    values = recorded.trained.kept[5][key].numpy()
    view.eventually(lambda: assert_all_of(view, values[2, 0]))
    view.frame.get_by_role("combobox", name="Map").select_option("Filter 7")
    view.eventually(lambda: assert_all_of(view, values[2, 6]))
    view.frame.get_by_role("button", name="Next map").click()
    view.eventually(lambda: assert_all_of(view, values[2, 7]))


def assert_all_of(view: LayerViewPage, values: npt.NDArray[Any]) -> None:
    shown = shown_numbers(view)
    assert shown.keys() == set(np.ndindex(*values.shape))
    assert_numbers(shown, values)


@pytest.mark.parametrize("key", ["conv2.1/output", "fc1.0/param.weight", "/output"])
def test_the_statistics_are_numpys_over_the_whole_batch(
    view: LayerViewPage, recorded: Recorded, key: str
) -> None:
    view.open(key=key, step=STEP, tab="statistics")
    whole = recorded.trained.whole[STEP][key].numpy()
    if key.endswith("output"):
        assert len(whole) == BATCH
    expected = statistics_of(whole)
    expect(view.panel.get_by_role("heading", name=f"At step {STEP}")).to_be_visible()
    view.eventually(lambda: assert_statistics(view, expected))


def test_statistics_come_with_histogram_and_their_course_over_the_steps(
    view: LayerViewPage, recorded: Recorded
) -> None:
    key = "fc1.0/param.weight"
    view.open(key=key, step=STEP, tab="statistics")
    values = recorded.trained.whole[STEP][key].numpy()
    histogram = view.panel.get_by_role("img", name="Histogram from")
    name = histogram.get_attribute("aria-label") or ""
    least, greatest = map(float, name.removeprefix("Histogram from ").split(" to "))
    assert least == pytest.approx(values.min(), rel=0.01)
    assert greatest == pytest.approx(values.max(), rel=0.01)
    expect(view.panel.get_by_role("application", name="Histograms of 3 steps")).to_be_visible()
    for title in ("Range and mean", "Magnitude", "Share of elements"):
        expect(view.panel.get_by_role("figure").filter(has_text=title)).to_be_visible()
    view.step_bar.press("Home")
    first = statistics_of(recorded.trained.whole[0][key].numpy())
    expect(view.panel.get_by_role("heading", name="At step 0")).to_be_visible()
    view.eventually(lambda: assert_statistics(view, first))
