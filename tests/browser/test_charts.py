"""Charts of any statistics, tensors and runs, percentiles and ridges, beside NumPy's numbers."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pytest
from playwright.sync_api import Locator, expect

from tb_layerview.log.columns import EDGES
from tests.browser.conftest import Recorded
from tests.browser.layer_view_page import LayerViewPage, box_of
from tests.browser.recordings import SPOILED_KEY, SPOILED_STEP
from tests.fixtures.demo_training import STEPS

pytestmark = pytest.mark.browser

WEIGHT: Final = "fc1.0/param.weight"
BIAS: Final = "fc1.0/param.bias"
OUTPUT: Final = "conv2.1/output"
PERCENTILES: Final = (1, 5, 25, 50, 75, 95, 99)
SHOWN_PRECISION: Final = 1e-3
"""Relative; the legend has four digits."""


def numbers(recorded: Recorded, key: str, step: int) -> npt.NDArray[np.float64]:
    array: npt.NDArray[np.float64] = recorded.trained.whole[step][key].numpy().astype(np.float64)
    return array


def bin_width(value: float) -> float:
    """How wide the bin of the histogram is that holds a value."""
    place = int(np.searchsorted(EDGES, value))
    return float(EDGES[place] - EDGES[place - 1])


def open_charts(view: LayerViewPage, *keys: str, of: str = "rms", runs: str = "demo") -> None:
    listed = {"chart.keys": ",".join(key.replace("/", "%2F") for key in keys)}
    chart = f"{of}~each~linear~"
    view.open(run="demo", place="charts", chart=chart, **listed, **{"chart.runs": runs})


def legend_row(view: LayerViewPage, key: str) -> Locator:
    return view.frame.get_by_role("row").filter(has=view.frame.get_by_role("button", name=key))


def shown_values(view: LayerViewPage, key: str) -> list[float]:
    cells = legend_row(view, key).locator(".lv-chart-value")
    return [float(text) for text in cells.all_inner_texts()]


def test_the_legend_has_numpys_values_of_every_line(
    view: LayerViewPage, recorded: Recorded
) -> None:
    open_charts(view, WEIGHT, BIAS, of="rms+norm+max_abs")
    for title in ("root mean square", "norm", "largest magnitude"):
        expect(view.frame.get_by_role("figure", name=f"{title} over the steps")).to_be_visible()
    for key in (WEIGHT, BIAS):
        array = numbers(recorded, key, STEPS[-1])
        norm = float(np.linalg.norm(array))
        expected = [norm / np.sqrt(array.size), norm, np.abs(array).max()]
        expect(legend_row(view, key)).to_be_visible()
        assert shown_values(view, key) == pytest.approx(expected, rel=SHOWN_PRECISION)


def test_the_tree_chooses_the_legend_switches_and_the_link_remembers(view: LayerViewPage) -> None:
    open_charts(view, WEIGHT)
    expect(legend_row(view, WEIGHT)).to_be_visible()
    view.frame.get_by_role("searchbox", name="Filter layers").fill("fc1.0 kind:param")
    view.tree_item("bias (64,)").click()
    expect(legend_row(view, BIAS)).to_be_visible()
    view.page.wait_for_url(re.compile("chart.keys=.*bias"))
    draw = view.frame.get_by_role("checkbox", name=f"Draw {WEIGHT} of demo")
    draw.uncheck()
    view.page.wait_for_url(re.compile("chart.off=demo"))
    address = view.page.url
    view.frame.get_by_role("searchbox", name="Filter layers").fill("")
    view.page.goto("about:blank")
    view.page.goto(address)
    expect(draw).not_to_be_checked()
    expect(view.frame.get_by_role("checkbox", name=f"Draw {BIAS} of demo")).to_be_checked()


def test_a_click_on_a_line_opens_its_tensor_and_a_drag_shows_some_steps(
    view: LayerViewPage, recorded: Recorded
) -> None:
    open_charts(view, WEIGHT)
    plot = view.frame.locator(".u-over")
    expect(plot).to_have_count(1)
    box = box_of(plot)
    middle = box.y + box.height / 2
    view.page.mouse.move(box.x + box.width / 2, middle)
    first = numbers(recorded, WEIGHT, STEPS[1])
    rms = float(np.sqrt(np.square(first).mean()))
    view.eventually(lambda: assert_values(view, [rms]))
    view.page.mouse.move(box.x + box.width * 0.3, middle)
    view.page.mouse.down()
    view.page.mouse.move(box.x + box.width, middle, steps=4)
    view.page.mouse.up()
    view.page.wait_for_url(re.compile("chart=rms~each~linear~[34]%3A10"))
    expect(view.frame.get_by_role("button", name="All steps")).to_be_visible()
    box = box_of(plot)
    view.page.mouse.click(box.x + box.width * 0.1, box.y + box.height / 2)
    view.expect_picture(WEIGHT, STEPS[1])


def assert_values(view: LayerViewPage, expected: list[float]) -> None:
    assert shown_values(view, WEIGHT) == pytest.approx(expected, rel=SHOWN_PRECISION)


def test_the_saved_numbers_and_percentiles_are_numpys(
    view: LayerViewPage, recorded: Recorded
) -> None:
    open_charts(view, WEIGHT, OUTPUT, of="mean+zero_share+percentiles")
    expect(view.frame.get_by_role("figure", name=f"Percentiles of {OUTPUT}")).to_be_visible()
    view.page.keyboard.press("s")
    sheet = view.frame.get_by_role("dialog", name="Save")
    content = saved(view, sheet.get_by_role("button", name="CSV"))
    head, *rows = csv.reader(io.StringIO(content.decode()))
    table = {name: [float(row[i]) for row in rows] for i, name in enumerate(head)}
    assert table["step"] == list(STEPS)
    for key in (WEIGHT, OUTPUT):
        for place, step in enumerate(STEPS):
            array = numbers(recorded, key, step)
            assert table[f"demo {key} mean"][place] == pytest.approx(array.mean(), rel=1e-6)
            assert table[f"demo {key} zero_share"][place] == (array == 0).mean()
            for percent in PERCENTILES:
                expected = np.percentile(array, percent)
                found = table[f"demo {key} percentile {percent}"][place]
                assert abs(found - expected) <= bin_width(float(expected)), (key, percent)


def saved(view: LayerViewPage, button: Locator) -> bytes:
    with view.page.expect_download() as waiting:
        button.click()
    view.page.keyboard.press("Escape")
    return Path(waiting.value.path()).read_bytes()


def test_the_saved_picture_has_the_lines_as_vectors(
    view: LayerViewPage, recorded: Recorded
) -> None:
    open_charts(view, WEIGHT, of="max+percentiles")
    expect(legend_row(view, WEIGHT)).to_be_visible()
    expect(view.frame.get_by_role("figure", name=f"Percentiles of {WEIGHT}")).to_be_visible()
    view.frame.get_by_role("button", name="Save…").click()
    content = saved(view, view.frame.get_by_role("button", name="SVG")).decode()
    assert f">{WEIGHT}</text>" in content
    assert "data:image" not in content
    lines = re.findall(r'<path d="([^"]+)"[^>]* stroke-width=', content)
    places = np.array([point_of(text) for text in re.split("[ML]", lines[0])[1:]])
    values = np.array([numbers(recorded, WEIGHT, step).max() for step in STEPS])
    # Steps run to the right as they are numbered, values upwards.
    assert np.allclose(unit(places[:, 0]), unit(np.array(STEPS, dtype=np.float64)), atol=0.01)
    assert np.allclose(unit(-places[:, 1]), unit(values), atol=0.01)
    assert len(re.findall(r'<path d="[^"]+Z" fill=', content)) >= len(PERCENTILES) // 2


def point_of(text: str) -> list[float]:
    return [float(part) for part in text.split()]


def unit(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Values as shares of their range."""
    found: npt.NDArray[np.float64] = (values - values.min()) / np.ptp(values)
    return found


