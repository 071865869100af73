"""Answers that are wrong, late or missing, and tensors that nobody expects: the page goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
import torch
from playwright.sync_api import Browser, Route, expect
from torch import Tensor, nn

from tb_layerview import LayerView
from tests.browser.conftest import WINDOW
from tests.browser.layer_view_page import LayerViewPage
from tests.tensorboard_server import TensorBoard, serve

pytestmark = pytest.mark.browser

ARRAY: Final = re.compile(r"/array\?")
CATALOG: Final = re.compile(r"/catalog\?")
KEY: Final = "plain/output"


class Odd(nn.Module):
    """Outputs of shapes and values that pictures are not made for."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("plain", "single", "empty", "constant", "broken", "scalar"):
            self.add_module(name, nn.Identity())

    def forward(self, inputs: Tensor) -> Tensor:
        """The inputs; beside them, each oddity goes through a layer of its own."""
        self.get_submodule("single")(torch.tensor([[[2.5]]]))
        self.get_submodule("empty")(torch.zeros(1, 0, 4))
        self.get_submodule("constant")(torch.full((1, 5, 4), 7.0))
        self.get_submodule("broken")(torch.full((1, 5, 4), float("nan")))
        self.get_submodule("scalar")(torch.tensor(3.5))
        outputs: Tensor = self.get_submodule("plain")(inputs)
        return outputs


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    directory = tmp_path_factory.mktemp("odd")
    inputs = torch.arange(20.0).reshape(1, 5, 4)
    model = Odd()
    with LayerView(model, directory / "run", kinds=["output"]) as view:
        for step in range(2):
            with view.step(step, inputs=inputs):
                model(inputs)
    with serve(directory, directory / "messages.txt") as tensorboard:
        yield tensorboard


@pytest.fixture
def view(browser: Browser, server: TensorBoard) -> Iterator[LayerViewPage]:
    """A tab whose complaints are told apart: the browser itself tells of refused requests."""
    context = browser.new_context(viewport=WINDOW)
    view = LayerViewPage(context.new_page(), server.url)
    yield view
    context.close()
    thrown = [told for told in view.complaints if told.startswith(("error: ", "dialog: "))]
    own = [told for told in thrown if "Failed to load resource" not in told]
    assert own == []


def expect_it_can_be_tried_again(view: LayerViewPage, title: str, broken: re.Pattern[str]) -> None:
    alert = view.frame.get_by_role("alert")
    expect(alert).to_contain_text(title)
    view.page.unroute(broken)
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_have_count(0)
    view.expect_picture(KEY, 1)


@pytest.mark.parametrize(
    ("body", "status", "title"),
    [
        ("<html>Sign in</html>", 200, "Something else answered in place of the plugin"),
        ("\x93NUMPY\x01\x00v\x00{'descr': '<f4'", 200, "Something else answered"),
        ("", 200, "Something else answered in place of the plugin"),
        ("out of order", 500, "The plugin failed"),
        ('{"error": {"code": "damaged", "message": "a.lvlog: damaged at byte 7"}}', 500, "damaged"),
        ('{"error": {"code": "not_found", "message": "step: gone"}}', 404, "was not recorded"),
    ],
)
def test_a_wrong_answer_is_said_and_can_be_asked_for_again(
    view: LayerViewPage, body: str, status: int, title: str
) -> None:
    kind = "application/json" if body.startswith("{") else "text/html"
    view.page.route(ARRAY, lambda route: route.fulfill(status=status, body=body, content_type=kind))
    view.open(key=KEY, step=1)
    expect_it_can_be_tried_again(view, title, ARRAY)


def test_a_catalog_that_is_no_json_is_said(view: LayerViewPage) -> None:
    view.page.route(CATALOG, lambda route: route.fulfill(status=200, body="{'no': json}"))
    view.open(key=KEY, step=1)
    expect_it_can_be_tried_again(view, "Something else answered", CATALOG)


def test_an_answer_that_is_late_shows_that_it_is_awaited(view: LayerViewPage) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    view.open(key=KEY, step=0)
    view.expect_picture(KEY, 0)
    view.page.route(ARRAY, hold)
    view.open(key=KEY, step=1)
    expect(view.frame.get_by_role("progressbar", name="Loading")).to_be_visible()
    # What was there stays, under its own name, until the answer is here.
    expect(view.text(f"{KEY} at step 0,")).to_be_visible()
    for route in held:
        route.continue_()
    view.expect_picture(KEY, 1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("single", "single/output at step 1, 1 element drawn"),
        ("constant", "constant/output at step 1, 20 elements drawn"),
        ("broken", "NaN: 20"),
        ("scalar", "3.5"),
        ("empty", re.compile("no elements|empty|0 x 4|nothing", re.IGNORECASE)),
    ],
)
def test_odd_tensors_are_shown_sensibly(
    view: LayerViewPage, name: str, words: str | re.Pattern[str]
) -> None:
    for tab in ("heat", "values", "statistics", "compare"):
        view.open(key=f"{name}/output", step=1, tab=tab)
        expect(view.frame.get_by_role("tabpanel")).to_be_visible()
    view.open(key=f"{name}/output", step=1)
    expect(view.frame.get_by_role("main")).to_contain_text(words)
