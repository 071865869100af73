"""The way into the tab, and the layer tree: the lines of `print(model)`."""

from __future__ import annotations

import re
from typing import Final

import pytest
from playwright.sync_api import Locator, expect
from torch import nn

from demo.model import CNN
from tests.browser.conftest import OpenTab, Recorded
from tests.browser.layer_view_page import LayerViewPage
from tests.browser.recordings import MARKUP
from tests.fixtures.witness import Seen
from tests.tensorboard_server import TensorBoard

pytestmark = pytest.mark.browser

INDENT: Final = 2
"""Spaces by which `print(model)` moves a layer to the right of the one around it."""


def printed_modules(model: nn.Module) -> list[tuple[int, str]]:
    """Depth and text of the layers in `print(model)`, without the parentheses that hold others."""
    lines = [line for line in str(model).splitlines() if line.strip() != ")"]
    depths = [(len(line) - len(line.lstrip())) // INDENT for line in lines]
    texts = [re.sub(r"\(\)?$", "", line.strip()) for line in lines]
    return list(zip(depths, texts, strict=True))


def expected_tree(model: nn.Module, seen: Seen) -> list[tuple[int, str]]:
    """Each layer as it is printed, and below it what is recorded of it, with its shape."""
    rows = []
    modules = zip(printed_modules(model), model.named_modules(), strict=True)
    for (depth, text), (path, module) in modules:
        rows.append((depth, text))
        names = {name: f"{path}/param.{name}" for name, _ in module.named_parameters(recurse=False)}
        names["output"] = f"{path}/output"
        rows += [(depth + 1, f"{name} {tuple(seen[key].shape)}") for name, key in names.items()]
    return rows


def shown_tree(view: LayerViewPage) -> list[tuple[int, str]]:
    """Depth and text of the tree's lines, from top to bottom."""
    rows: list[tuple[str, str]] = view.frame.get_by_role("treeitem").evaluate_all(
        "rows => rows.map(row => [row.getAttribute('aria-level'), row.innerText])"
    )
    return [(int(level) - 1, " ".join(text.split())) for level, text in rows]


def expect_tree(view: LayerViewPage, expected: list[tuple[int, str]]) -> None:
    def check() -> None:
        assert shown_tree(view) == expected

    view.eventually(check)


def is_on_the_way(text: str) -> bool:
    """Whether a line of the demo's tree is a weight, or one of the layers around it."""
    around = r"CNN|\((conv\d|fc1|fc_final)\): Sequential"
    return re.fullmatch(rf"weight .*|{around}|\(0\): (Conv2d|Linear).*", text) is not None


def filter_box(view: LayerViewPage) -> Locator:
    return view.frame.get_by_role("searchbox")


def test_the_tab_opens_by_a_click_from_tensorboards_start_page(
    open_tab: OpenTab, tensorboard: TensorBoard
) -> None:
    view = open_tab(tensorboard.url)
    view.page.goto(tensorboard.url)
    tab = view.page.get_by_role("tab", name="LAYERVIEW")
    expect(tab).to_have_attribute("aria-selected", "false")
    tab.click()
    expect(view.frame.get_by_role("tree")).to_be_visible()
    assert "#layerview" in view.page.url
    expect(view.panel.get_by_role("figure").first).to_be_visible()


def test_the_tree_is_print_of_the_model_with_what_is_recorded(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show("conv2.0/output", 5)
    expected = expected_tree(CNN(), recorded.trained.kept[0])
    assert (2, "(0): Conv2d(32, 64, kernel_size=(3, 3), stride=(1, 1))") in expected
    tree = shown_tree(view)
    assert tree[: -len(expected)] == [
        (0, "Samples"),
        (1, "inputs (4, 1, 28, 28)"),
        (1, "targets (4,)"),
        (1, "predictions (4, 10)"),
    ]
    assert tree[-len(expected) :] == expected


def test_a_line_of_the_tree_shows_its_tensor(view: LayerViewPage) -> None:
    view.show("conv2.0/output", 5)
    view.tree_item("weight (10, 64)").click()
    view.expect_picture("fc_final.0/param.weight", 5)
    expect(view.frame.get_by_role("heading", level=1)).to_have_text("fc_final.0 / weight")
    expect(view.tree_item("weight (10, 64)")).to_have_attribute("aria-selected", "true")


def test_the_filter_leaves_what_matches_and_what_leads_to_it(
    open_tab: OpenTab, tensorboard: TensorBoard
) -> None:
    view = open_tab(tensorboard.url)
    view.show("conv2.0/output", 5)
    everything = shown_tree(view)
    filter_box(view).fill("fc1")
    first = everything.index((1, "(fc1): Sequential"))
    end = everything.index((1, "(fc_final): Sequential"))
    expect_tree(view, [(0, "CNN"), *everything[first:end]])

    filter_box(view).fill("*.weight")
    layers_of_weights = [(depth, text) for depth, text in everything if is_on_the_way(text)]
    assert len(layers_of_weights) == 1 + 3 * 5
    expect_tree(view, layers_of_weights)

    filter_box(view).fill("no such layer")
    expect(view.text("No layer or tensor matches")).to_be_visible()
    filter_box(view).press("Escape")
    expect_tree(view, everything)


def test_names_are_text_whatever_they_hold(view: LayerViewPage) -> None:
    run = f"markup {MARKUP}"
    view.show(f"{MARKUP}/param.weight", 0, run=run)
    line = (
        f"({MARKUP}): Markup(in_features=4, out_features=3, bias=True, <script>alert(2)</script>)"
    )
    assert (1, line) in shown_tree(view)
    expect(view.frame.get_by_role("heading", level=1)).to_have_text(f"{MARKUP} / weight")
    expect(view.frame.get_by_role("combobox", name="Run")).to_have_value(run)

    view.open(run=MARKUP)
    expect(view.frame.get_by_role("alert")).to_contain_text(MARKUP)
    view.open(run="demo", key=f"{MARKUP}/output")
    expect(view.frame.get_by_role("alert")).to_contain_text(f"{MARKUP}/output")
    for element in ("img[src='x']", "body script:text('alert')"):
        expect(view.frame.locator(element)).to_have_count(0)
