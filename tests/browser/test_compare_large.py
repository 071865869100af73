"""Two matrices too large to be seen at once: maps that move together, and what their blocks say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
import torch
from playwright.sync_api import Locator, expect
from torch import nn

from tb_layerview import LayerView
from tests.browser.colors import Cells, Colors, color_table, viridis_within
from tests.browser.conftest import OpenTab
from tests.browser.layer_view_page import LayerViewPage, box_of
from tests.tensorboard_server import TensorBoard, serve

pytestmark = pytest.mark.browser

KEY: Final = "/param.weight"
ROWS: Final = 1536
COLUMNS: Final = 1024
PLANTED: Final = {(1203, 702): 4.0, (17, 1001): -3.0}
"""Elements of step 1 that are far from what they were at step 0."""
ZOOMED: Final = (1190, 1215, 690, 710)
"""Rows and columns that are seen at once, cell by cell."""
SIDES: Final = ("A: step 1", "B: step 0", "A - B")
COMPARED: Final[dict[str, str | int]] = {
    "key": KEY,
    "step": 1,
    "tab": "compare",
    "with.step": 0,
    "scale.weights": "viridis~auto~linear",
}

Matrix = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def sides() -> tuple[Matrix, Matrix]:
    """The weights at steps 1 (A) and 0 (B)."""
    random = np.random.default_rng(5)
    before = random.normal(0, 0.2, (ROWS, COLUMNS)).astype(np.float32)
    wave = np.sin(np.arange(ROWS) / 200)[:, np.newaxis] * np.ones(COLUMNS)
    after = (before + 0.3 * wave + random.normal(0, 0.01, before.shape)).astype(np.float32)
    for place, value in PLANTED.items():
        after[place] = value
    return after, before


@pytest.fixture(scope="module")
def server(
    sides: tuple[Matrix, Matrix], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TensorBoard]:
    directory = tmp_path_factory.mktemp("large")
    model = nn.Linear(COLUMNS, ROWS, bias=False)
    inputs = torch.zeros(1, COLUMNS)
    with (
        torch.no_grad(),
        LayerView(model, directory / "run", kinds=["param"], max_elements=None) as view,
    ):
        for step, values in enumerate(reversed(sides)):
            model.weight.copy_(torch.from_numpy(values))
            with view.step(step, inputs=inputs):
                model(inputs)
    with serve(directory, directory / "messages.txt") as tensorboard:
        yield tensorboard


@pytest.fixture
def view(open_tab: OpenTab, server: TensorBoard) -> LayerViewPage:
    return open_tab(server.url)


def picture(view: LayerViewPage, name: str) -> Locator:
    return view.panel.get_by_role("region", name=name, exact=True).get_by_role("application")


def expect_colors(view: LayerViewPage, name: str, expected: Colors, atol: int = 0) -> None:
    rows, columns = expected.shape[:2]

    def check() -> None:
        cells = Cells(box_of(picture(view, name)), rows, columns)
        drawn = view.screenshot().centers(cells).astype(int)
        np.testing.assert_allclose(drawn, expected.astype(int), atol=atol)

    view.eventually(check)


def diverging(values: npt.NDArray[Any], limit: float) -> Colors:
    """Matplotlib's RdBu_r about zero."""
    table = color_table("RdBu_r")
    places = np.clip((values / limit + 1) / 2 * 256, 0, 255).astype(int)
    colors: Colors = table[places]
    return colors


def ends(sides: tuple[Matrix, Matrix]) -> tuple[float, float]:
    both = np.stack(sides)
    return float(both.min()), float(both.max())


