"""No view has a fault that axe-core knows of, in light and in dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Frame, expect

from tests.browser.conftest import WINDOW
from tests.browser.layer_view_page import LayerViewPage
from tests.browser.recordings import SPOILED_KEY, SPOILED_STEP
from tests.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

AXE: Final = Path(__file__, "../../../frontend/node_modules/axe-core/axe.min.js").resolve()
WEIGHT: Final = "fc_final.0/param.weight"
MAPS: Final = "conv2.0/output"
VIEWS: Final[dict[str, dict[str, str | int]]] = {
    "gallery": {"key": MAPS, "step": 10},
    "one map": {"key": MAPS, "step": 10, "map": 3},
    "matrix with a followed element": {"key": WEIGHT, "step": 10, "element": "3,4"},
    "strip": {"key": "fc_final.0/param.bias", "step": 10},
    "kernels": {"key": "conv2.0/param.weight", "step": 10},
    "not finite": {"run": "spoiled", "key": SPOILED_KEY, "step": SPOILED_STEP},
    "values": {"key": WEIGHT, "step": 10, "tab": "values"},
    "statistics": {"key": WEIGHT, "step": 10, "tab": "statistics"},
    "ridge": {"key": WEIGHT, "step": 10, "tab": "statistics", "history": "ridge"},
    "charts": {"key": WEIGHT, "place": "charts", "chart": "rms+saturation+percentiles~one~log~"},
    "compare": {"key": WEIGHT, "step": 10, "tab": "compare"},
    "pinned": {"key": WEIGHT, "step": 10, "pinned": "conv2.0%2Foutput,fc1.0%2Fparam.bias"},
    "percentiles": {"key": WEIGHT, "step": 10, "scale.weights": "viridis~robust~linear~~~5-95"},
    "range over runs": {"key": WEIGHT, "step": 10, "scale.weights": "viridis~runs~linear"},
    "samples": {"step": 10, "place": "samples", "beside": 2},
    "samples that are wrong": {"step": 10, "place": "samples", "list": "wrong~worst~0.5~"},
    "what carried an answer": {"step": 10, "place": "samples", "detail": "carried~execution~3"},
    "maps over the input": {"key": MAPS, "step": 10, "gallery": "index~all~shared~0~0.5"},
    "findings": {"run": "spoiled", "place": "findings"},
    "health": {"run": "spoiled", "place": "health"},
    "unknown key": {"key": "nothing/output"},
}


@pytest.fixture(scope="module", params=["light", "dark"])
def themed(
    request: pytest.FixtureRequest, browser: Browser, tensorboard: TensorBoard
) -> Iterator[LayerViewPage]:
    context = browser.new_context(viewport=WINDOW)
    query = "?darkMode=true" if request.param == "dark" else ""
    yield LayerViewPage(context.new_page(), tensorboard.url + query)
    context.close()


def frame_of(view: LayerViewPage) -> Frame:
    """The plugin's own frame: the page around it is TensorBoard's."""
    frame = next(each for each in view.page.frames if "name=layerview" in each.url)
    if not frame.evaluate("'axe' in window"):
        frame.evaluate(AXE.read_text())
    return frame


def violations(view: LayerViewPage) -> list[str]:
    found = frame_of(view).evaluate(
        """async () => {
            const { violations } = await axe.run(document, { resultTypes: ['violations'] });
            return violations.flatMap(({ id, nodes }) =>
                nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
        }"""
    )
    told: list[str] = found
    return told


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_has_a_violation(themed: LayerViewPage, name: str) -> None:
    themed.open(**VIEWS[name])
    expect(themed.frame.get_by_role("tree")).to_be_visible()
    themed.page.wait_for_load_state("networkidle")
    expect(themed.frame.get_by_role("progressbar", name="Loading")).to_have_count(0)
    found = violations(themed)
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("key", "dialog"), [("?", "Keyboard help"), ("s", "Save"), ("m", "The model")]
)
def test_no_sheet_has_a_violation(themed: LayerViewPage, key: str, dialog: str) -> None:
    themed.show(WEIGHT, 10, run="demo")
    themed.page.keyboard.press(key)
    expect(themed.frame.get_by_role("dialog", name=dialog)).to_be_visible()
    found = violations(themed)
    assert not found, "\n".join(found)
    themed.page.keyboard.press("Escape")
