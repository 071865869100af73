"""What is expected of the main views, wherever they are: pixels and numbers beside NumPy's."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import expect

from tests.browser.colors import viridis
from tests.browser.layer_view_page import LayerViewPage, ToldValue
from tests.engines.conftest import LARGE, MAPS, STEP, WEIGHT, Known

VIRIDIS: Final = {"scale.weights": "viridis~auto~linear"}


def expect_the_main_views(view: LayerViewPage, known: Known) -> None:
    """A weight's pixels, an element under the pointer, feature maps, statistics, a large matrix."""
    weight, maps = known.arrays[WEIGHT], known.arrays[MAPS]
    rows, columns = weight.shape
    view.show(WEIGHT, STEP, run="exp1", **VIRIDIS)
    view.expect_colors(
        lambda picture: picture.centers(view.heatmap(rows, columns)), viridis(weight)
    )
    told = ToldValue(
        "Output Node Index 4, Input Node Index 7",
        f"{WEIGHT}[4, 7] at step {STEP}",
        weight[4, 7],
    )
    view.expect_value(lambda: view.heatmap(rows, columns), (4, 7), told)
    view.open(run="exp1", key=MAPS, step=STEP, sample=1, tab="values")
    expect(view.panel).to_contain_text("NaN")
    view.show(MAPS, STEP, run="exp1", sample=0, tab="heat")
    view.eventually(lambda: expect_maps(view, *maps.shape[1:]))
    view.show(LARGE, STEP, run="exp1")
    for link in ({"key": WEIGHT, "tab": "statistics"}, {"place": "health"}, {"place": "findings"}):
        view.open(run="exp1", step=STEP, **link)
        expect(view.frame.get_by_role("main")).to_be_visible()
        expect(view.frame.get_by_role("alert")).to_have_count(0)


def expect_maps(view: LayerViewPage, count: int, rows: int, columns: int) -> None:
    """A picture for each filter."""
    assert list(view.maps(rows, columns)) == [f"Filter {number + 1}" for number in range(count)]