def test_steps_with_nan_are_told_and_a_run_without_the_tensor_is_left_out(
    view: LayerViewPage,
) -> None:
    view.open(run="spoiled", place="charts", key=SPOILED_KEY, step=SPOILED_STEP)
    expect(legend_row(view, SPOILED_KEY).get_by_text("NaN or Inf")).to_be_visible()
    open_charts(view, "nothing/output")
    expect(view.text("Nothing to draw")).to_be_visible()


def test_a_ridge_is_read_by_keys_and_leads_to_its_step(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.open(run="demo", key=WEIGHT, step=10, tab="statistics", history="ridge")
    ridge = view.panel.get_by_role("application", name="Histograms of 3 steps")
    ridge.focus()
    view.page.keyboard.press("ArrowUp")
    view.page.keyboard.press("ArrowUp")
    note = view.panel.get_by_text(re.compile(r"^step 5, .* elements$"))
    words = re.fullmatch(r"step 5, (\S+) to (\S+): ([\d,]+) elements", note.inner_text())
    assert words is not None
    low, high = (nearest_edge(float(words[i])) for i in (1, 2))
    array = numbers(recorded, WEIGHT, 5)
    count = ((array > low) & (array < high)).sum()
    assert int(words[3].replace(",", "")) == count
    view.page.keyboard.press("Enter")
    expect(view.panel.get_by_role("heading", name="At step 5")).to_be_visible()
    view.page.wait_for_url(re.compile("history=ridge"))


def nearest_edge(value: float) -> float:
    """The edge that three digits tell."""
    return float(EDGES[np.abs(EDGES - value).argmin()])
