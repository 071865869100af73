"""TensorBoards that have nothing to show yet, that go away, and that stand behind a prefix."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import numpy as np
import pytest
import torch
from playwright.sync_api import expect
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from tb_layerview import snapshot
from tests.browser.conftest import OpenTab
from tests.browser.layer_view_page import LayerViewPage, ToldValue
from tests.tensorboard_server import serve

pytestmark = pytest.mark.browser

KEY: Final = "0/param.weight"
NETWORK_ERROR: Final = re.compile("Failed to load resource: net::ERR_")
"""What Chromium itself writes to the console when a server does not answer."""


def record(run: Path) -> nn.Module:
    """Record one step of a small model."""
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
    snapshot(model, run, 0, inputs=torch.ones(2, 3))
    return model


def expect_weight(view: LayerViewPage, model: nn.Module) -> None:
    weight = model.get_parameter("0.weight").detach().numpy()
    for row, column in np.ndindex(*weight.shape):
        told = ToldValue(
            f"Output Node Index {row}, Input Node Index {column}",
            f"{KEY}[{row}, {column}] at step 0",
            weight[row, column],
        )
        view.expect_value(lambda: view.heatmap(4, 3), (row, column), told)


def test_a_directory_without_layer_data_says_how_to_record_some_and_shows_it_then(
    tmp_path: Path, open_tab: OpenTab
) -> None:
    """All of it behind a prefix, and without TensorBoard's data server."""
    with SummaryWriter(tmp_path / "runs" / "scalars only") as writer:
        writer.add_scalar("loss", 1.0, 0)
    arguments = ("--path_prefix=/tb", "--load_fast=false", "--reload_interval=1")
    with serve(tmp_path / "runs", tmp_path / "messages.txt", *arguments) as tensorboard:
        assert urlsplit(tensorboard.url).path == "/tb/"
        view = open_tab(tensorboard.url)
        view.open()
        expect(view.frame.get_by_role("heading", name="No run has layer data yet")).to_be_visible()
        code = view.frame.get_by_role("main").locator("pre")
        for line in ("from tb_layerview import LayerView", "with view.step(", "view.close()"):
            expect(code).to_contain_text(line)
        compile(code.inner_text(), "the code on the page", "exec")
        model = record(tmp_path / "runs" / "nested" / "first")
        view.frame.get_by_role("treeitem", name="weight (4, 3)").click()
        expect_weight(view, model)
        expect(view.frame.get_by_role("combobox", name="Run")).to_have_value("nested/first")
        view.page.close()


def test_a_page_whose_tensorboard_stops_says_so_and_goes_on_when_it_is_back(
    tmp_path: Path, open_tab: OpenTab
) -> None:
    model = record(tmp_path / "runs" / "first")
    with serve(tmp_path / "runs", tmp_path / "before.txt") as tensorboard:
        view = open_tab(tensorboard.url)
        view.show(KEY, 0)
    alert = view.frame.get_by_role("alert")
    expect(alert.first).to_contain_text("TensorBoard does not answer")
    expect_weight(view, model)  # what was loaded stays
    view.tree_item("bias (4,)").click()
    failure = alert.filter(has=view.frame.get_by_role("button", name="Try again"))
    expect(failure).to_contain_text("TensorBoard does not answer")
    failure.get_by_role("button").click()
    expect(failure).to_contain_text("TensorBoard does not answer")

    port = urlsplit(tensorboard.url).port
    with serve(tmp_path / "runs", tmp_path / "after.txt", f"--port={port}"):
        view.expect_picture("0/param.bias", 0)
        expect(alert).to_have_count(0)
        view.page.close()
    view.complaints[:] = [said for said in view.complaints if not NETWORK_ERROR.search(said)]
