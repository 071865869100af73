"""In a notebook: ``%tensorboard`` shows the page in a frame of a frame, from another port."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.colors import viridis
from tests.browser.layer_view_page import LayerViewPage, ToldValue
from tests.engines.conftest import STEP, WEIGHT, Known, program
from tests.engines.notebook import notebook

WINDOW: Final = ViewportSize(width=1600, height=1100)


def test_the_page_works_in_a_notebook(known: Known, browser: Browser, tmp_path: Path) -> None:
    weight = known.arrays[WEIGHT]
    cells = ["%load_ext tensorboard", f"%tensorboard --logdir {known.logdir} --port 0"]
    jupyter = program("jupyter-notebook", "jupyter-notebook", os.environ.get("JUPYTER_BIN", ""))
    with notebook(jupyter, tmp_path, cells) as url:
        context = browser.new_context(viewport=WINDOW)
        page = context.new_page()
        view = LayerViewPage(page, url)
        page.goto(url)
        code = page.locator(".jp-CodeCell .cm-content")
        expect(code).to_have_count(len(cells))
        for cell in code.all():
            cell.click()
            page.keyboard.press("Control+Enter")
        outer = page.locator("iframe[id^='tensorboard-frame']")
        view.frame = outer.content_frame.frame_locator("iframe[src*='name=layerview']")
        view.complaints.clear()  # those of Jupyter's own page
        outer.scroll_into_view_if_needed()
        view.frame.get_by_role(
            "treeitem", name=f"weight ({', '.join(map(str, weight.shape))})"
        ).click()
        view.expect_picture(WEIGHT, STEP)
        view.frame.get_by_role("combobox", name="Colours").select_option("viridis")
        view.frame.get_by_role("combobox", name="Range").select_option("min to max")
        view.frame.get_by_role("checkbox", name="Reversed").uncheck()
        view.expect_colors(
            lambda picture: picture.centers(view.heatmap(*weight.shape)), viridis(weight)
        )
        told = ToldValue(
            "Output Node Index 4, Input Node Index 7",
            f"{WEIGHT}[4, 7] at step {STEP}",
            weight[4, 7],
        )
        view.expect_value(lambda: view.heatmap(*weight.shape), (4, 7), told)
        for name in ("Samples", "Findings", "Health"):
            view.frame.get_by_role("button", name=name).first.click()
            expect(view.frame.get_by_role("main")).to_be_visible()
        context.close()
    assert [told for told in view.complaints if "layerview" in told] == []
