"""A matrix too large to be seen at once: an overview of blocks, and elements where one zooms in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
import torch
from playwright.sync_api import Browser, Route, expect
from torch import nn

from tb_layerview import snapshot
from tests.browser.colors import Cells, Colors, color_table, viridis_within
from tests.browser.conftest import OpenTab
from tests.browser.layer_view_page import POLL_MS, LayerViewPage, ToldValue
from tests.tensorboard_server import TensorBoard, serve

pytestmark = pytest.mark.browser

KEY: Final = "/param.weight"
ROWS: Final = 2560
COLUMNS: Final = 2048
SPOILED: Final = (1803, 1202)
"""The index of the one element that is none."""
ZOOMED: Final = (1000, 1025, 700, 720)
"""Rows and columns that are seen at once, cell by cell."""
TILES: Final = re.compile(r"/array\?.*slice=\d+%3A")
SCALE: Final = {"scale.weights": "viridis~auto~linear"}


def weight() -> npt.NDArray[np.float32]:
    """Waves, so that neighbouring blocks differ, with noise, so that elements do; one NaN."""
    random = np.random.default_rng(3)
    rows, columns = np.ogrid[:ROWS, :COLUMNS]
    wave = np.sin(rows / 300) * np.cos(columns / 200)
    values = (wave + random.normal(0, 0.3, (ROWS, COLUMNS))).astype(np.float32)
    values[SPOILED] = np.nan
    return values


@pytest.fixture(scope="module")
def values() -> npt.NDArray[np.float32]:
    return weight()


@pytest.fixture(scope="module")
def server(
    values: npt.NDArray[np.float32], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TensorBoard]:
    directory = tmp_path_factory.mktemp("large")
    model = nn.Linear(COLUMNS, ROWS, bias=False)
    with torch.no_grad():
        model.weight.copy_(torch.from_numpy(values))
    inputs = torch.zeros(1, COLUMNS)
    snapshot(model, directory / "run", 0, inputs=inputs, kinds=["param"], max_elements=None)
    with serve(directory, directory / "messages.txt") as tensorboard:
        yield tensorboard


@pytest.fixture
def view(open_tab: OpenTab, server: TensorBoard) -> LayerViewPage:
    return open_tab(server.url)


def span(top: int, bottom: int, left: int, right: int) -> str:
    return f"{top}:{bottom},{left}:{right}"


def colours_within(values: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Colors:
    """The colours of values over the range of all elements."""
    return viridis_within(values, np.nanmin(whole), np.nanmax(whole))


def blocks(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """As blocks of 8 x 8 elements, (rows, columns, 64)."""
    squares = values.reshape(ROWS // 8, 8, COLUMNS // 8, 8).swapaxes(1, 2)
    return squares.reshape(ROWS // 8, COLUMNS // 8, 64)


def extreme(squares: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Of each block the finite element of largest magnitude."""
    places = np.nanargmax(np.abs(squares), axis=-1)[..., np.newaxis]
    return np.take_along_axis(squares, places, axis=-1)[..., 0]


REDUCTIONS: Final[dict[str, Callable[[npt.NDArray[np.float32]], npt.NDArray[Any]]]] = {
    "mean": lambda squares: np.nanmean(squares.astype(np.float64), axis=-1),
    "max_abs": extreme,
    "min": lambda squares: np.nanmin(squares, axis=-1),
    "max": lambda squares: np.nanmax(squares, axis=-1),
}


@pytest.mark.parametrize("plane", REDUCTIONS)
def test_the_overview_is_made_of_blocks_in_the_colours_of_all_elements(
    view: LayerViewPage, values: npt.NDArray[np.float32], plane: str
) -> None:
    view.show(KEY, 0, plane=plane, **SCALE)
    expect(view.text(re.compile(r"of 8 x 8 elements"))).to_be_visible()
    squares = blocks(values)
    seen = REDUCTIONS[plane](squares)
    finite = np.isfinite(squares).all(axis=-1)
    assert (~finite).sum() == 1
    view.eventually(
        lambda: np.testing.assert_allclose(
            view.screenshot().centers(view.heatmap(*seen.shape))[finite].astype(int),
            colours_within(seen, values)[finite].astype(int),
            # A mean may be rounded to the next of 256 colours.
            atol=3 if plane == "mean" else 0,
        )
    )
    drawn = view.screenshot().centers(view.heatmap(*seen.shape))[~finite]
    assert (abs(drawn.astype(int) - color_table("viridis")).sum(axis=-1) > 60).all()


def test_the_range_of_blocks_is_the_greatest_less_the_least(
    view: LayerViewPage, values: npt.NDArray[np.float32]
) -> None:
    view.show(KEY, 0, plane="range", **SCALE)
    squares = blocks(values)
    seen = np.nanmax(squares, axis=-1) - np.nanmin(squares, axis=-1)
    finite = np.isfinite(squares).all(axis=-1)
    view.expect_colors(
        lambda picture: picture.centers(view.heatmap(*seen.shape))[finite],
        colours_within(seen, seen)[finite],
    )