def means(values: Matrix) -> npt.NDArray[np.float64]:
    squares = values.astype(np.float64).reshape(ROWS // 8, 8, COLUMNS // 8, 8)
    found: npt.NDArray[np.float64] = squares.mean(axis=(1, 3))
    return found


def test_from_afar_all_three_are_blocks_and_the_page_says_what_a_difference_of_blocks_is(
    view: LayerViewPage, sides: tuple[Matrix, Matrix]
) -> None:
    view.open(**COMPARED)
    least, greatest = ends(sides)
    for name, values in zip(SIDES, sides, strict=False):
        expect_colors(view, name, viridis_within(means(values), least, greatest), atol=6)
    apart = means(sides[0]) - means(sides[1])
    expect_colors(view, SIDES[2], diverging(apart, abs(apart).max()), atol=12)
    expect(view.text("A - B of the means of 8 x 8 elements")).to_contain_text("cancels out")


def test_a_link_to_a_part_shows_the_elements_of_all_three(
    view: LayerViewPage, sides: tuple[Matrix, Matrix]
) -> None:
    top, bottom, left, right = ZOOMED
    a, b = (side[top:bottom, left:right] for side in sides)
    view.open(**COMPARED, view=f"{top}:{bottom},{left}:{right}", third="difference~0.5")
    expect(view.text("A cell is an element.")).to_be_visible()
    least, greatest = ends(sides)
    expect_colors(view, SIDES[0], viridis_within(a, least, greatest))
    expect_colors(view, SIDES[1], viridis_within(b, least, greatest))
    apart = a.astype(np.float64) - b
    inside = abs(apart) <= 0.5
    expected = diverging(apart, 0.5)

    def check() -> None:
        cells = Cells(box_of(picture(view, SIDES[2])), *apart.shape)
        drawn = view.screenshot().centers(cells).astype(int)
        np.testing.assert_allclose(drawn[inside], expected[inside].astype(int), atol=8)
        # What is further apart has a look that the map does not have.
        beyond = drawn[~inside][:, np.newaxis] - color_table("RdBu_r").astype(int)
        assert (abs(beyond).sum(axis=-1) > 60).all()

    view.eventually(check)
    assert (~inside).sum() == 1


def test_the_wheel_over_one_moves_all_and_the_pointer_tells_every_side(
    view: LayerViewPage, sides: tuple[Matrix, Matrix]
) -> None:
    view.open(**COMPARED)
    expect(view.text("of 8 x 8 elements").first).to_be_visible()
    box = box_of(picture(view, SIDES[1]))
    view.page.mouse.move(box.x + box.width / 3, box.y + box.height / 4)
    for _ in range(12):
        view.page.mouse.wheel(0, -300)
    expect(view.text("A cell is an element.")).to_be_visible()
    for number in range(3):
        expect(view.panel.get_by_role("button", name="Fit").nth(number)).to_be_enabled()
    expect(view.panel.locator(".lv-cell-selected")).to_have_count(3)

    def check() -> None:
        line = view.frame.locator(".lv-readout")
        place = re.match(r"\[(\d+), (\d+)\]", line.inner_text())
        assert place is not None
        index = int(place[1]), int(place[2])
        told = np.array(line.locator("strong").all_inner_texts(), np.float64)
        a, b = (float(side[index]) for side in sides)
        np.testing.assert_allclose(told, [a, b, a - b], rtol=1e-5)

    view.eventually(check)


def test_all_elements_are_compared_and_the_largest_differences_lead_there(
    view: LayerViewPage, sides: tuple[Matrix, Matrix]
) -> None:
    view.open(**COMPARED)
    expect(view.text(f"Of all {ROWS * COLUMNS:,} elements")).to_be_visible()
    a, b = (side.astype(np.float64) for side in sides)
    apart = a - b
    rows = {
        row.get_by_role("rowheader").inner_text(): row.get_by_role("cell").inner_text()
        for row in view.panel.get_by_role("table").first.get_by_role("row").all()
    }
    assert float(rows["max |A - B|"]) == pytest.approx(abs(apart).max(), rel=1e-3)
    assert float(rows["rms of A - B"]) == pytest.approx(np.sqrt((apart**2).mean()), rel=1e-3)
    assert int(rows["unequal elements"].split()[0].replace(",", "")) == (apart != 0).sum()
    order = np.argsort(-abs(apart), axis=None, kind="stable")[:20]
    expected = [f"[{', '.join(map(str, np.unravel_index(place, a.shape)))}]" for place in order]
    listed = view.panel.get_by_role("table").nth(1).get_by_role("button")
    assert listed.all_inner_texts() == expected
    listed.first.click()
    expect(view.text("A cell is an element.")).to_be_visible()
    row, column = np.unravel_index(order[0], a.shape)
    view.page.wait_for_url(re.compile(r"p\.layerview\.view="))
    spans = re.search(r"view=(\d+)[^,]*?%3A(\d+)[^%]*%2C(\d+)[^%]*%3A(\d+)", view.page.url)
    assert spans is not None
    first_row, last_row, first_column, last_column = map(int, spans.groups())
    assert first_row <= row < last_row
    assert first_column <= column < last_column
