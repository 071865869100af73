"""What is taken away from the page: pictures, arrays, tables, code and links."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, Download, Locator, expect
from torch import nn

from tb_layerview import snapshot
from tests.browser.colors import viridis
from tests.browser.conftest import WINDOW, OpenTab, Recorded
from tests.browser.layer_view_page import LayerViewPage, box_of
from tests.conftest import StartTensorBoard
from tests.tensorboard_server import TensorBoard, serve

pytestmark = pytest.mark.browser

WEIGHT: Final = "fc_final.0/param.weight"
MAPS: Final = "conv2.0/output"
STEP: Final = 10
SVG: Final = "{http://www.w3.org/2000/svg}"
VIRIDIS: Final = {"scale.weights": "viridis~auto~linear"}


def open_sheet(view: LayerViewPage) -> Locator:
    view.frame.get_by_role("button", name="Save…").click()
    return view.frame.get_by_role("dialog", name="Save")


def saved(view: LayerViewPage, button: Locator) -> tuple[Download, bytes]:
    with view.page.expect_download() as waiting:
        button.click()
    view.page.keyboard.press("Escape")
    return waiting.value, Path(waiting.value.path()).read_bytes()


def test_the_npy_file_is_the_slice_bit_for_bit(view: LayerViewPage, recorded: Recorded) -> None:
    view.show(MAPS, STEP, sample=2)
    sheet = open_sheet(view)
    download, content = saved(view, sheet.get_by_role("link", name="NumPy"))
    assert download.suggested_filename == "conv2.0_output_step10_2.npy"
    array = np.load(io.BytesIO(content), allow_pickle=False)
    expected = recorded.trained.kept[STEP][MAPS].numpy()[2]
    assert array.dtype == expected.dtype
    np.testing.assert_array_equal(array, expected)


def test_a_map_that_is_shown_large_is_taken_alone(view: LayerViewPage, recorded: Recorded) -> None:
    view.show(MAPS, STEP, sample=1, map=7)
    sheet = open_sheet(view)
    expect(sheet).to_contain_text("[1, 7, :, :]")
    _, content = saved(view, sheet.get_by_role("button", name="CSV"))
    table = np.loadtxt(io.BytesIO(content), delimiter=",", dtype=np.float32)
    np.testing.assert_array_equal(table, recorded.trained.kept[STEP][MAPS].numpy()[1, 7])


def test_the_csv_of_many_maps_tells_where_each_row_is(
    view: LayerViewPage, recorded: Recorded
) -> None:
    view.show(MAPS, STEP, sample=0)
    _, content = saved(view, open_sheet(view).get_by_role("button", name="CSV"))
    assert content.startswith(b'"Filter","Row",0,1,2,3,4,5,6,7,8,9,10,11\n')
    table = np.loadtxt(io.BytesIO(content), delimiter=",", skiprows=1, dtype=np.float64)
    expected = recorded.trained.kept[STEP][MAPS].numpy()[0]
    filters, rows = table[:, 0].astype(int), table[:, 1].astype(int)
    np.testing.assert_array_equal(table[:, 2:].astype(np.float32), expected[filters, rows])
    assert len(table) == 64 * 12


def test_the_code_loads_exactly_what_is_shown(
    view: LayerViewPage, recorded: Recorded, tmp_path: Path
) -> None:
    view.show(MAPS, STEP, sample=3, map=5)
    code = open_sheet(view).locator("pre")
    expect(code).to_contain_text(str(recorded.logdir / "demo"))
    script = code.inner_text() + "\nimport numpy\nnumpy.save('found.npy', array)\n"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
    view.page.keyboard.press("Escape")
    expected = recorded.trained.kept[STEP][MAPS].numpy()[3, 5]
    np.testing.assert_array_equal(np.load(tmp_path / "found.npy"), expected)


def test_the_png_is_what_is_seen(view: LayerViewPage, recorded: Recorded) -> None:
    view.show(WEIGHT, STEP, **VIRIDIS)
    matrix = view.heatmap(10, 64)
    heading, pane = (box_of(view.frame.locator(part)) for part in (".lv-heading-words", "#lv-pane"))
    # The pane stands right below the heading.
    left, top = min(heading.x, pane.x), pane.y - heading.height
    _, content = saved(view, open_sheet(view).get_by_role("button", name="PNG"))
    with Image.open(io.BytesIO(content)) as image:
        pixels = np.asarray(image.convert("RGB")).astype(int)
    values = recorded.trained.kept[STEP][WEIGHT].numpy()
    places = [matrix.center(row, column) for row, column in np.ndindex(10, 64)]
    seen = np.array([pixels[int(y - top), int(x - left)] for x, y in places])
    assert abs(seen.reshape(10, 64, 3) - viridis(values).astype(int)).max() <= 1


def test_the_svg_has_the_axes_and_the_legend_as_text(view: LayerViewPage) -> None:
    view.show(WEIGHT, STEP, **VIRIDIS)
    _, content = saved(view, open_sheet(view).get_by_role("button", name="SVG"))
    drawing = ET.fromstring(content.decode())  # noqa: S314 - our own file
    words = {"".join(text.itertext()) for text in drawing.iter(f"{SVG}text")}
    assert {"Output Node Index", "Input Node Index", "fc_final.0", "0", "8"} <= words
    images = [image.get("href", "") for image in drawing.iter(f"{SVG}image")]
    # The picture, and the bar of its colours.
    assert len(images) == 2
    assert all(image.startswith("data:image/png;base64,") for image in images)


def test_the_link_restores_the_view(view: LayerViewPage) -> None:
    view.show(MAPS, STEP, sample=2, map=9)
    view.page.wait_for_url(re.compile("map=9"))
    sheet = open_sheet(view)
    sheet.get_by_role("button", name="Copy the link to this view").click()
    expect(sheet).to_contain_text("Copied")
    view.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    address = view.page.url
    view.page.goto("about:blank")
    view.page.goto(address)
    view.expect_picture(MAPS, STEP)
    expect(view.frame.get_by_role("combobox", name="Map", exact=True)).to_have_value("9")


@pytest.mark.parametrize(
    ("link", "stem", "words"),
    [
        ({"tab": "compare", "key": WEIGHT}, "fc_final.0_param.weight_step10_compared", "A - B"),
        ({"place": "samples"}, "samples_step10", "Prediction"),
        ({"place": "health"}, "health_rms_outputs", "conv2.0/output"),
    ],
)
def test_other_pictures_can_be_saved_too(
    view: LayerViewPage, link: dict[str, str | int], stem: str, words: str
) -> None:
    view.open(run="demo", step=STEP, **link)
    sheet = open_sheet(view)
    download, content = saved(view, sheet.get_by_role("button", name="SVG"))
    assert download.suggested_filename == f"{stem}.svg"
    drawing = ET.fromstring(content.decode())  # noqa: S314 - our own file
    texts = {"".join(text.itertext()).strip() for text in drawing.iter(f"{SVG}text")}
    assert words in texts
    assert any(True for _ in drawing.iter(f"{SVG}image"))


def test_the_code_works_where_tensorboard_reads_several_directories(
    browser: Browser, tmp_path: Path
) -> None:
    model = nn.Linear(3, 2, bias=False)
    snapshot(model, tmp_path / "here" / "run", 0, inputs=torch.ones(1, 3))
    log = tmp_path / "messages.txt"
    spec = f"--logdir_spec=mine:{tmp_path / 'here'}"
    context = browser.new_context(viewport=WINDOW)
    with serve(None, log, spec) as tensorboard:
        view = LayerViewPage(context.new_page(), tensorboard.url)
        view.show("/param.weight", 0, run="mine/run")
        code = open_sheet(view).locator("pre").inner_text()
        context.close()
    script = f"{code}\nimport numpy\nnumpy.save('found.npy', array)\n"
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True)
    np.testing.assert_array_equal(np.load(tmp_path / "found.npy"), model.weight.detach().numpy())


def test_a_csv_that_would_be_too_long_is_refused_before_anything_is_read(
    browser: Browser, start_tensorboard: StartTensorBoard, tmp_path: Path
) -> None:
    model = nn.Linear(1448, 1400, bias=False)
    snapshot(model, tmp_path / "run", 0, inputs=torch.ones(1, 1448), kinds=["param"])
    context = browser.new_context(viewport=WINDOW)
    view = LayerViewPage(context.new_page(), start_tensorboard(tmp_path).url)
    view.show("/param.weight", 0)
    sheet = open_sheet(view)
    expect(sheet).to_contain_text("2,027,200 elements")
    expect(sheet).to_contain_text("CSV has at most 2,000,000 elements")
    expect(sheet.get_by_role("button", name="CSV")).to_be_disabled()
    view.page.keyboard.press("Escape")
    # A part of it has its place in its name.
    view.show("/param.weight", 0, view="100:400,7:407")
    sheet = open_sheet(view)
    download, content = saved(view, sheet.get_by_role("button", name="CSV"))
    assert download.suggested_filename == "param.weight_step0_100to400-7to407.csv"
    table = np.loadtxt(io.BytesIO(content), delimiter=",", dtype=np.float32)
    np.testing.assert_array_equal(table, model.weight.detach().numpy()[100:400, 7:407])
    context.close()


def test_the_keyboard_opens_and_closes_the_sheet(view: LayerViewPage) -> None:
    view.show(WEIGHT, STEP)
    view.page.keyboard.press("s")
    expect(view.frame.get_by_role("dialog", name="Save")).to_be_visible()
    view.page.keyboard.press("Escape")
    expect(view.frame.get_by_role("dialog", name="Save")).to_have_count(0)


def test_a_sheet_copies_where_the_clipboard_is_closed_to_the_page(
    open_tab: OpenTab, tensorboard: TensorBoard
) -> None:
    # As over plain HTTP from another machine.
    closed = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
    view = open_tab(tensorboard.url, closed)
    view.show("fc_final.0/param.weight", 10, run="demo")
    view.frame.get_by_role("button", name="Save…").click()
    sheet = view.frame.get_by_role("dialog", name="Save")
    sheet.get_by_role("button", name="Copy the link to this view").click()
    expect(sheet.get_by_text("Copied", exact=True)).to_be_visible()
    view.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    filter_box = view.frame.get_by_role("searchbox", name="Filter layers")
    filter_box.focus()
    view.page.keyboard.press("ControlOrMeta+V")
    expect(filter_box).to_have_value(re.compile("^http.*#layerview"))
    # Where the address was just written, TensorBoard may have put its parts into another order.
    assert sorted(filter_box.input_value().split("&")) == sorted(view.page.url.split("&"))
