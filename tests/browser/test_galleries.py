"""Many maps: sorted, filtered, and each in its own scale, beside NumPy's figures of them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import expect

from tests.browser.colors import viridis
from tests.browser.conftest import Recorded
from tests.browser.layer_view_page import LayerViewPage
from tests.browser.recordings import SPOILED, SPOILED_KEY, SPOILED_SAMPLE, SPOILED_STEP

pytestmark = pytest.mark.browser

KEY: Final = "conv2.1/output"
STEP: Final = 10
SIDE: Final = 12


def maps_of(recorded: Recorded) -> npt.NDArray[np.float64]:
    maps: npt.NDArray[Any] = recorded.trained.kept[STEP][KEY].numpy()[0]
    return maps.astype(np.float64)


def ranked(values: npt.NDArray[np.float64]) -> list[int]:
    """The greatest first; of equal ones, and those that are none, the first first."""
    order: list[int] = np.argsort(-np.nan_to_num(values, nan=-np.inf), kind="stable").tolist()
    return order


def cosine(maps: npt.NDArray[np.float64], like: int) -> npt.NDArray[np.float64]:
    flat = maps.reshape(len(maps), -1)
    with np.errstate(invalid="ignore"):
        found: npt.NDArray[np.float64] = (flat @ flat[like]) / (
            np.linalg.norm(flat, axis=1) * np.linalg.norm(flat[like])
        )
    return found


def expect_order(view: LayerViewPage, order: list[int]) -> None:
    titles = [f"Filter {place + 1}" for place in order]
    view.eventually(lambda: np.testing.assert_array_equal([*view.maps(SIDE, SIDE)], titles))


@pytest.mark.parametrize("sort", ["magnitude", "variance", "zeros", "similarity"])
def test_maps_are_sorted_by_numpys_figures(
    view: LayerViewPage, recorded: Recorded, sort: str
) -> None:
    maps = maps_of(recorded)
    figures = {
        "magnitude": np.sqrt(np.square(maps).mean(axis=(1, 2))),
        "variance": maps.var(axis=(1, 2)),
        "zeros": (maps == 0).mean(axis=(1, 2)),
        "similarity": cosine(maps, 4),
    }[sort]
    view.show(KEY, STEP, run="demo", gallery=f"{sort}~all~shared~4")
    shown = [int(title.split()[1]) - 1 for title in view.maps(SIDE, SIDE)]
    assert sorted(shown) == list(range(64))
    # Nearly equal figures may come in either order: the page and NumPy add up in their own ways.
    in_order = np.nan_to_num(figures[shown], nan=-np.inf)
    assert (in_order[:-1] >= in_order[1:] - 1e-9).all()
    assert shown[0] == ranked(figures)[0] or figures[shown[0]] == pytest.approx(np.nanmax(figures))


def test_dead_maps_are_filtered_and_counted(view: LayerViewPage, recorded: Recorded) -> None:
    maps = maps_of(recorded)
    dead = np.flatnonzero((maps == maps[:, :1, :1]).all(axis=(1, 2))).tolist()
    view.show(KEY, STEP, run="demo")
    choice = view.panel.get_by_role("combobox", name="Show")
    expect(choice.get_by_role("option", name="dead")).to_have_text(f"dead ({len(dead)})")
    choice.select_option("dead")
    if dead:
        expect_order(view, dead)
    else:
        expect(view.panel).to_contain_text("No map of this picture is so")
    choice.select_option("all")


def test_maps_with_numbers_that_are_none_are_filtered(view: LayerViewPage) -> None:
    view.show(
        SPOILED_KEY,
        SPOILED_STEP,
        run="spoiled",
        sample=SPOILED_SAMPLE,
        gallery="index~not_finite~shared~0",
    )
    expect_order(view, sorted(channel for _, channel, _, _ in SPOILED.values()))


def test_each_map_has_a_scale_of_its_own(view: LayerViewPage, recorded: Recorded) -> None:
    view.show(KEY, STEP, run="demo", gallery="index~all~own~0")
    # The same picture may be there already, arranged as it was before.
    expect(view.panel.get_by_role("checkbox", name="each its own scale")).to_be_checked()
    expect(view.panel.get_by_role("figure")).to_have_count(64)
    maps = maps_of(recorded)
    alive = [place for place in range(64) if np.ptp(maps[place]) > 0][:8]
    shown = view.maps(SIDE, SIDE)
    for place in alive:
        cells = shown[f"Filter {place + 1}"]
        view.expect_colors(
            lambda picture, cells=cells: picture.backgrounds(cells),  # type: ignore[misc]
            viridis(maps[place].astype(np.float32)),
        )


def test_one_map_leads_to_the_next_in_the_chosen_order(
    view: LayerViewPage, recorded: Recorded
) -> None:
    order = ranked(np.sqrt(np.square(maps_of(recorded)).mean(axis=(1, 2))))
    view.show(KEY, STEP, run="demo", gallery="magnitude~all~shared~0", map=order[0])
    expect(view.panel.get_by_role("button", name="Previous map")).to_be_disabled()
    view.panel.get_by_role("button", name="Next map").click()
    expect(view.panel.get_by_role("combobox", name="Map", exact=True)).to_have_value(str(order[1]))
