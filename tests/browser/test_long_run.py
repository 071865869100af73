"""A run of more steps than a screen tells apart: what is left out is said, and found by zooming."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from functools import partial
from typing import Final

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Request, expect
from torch import nn

from tb_layerview import LayerView
from tests.browser.conftest import _tab
from tests.browser.layer_view_page import LayerViewPage, box_of
from tests.browser.test_charts import bin_width, nearest_edge, saved
from tests.conftest import StartTensorBoard

pytestmark = pytest.mark.browser

STEPS: Final = 700
MOST: Final = 512
"""So many histograms are asked for at once."""
KEY: Final = "/param.weight"


class Long:
    """A page over a long run, the weight at each step, and what the page asked for."""

    def __init__(self, view: LayerViewPage, weights: list[torch.Tensor]) -> None:
        self.view = view
        self.weights = weights
        self.asked: list[str] = []
        view.page.on("request", self._hear)

    def _hear(self, request: Request) -> None:
        if "/histogram?" in request.url:
            self.asked.append(request.url)

    def open(self, **link: str | int) -> None:
        self.asked.clear()
        self.view.open(run="long", key=KEY, tab="statistics", **link)


@pytest.fixture(scope="module")
def long(
    browser: Browser, start_tensorboard: StartTensorBoard, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Long]:
    logdir = tmp_path_factory.mktemp("long")
    torch.manual_seed(4)
    model, weights = nn.Linear(12, 9), []
    with torch.no_grad(), LayerView(model, logdir / "long", kinds=("param",)) as recorder:
        for step in range(STEPS):
            model.weight += torch.randn(model.weight.shape) * 0.02
            weights.append(model.weight.clone())
            with recorder.step(step):
                model(torch.zeros(1, 12))
    with _tab(browser, start_tensorboard(logdir).url) as view:
        yield Long(view, weights)
        assert view.complaints == []


def counted(long: Long, step: int, words: str) -> tuple[int, int]:
    """How many elements a note tells of, and how many NumPy counts between the same ends."""
    found = re.search(r"(\S+) to (\S+): ([\d,]+) elements?", words)
    assert found is not None, words
    low, high = (nearest_edge(number(found[i])) for i in (1, 2))
    weight = long.weights[step].numpy()
    return int(found[3].replace(",", "")), int(((weight > low) & (weight < high)).sum())


def number(text: str) -> float:
    return float(text.replace("\u2212", "-"))


@pytest.mark.parametrize("history", ["strip", "ridge"])
def test_what_is_drawn_of_a_long_run_is_said_and_a_zoom_shows_what_was_left_out(
    long: Long, history: str
) -> None:
    view = long.view
    long.open(step=350, history=history)
    drawn = MOST if history == "strip" else 32
    expect(view.panel.get_by_text(f"{drawn} of {STEPS} steps", exact=True)).to_be_visible()
    expect(
        view.panel.get_by_text(re.compile(f"^{MOST} of {STEPS} steps, step \\d+$"))
    ).to_be_visible()
    assert all(f"max_rows={MOST}" in url for url in long.asked)
    plot = view.panel.get_by_role("application", name="Histograms of")
    plot.focus()
    few = re.compile("span=6[0-9][0-9]%3A699")
    for _ in range(100):
        if few.search(view.page.url):
            break
        # While the steps of a zoom are awaited, a further one begins from the same steps.
        view.page.keyboard.press("+")
        view.page.wait_for_timeout(150)
    assert few.search(view.page.url)
    expect(view.panel.get_by_text(f"{drawn} of {STEPS} steps", exact=True)).to_have_count(0)
    view.page.keyboard.press("ArrowLeft")
    view.page.keyboard.press("ArrowUp")
    note = view.panel.get_by_text(re.compile(r"^step \d+, .* elements?$")).inner_text()
    told, true = counted(long, int(note.split(",")[0].removeprefix("step ")), note)
    assert told == true
    view.page.keyboard.press("0")
    expect(view.panel.get_by_text(f"{drawn} of {STEPS} steps", exact=True)).to_be_visible()


def check_bin(long: Long, step: int) -> None:
    """The bin under the pointer holds as many elements of a step as NumPy finds in it."""
    panel = long.view.panel
    heading = panel.get_by_role("heading", name="Histogram", exact=True)
    assert heading.is_visible()
    box = box_of(panel.get_by_role("img", name="Histogram from"))
    long.view.page.mouse.move(box.x + box.width * 0.9, box.y + box.height / 2)
    words = panel.locator(".lv-chart .lv-chart-note").inner_text(timeout=500)
    told, true = counted(long, step, words)
    assert told == true


def test_the_histogram_of_a_step_is_there_though_the_many_leave_it_out(long: Long) -> None:
    view = long.view
    among = {round(i * (STEPS - 1) / (MOST - 1)) for i in range(MOST)}
    left_out = next(step for step in range(300, STEPS) if {step - 1, step, step + 1} - among)
    asked = []
    for step in (left_out - 1, left_out, left_out + 1):
        long.open(step=step, histogram="symlog")
        view.eventually(partial(check_bin, long, step))
        asked += [url for url in long.asked if f"first_step={step}&last_step={step}&" in url]
    assert asked


def test_a_drag_over_the_strip_or_a_chart_shows_some_steps_alone(long: Long) -> None:
    view = long.view
    long.open(step=350)
    expect(view.panel.get_by_text(f"{MOST} of {STEPS} steps", exact=True)).to_be_visible()
    targets = (
        view.panel.get_by_role("application", name="Histograms of"),
        view.panel.locator(".u-over").first,
    )
    for target in targets:
        target.scroll_into_view_if_needed()
        box = box_of(target)
        middle = box.y + box.height / 2
        view.page.mouse.move(box.x + box.width * 0.25, middle)
        view.page.mouse.down()
        view.page.mouse.move(box.x + box.width * 0.5, middle, steps=4)
        view.page.mouse.up()
        view.page.wait_for_url(re.compile(r"span=1[78]\d%3A3[45]\d"))
        expect(view.panel.get_by_role("heading", name="At step 350")).to_be_visible()
        view.panel.get_by_role("button", name="All steps").click()
        expect(view.panel.get_by_text(f"{MOST} of {STEPS} steps", exact=True)).to_be_visible()


def test_the_saved_numbers_have_every_step_whatever_is_drawn(long: Long) -> None:
    view = long.view
    long.open(step=350)
    expect(view.panel.get_by_text(f"{MOST} of {STEPS} steps", exact=True)).to_be_visible()
    view.page.keyboard.press("s")
    sheet = view.frame.get_by_role("dialog", name="Save")
    content = saved(view, sheet.get_by_role("button", name="CSV"))
    head, *rows = csv.reader(io.StringIO(content.decode()))
    assert [int(row[0]) for row in rows] == list(range(STEPS))
    mean, median = (head.index(f"long {KEY} {what}") for what in ("mean", "percentile 50"))
    for row, weight in zip(rows, long.weights, strict=True):
        array = weight.numpy().astype(np.float64)
        assert float(row[mean]) == pytest.approx(array.mean(), rel=1e-5, abs=1e-9)
        expected = float(np.median(array))
        # Of an even number of elements it lies between the two in the middle.
        middle = np.sort(array, axis=None)[array.size // 2 - 1 : array.size // 2 + 1]
        assert abs(float(row[median]) - expected) <= max(map(bin_width, middle))


def test_an_element_is_followed_over_a_share_of_the_steps_and_all_of_a_few(long: Long) -> None:
    view = long.view
    view.open(run="long", key=KEY, step=350, element="3,4")
    course = view.frame.get_by_role("region", name=f"{KEY}[3, 4] over the steps")
    expect(course.get_by_text(f"{MOST} of {STEPS} steps", exact=True)).to_be_visible()
    view.open(run="long", key=KEY, step=351, element="3,4", span="340:360")
    expect(course.get_by_role("button", name="All steps")).to_be_visible()
    expect(course.get_by_text(f"of {STEPS} steps")).to_have_count(0)
    view.page.mouse.move(0, 0)

    def check() -> None:
        told = number(course.get_by_role("definition").inner_text(timeout=500))
        assert told == pytest.approx(float(long.weights[351][3, 4]), rel=1e-3)

    view.eventually(check)
    course.get_by_role("button", name="All steps").click()
    expect(course.get_by_text(f"{MOST} of {STEPS} steps", exact=True)).to_be_visible()
