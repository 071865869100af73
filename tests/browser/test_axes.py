"""Axes in other roles, and parts of them, beside NumPy's transposes and slices."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.colors import Cells, viridis
from tests.browser.conftest import Recorded
from tests.browser.layer_view_page import LayerViewPage, ToldValue

pytestmark = pytest.mark.browser

WEIGHT: Final = "fc_final.0/param.weight"
MAPS: Final = "conv2.0/output"
KERNELS: Final = "conv2.0/param.weight"
STEP: Final = 10
VIRIDIS: Final[dict[str, str | int]] = {"scale.weights": "viridis~auto~linear", "run": "demo"}


def seen(recorded: Recorded, key: str) -> npt.NDArray[Any]:
    return recorded.trained.kept[STEP][key].numpy()


def slice_field(view: LayerViewPage) -> Locator:
    return view.frame.get_by_role("textbox", name="Slice")


def type_slice(view: LayerViewPage, text: str) -> None:
    slice_field(view).fill(text)
    slice_field(view).press("Enter")


def expect_matrix(view: LayerViewPage, values: npt.NDArray[Any]) -> None:
    """Expect a matrix in the colours of its own range."""
    view.page.mouse.move(0, 0)
    view.expect_colors(
        lambda picture: picture.backgrounds(view.heatmap(*values.shape)), viridis(values)
    )


def test_a_transposed_weight_is_numpys_transpose_and_its_titles_follow(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(WEIGHT, STEP, **VIRIDIS)
    view.page.keyboard.press("t")
    values = seen(recorded, WEIGHT)
    expect_matrix(view, values.T)
    beside, below = (
        view.panel.get_by_text(title, exact=True).bounding_box()
        for title in ("Input Node Index", "Output Node Index")
    )
    assert beside is not None
    assert below is not None
    matrix = view.heatmap(64, 10).box
    assert beside["x"] < matrix.x
    assert below["y"] > matrix.y + matrix.height
    told = ToldValue(
        "Input Node Index 40, Output Node Index 3",
        f"{WEIGHT}[3, 40] at step {STEP}",
        values[3, 40],
    )
    view.expect_value(lambda: view.heatmap(64, 10), (40, 3), told)


def test_a_slice_that_is_typed_is_the_part_that_is_drawn_and_told(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(WEIGHT, STEP, **VIRIDIS)
    type_slice(view, "2:9, -30:-10")
    part = seen(recorded, WEIGHT)[2:9, -30:-10]
    expect_matrix(view, part)
    expect(slice_field(view)).to_have_value("2:9, 34:54")
    told = ToldValue(
        "Output Node Index 8, Input Node Index 53",
        f"{WEIGHT}[8, 53] at step {STEP}",
        part[6, 19],
    )
    view.expect_value(lambda: view.heatmap(7, 20), (6, 19), told)


def test_a_link_restores_layout_and_slice_and_what_is_saved_and_followed_is_that_part(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(WEIGHT, STEP, layout="cr", crop="0:2:9,1:34:54", **VIRIDIS)
    part = seen(recorded, WEIGHT)[2:9, 34:54]
    expect_matrix(view, part.T)
    view.page.mouse.click(*view.heatmap(20, 7).center(5, 1))
    expect(view.frame.get_by_role("region", name=f"{WEIGHT}[3, 39] over")).to_be_visible()
    view.page.keyboard.press("Escape")
    view.frame.get_by_role("button", name="Save…").click()
    sheet = view.frame.get_by_role("dialog", name="Save")
    expect(sheet.locator("pre")).to_contain_text("[2:9, 34:54]\narray = array.transpose(1, 0)")
    with view.page.expect_download() as waiting:
        sheet.get_by_role("link", name="NumPy").click()
    view.page.keyboard.press("Escape")
    saved = np.load(io.BytesIO(Path(waiting.value.path()).read_bytes()))
    np.testing.assert_array_equal(saved, part)


def test_the_numbers_of_a_part_stand_below_and_beside_their_indices(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.open(key=WEIGHT, step=STEP, tab="values", layout="cr", crop="0:2:9,1:34:54", run="demo")
    table = view.panel.get_by_role("table")
    row = table.get_by_role("row").filter(has=view.frame.get_by_role("rowheader", name="36"))
    numbers = row.get_by_role("cell")
    expect(numbers).to_have_count(7)
    expected = seen(recorded, WEIGHT)[2:9, 36]
    np.testing.assert_array_equal(np.array(numbers.all_inner_texts(), np.float32), expected)


def test_axes_get_other_roles_from_the_keyboard(view: LayerViewPage, recorded: Recorded) -> None:
    view.show(MAPS, STEP, sample=1, run="demo")
    view.frame.get_by_role("button", name="Layout").press("Enter")
    menu = view.frame.get_by_role("group", name="Layout of the axes")
    # Filters become the columns; columns get what filters were.
    menu.get_by_role("combobox", name="Filter is drawn as").select_option("columns")
    expect(menu.get_by_role("combobox", name="Column is drawn as")).to_have_value("maps")
    maps = seen(recorded, MAPS)[1]

    def check() -> None:
        shown = view.maps(12, 64)
        assert [*shown] == [f"Column {column}" for column in range(12)]
        expected = viridis(maps)
        for column in (0, 5, 11):
            drawn = view.screenshot().centers(shown[f"Column {column}"])
            np.testing.assert_array_equal(drawn, expected[:, :, column].swapaxes(0, 1))

    menu.get_by_role("combobox", name="Row is drawn as").press("Escape")
    expect(menu).to_have_count(0)
    expect(view.frame.get_by_role("button", name="Layout")).to_be_focused()
    view.eventually(check)
    expect(view.panel).to_contain_text("Row ↓ by Filter →")


def test_kernels_can_be_one_matrix_of_both_channels(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(KERNELS, STEP, **VIRIDIS)
    type_slice(view, ":, :, 1, -1")
    expect_matrix(view, seen(recorded, KERNELS)[:, :, 1, -1])
    # Sliders are there for what is not drawn.
    slider = view.frame.get_by_role("spinbutton", name="Column, as a number")
    expect(slider).to_have_value("2")
    slider.fill("0")
    expect_matrix(view, seen(recorded, KERNELS)[:, :, 1, 0])
    expect(slice_field(view)).to_have_value(":, :, 1, 0")


def test_a_transposed_grid_has_input_channels_downwards(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(KERNELS, STEP, layout="xycr", crop="0:0:5", **VIRIDIS)
    values = seen(recorded, KERNELS)[:5]
    lines = [line // 3 * 4 + line % 3 for line in range(96)]

    def cells() -> Cells:
        return view.heatmap(32 * 4 - 1, 5 * 4 - 1)

    view.expect_colors(
        lambda picture: picture.centers(cells())[np.ix_(lines, lines[:15])],
        viridis(values.transpose(1, 3, 0, 2).reshape(96, 15)),
    )
    told = ToldValue(
        "Input Channel 30, Output Channel 4, Column 1, Row 2",
        f"{KERNELS}[4, 30, 2, 1] at step {STEP}",
        values[4, 30, 2, 1],
    )
    view.expect_value(cells, (30 * 4 + 1, 4 * 4 + 2), told)


def test_both_sides_of_a_comparison_are_laid_out_alike(
    view: LayerViewPage, recorded: Recorded
) -> None:
    link: dict[str, str | int] = {"layout": "cr", "crop": "1:20:52", "with.step": 0, "run": "demo"}
    view.open(key=WEIGHT, step=STEP, tab="compare", **link)
    a, b = (
        recorded.trained.kept[step][WEIGHT].numpy()[:, 20:52].astype(np.float64)
        for step in (STEP, 0)
    )
    place = np.unravel_index(np.abs(a - b).argmax(), a.shape)
    first = view.panel.get_by_role("table", name="Largest differences").get_by_role("button").first
    expect(first).to_have_text(f"[{place[0]}, {place[1] + 20}]")


def test_a_slice_that_does_not_fit_is_told_in_words_and_escape_restores(
    view: LayerViewPage,
) -> None:
    view.show(MAPS, STEP, run="demo")
    type_slice(view, "0, 64")
    alert = view.frame.get_by_role("alert").get_by_text("Filter has 64: -64 to 63, not 64")
    expect(alert).to_be_visible()
    expect(slice_field(view)).to_have_value("0, 64")
    slice_field(view).press("Escape")
    expect(alert).to_have_count(0)
    expect(slice_field(view)).to_have_value("0, :, :, :")
    view.expect_picture(MAPS, STEP)


def test_a_link_that_does_not_fit_any_more_shows_what_there_is(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(WEIGHT, STEP, layout="smrc", crop="0:8:99", **VIRIDIS)
    notice = view.frame.get_by_role("status").filter(has_text="The layout that was chosen")
    expect(notice).to_contain_text("8:99 does not lie within it, 8:10 is shown")
    expect_matrix(view, seen(recorded, WEIGHT)[8:])
    notice.get_by_role("button", name="Show what there is").click()
    expect(notice).to_have_count(0)
    expect_matrix(view, seen(recorded, WEIGHT))


def test_what_was_chosen_stands_in_the_address(view: LayerViewPage) -> None:
    view.show(MAPS, STEP, run="demo")
    type_slice(view, "1, 3:9, :, 4")
    view.page.wait_for_url(re.compile(r"layout=srcs.*crop=1%3A3%3A9"))
    view.frame.get_by_role("button", name="Layout").click()
    view.frame.get_by_role("button", name="Reset").click()
    expect(slice_field(view)).to_have_value("1, :, :, :")
    view.page.keyboard.press("Escape")