def test_a_link_shows_the_elements_of_a_part_with_their_numbers(
    view: LayerViewPage, values: npt.NDArray[np.float32]
) -> None:
    top, bottom, left, right = ZOOMED
    part = values[top:bottom, left:right]
    view.show(KEY, 0, view=span(*ZOOMED), **SCALE)
    expect(view.text("A cell is an element.")).to_be_visible()

    def cells() -> Cells:
        return view.heatmap(*part.shape)

    view.expect_colors(lambda picture: picture.backgrounds(cells()), colours_within(part, values))
    for row, column in [(0, 0), (13, 7), (24, 19)]:
        told = ToldValue(
            f"Output Node Index {top + row}, Input Node Index {left + column}",
            f"{KEY}[{top + row}, {left + column}] at step 0",
            part[row, column],
        )
        view.expect_value(cells, (row, column), told)


def test_a_part_of_it_is_panned_transposed_like_the_whole(
    view: LayerViewPage, values: npt.NDArray[np.float32]
) -> None:
    # 512:2560 is of whole blocks of 8 and of 64; what is seen is counted from there.
    view.show(KEY, 0, layout="cr", crop="0:512:2560", view=span(700, 720, 488, 513), **SCALE)
    expect(view.text("A cell is an element.")).to_be_visible()
    part = values[1000:1025, 700:720].T
    whole = values[512:2560]

    def cells() -> Cells:
        return view.heatmap(*part.shape)

    view.expect_colors(lambda picture: picture.backgrounds(cells()), colours_within(part, whole))
    told = ToldValue(
        "Input Node Index 707, Output Node Index 1013",
        f"{KEY}[1013, 707] at step 0",
        values[1013, 707],
    )
    view.expect_value(cells, (7, 13), told)


def test_an_element_that_is_none_is_seen_from_afar_and_from_near(view: LayerViewPage) -> None:
    row, column = SPOILED
    view.show(KEY, 0)
    overview = view.heatmap(ROWS // 8, COLUMNS // 8)
    view.point_at(overview, row // 8, column // 8)
    expect(view.tooltip).to_contain_text("has NaN; mean of the finite ones")
    near = (row - 10, row + 10, column - 8, column + 8)
    view.show(KEY, 0, view=span(*near))
    view.point_at(view.heatmap(20, 16), 10, 8)
    expect(view.tooltip).to_have_text(re.compile(rf"^NaN\s*Output Node Index {row}, "))


def test_the_wheel_zooms_to_elements_and_the_address_keeps_the_part(view: LayerViewPage) -> None:
    view.show(KEY, 0)
    place = view.heatmap(1, 1).center(0, 0)
    view.page.mouse.move(*place)
    for _ in range(12):
        view.page.mouse.wheel(0, -300)
    expect(view.text("A cell is an element.")).to_be_visible()
    view.page.wait_for_url(re.compile(r"p\.layerview\.view="))
    view.page.mouse.move(0, 0)
    view.page.mouse.move(*place)
    told = view.tooltip.inner_text()
    address = view.page.url
    view.page.goto("about:blank")
    view.page.goto(address)
    expect(view.text("A cell is an element.")).to_be_visible()

    def told_again() -> None:
        # What was there when the pointer came may have been the picture of a moment before.
        view.page.mouse.move(0, 0)
        view.page.mouse.move(*place)
        assert view.tooltip.inner_text(timeout=POLL_MS) == told

    view.eventually(told_again)


def test_tiles_that_are_looked_at_no_more_are_not_waited_for(view: LayerViewPage) -> None:
    aborted: list[str] = []
    held: list[Route] = []
    view.page.on("requestfailed", lambda request: aborted.append(request.url))

    def hold(route: Route) -> None:
        held.append(route)

    view.page.route(TILES, hold)
    view.show(KEY, 0, view=span(*ZOOMED))
    expect(view.text("Loading finer cells")).to_be_visible()
    assert held
    assert not aborted
    view.panel.get_by_role("button", name="Fit").click()
    asked = {route.request.url for route in held}

    def all_aborted() -> None:
        assert asked == set(aborted)

    view.eventually(all_aborted)
    expect(view.text(re.compile("of 8 x 8 elements"))).to_be_visible()


def test_a_tile_that_does_not_come_is_said_and_can_be_tried_again(
    browser: Browser, server: TensorBoard
) -> None:
    # Chromium itself complains of an answer of 500: this tab's complaints are not looked at.
    context = browser.new_context(viewport={"width": 1400, "height": 1500})
    view = LayerViewPage(context.new_page(), server.url)
    try:
        view.page.route(TILES, lambda route: route.fulfill(status=500, body="out of order"))
        view.show(KEY, 0, view=span(*ZOOMED))
        alert = view.frame.get_by_role("alert")
        expect(alert).to_contain_text("Some of it could not be loaded")
        view.page.unroute(TILES)
        alert.get_by_role("button", name="Try again").click()
        expect(alert).to_have_count(0)
        expect(view.text("A cell is an element.")).to_be_visible()
    finally:
        context.close()
