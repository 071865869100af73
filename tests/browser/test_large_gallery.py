"""Very many maps: those in view come first, and the rest can be sorted when it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pytest
import torch
from playwright.sync_api import Route, expect
from torch import nn

import tb_layerview
from tests.browser.colors import viridis_within
from tests.browser.conftest import OpenTab
from tests.browser.layer_view_page import POLL_MS, box_of
from tests.tensorboard_server import TensorBoard, serve

pytestmark = pytest.mark.browser

KEY: Final = "/output"
MAPS: Final = 1024
SIDE: Final = 56
PARTS: Final = re.compile(r"/array\?.*slice=0%2C\d+%3A\d+%2C")
SPAN: Final = re.compile(r"slice=0%2C(\d+)%3A(\d+)%2C")


def layer() -> tuple[nn.Conv2d, torch.Tensor]:
    torch.manual_seed(5)
    return nn.Conv2d(1, MAPS, 3, padding=1), torch.randn(1, 1, SIDE, SIDE)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    directory = tmp_path_factory.mktemp("many")
    model, inputs = layer()
    tb_layerview.snapshot(
        model, directory / "run", 0, inputs=inputs, kinds=["output"], max_elements=None
    )
    with serve(directory, directory / "messages.txt") as tensorboard:
        yield tensorboard


@pytest.fixture(scope="module")
def maps() -> npt.NDArray[Any]:
    model, inputs = layer()
    with torch.no_grad():
        output: npt.NDArray[Any] = model(inputs)[0].numpy()
    return output


def span_of(route: Route) -> tuple[int, int]:
    """Which maps a request is for."""
    found = SPAN.search(route.request.url)
    assert found is not None
    return int(found[1]), int(found[2])


def test_maps_in_view_are_drawn_before_the_others_are_there(
    open_tab: OpenTab, server: TensorBoard, maps: npt.NDArray[Any]
) -> None:
    view = open_tab(server.url)
    held: list[Route] = []
    count = 0
    is_released = False

    def hold(route: Route) -> None:
        nonlocal count
        start, stop = span_of(route)
        if start == 0:
            count = stop
        if start == 0 or is_released:
            route.continue_()
        else:
            held.append(route)

    view.page.route(PARTS, hold)
    view.show(KEY, 0)
    status = view.panel.get_by_role("status")
    expect(status).to_contain_text(f"{MAPS:,} maps; sorted and filtered when all are there")
    assert 0 < count < MAPS
    expect(status).to_contain_text(f"{count} of {MAPS:,}")

    # In the colours of the range of all maps, also of those that are not there.
    def check(places: tuple[int, ...]) -> None:
        shown, picture = view.maps(SIDE, SIDE), view.screenshot()
        for place in places:
            expected = viridis_within(maps[place], maps.min(), maps.max())
            drawn = picture.centers(shown[f"Filter {place + 1}"])
            np.testing.assert_array_equal(drawn, expected)

    view.eventually(lambda: check((0, count - 1)))
    expect(view.panel.get_by_role("figure", name=f"Filter {MAPS}, ")).to_have_accessible_name(
        f"Filter {MAPS}, {SIDE} by {SIDE}, loading"
    )

    # What is scrolled to is asked for next, before what lies between.
    view.panel.evaluate("pane => { pane.scrollTop = pane.scrollHeight; }")
    bands = view.panel.locator("canvas.lv-band")

    def only_the_end_is_drawn() -> None:
        widths = bands.evaluate_all("bands => bands.map(band => band.width)")
        assert widths[0] == 0
        assert widths[-1] > 0

    view.eventually(only_the_end_is_drawn)
    view.page.wait_for_timeout(POLL_MS)  # an effect follows the drawing
    before = len(held)
    held[0].continue_()

    def next_is_in_view() -> None:
        assert len(held) == before + 1
        assert span_of(held[-1])[0] > MAPS / 2

    view.eventually(next_is_in_view)
    is_released = True
    for route in held[1:]:
        route.continue_()
    expect(status).to_have_count(0)
    # Not of the last line: the pane may end within it.
    view.eventually(lambda: check((MAPS - 40,)))

    view.panel.evaluate("pane => { pane.scrollTop = 0; }")
    view.panel.get_by_role("combobox", name="Sort by").select_option("magnitude")
    loudest = int(np.square(maps.astype(np.float64)).mean(axis=(1, 2)).argmax())
    view.eventually(lambda: check((loudest,)))
    assert next(iter(view.maps(SIDE, SIDE))) == f"Filter {loudest + 1}"


def test_maps_along_another_axis_come_in_parts_too(
    open_tab: OpenTab, server: TensorBoard, maps: npt.NDArray[Any]
) -> None:
    view = open_tab(server.url)
    held: list[Route] = []
    spans: list[tuple[int, int]] = []

    def hold(route: Route) -> None:
        found = re.search(r"slice=0%2C%3A%2C%3A%2C(\d+)%3A(\d+)&", route.request.url)
        if found is None:  # blocks, from which the colours have their range
            route.continue_()
            return
        spans.append((int(found[1]), int(found[2])))
        if len(spans) == 1:
            route.continue_()
        else:
            held.append(route)

    view.page.route(re.compile(r"/array\?.*key=%2Foutput.*slice=0%2C%3A"), hold)
    view.show(KEY, 0, layout="srcm", **{"scale.activations": "viridis~robust~linear~~"})
    expect(view.panel.get_by_role("status")).to_contain_text(f"{spans[0][1]} of {SIDE} maps")
    note = view.frame.get_by_role("region", name="Colour scale").get_by_role("status")
    expect(note).to_contain_text("Percentiles are estimated from blocks so far.")

    def check(place: int) -> None:
        shown = box_of(view.panel.get_by_role("figure", name=re.compile(f"^Column {place}\\b")))
        view.page.mouse.move(shown.x + shown.width / 2, shown.y + 60)
        readout = view.frame.locator(".lv-readout").inner_text(timeout=POLL_MS)
        found = re.match(rf"{KEY}\[0, (\d+), (\d+), {place}\] at step 0:\s+(\S+)", readout)
        assert found is not None, readout
        told = float(found[3].replace("\u2212", "-"))
        np.testing.assert_allclose(told, maps[int(found[1]), int(found[2]), place], rtol=1e-6)

    view.eventually(lambda: check(0))
    while len(spans) < len(held) + 1 or spans[-1][1] < SIDE:
        view.page.wait_for_timeout(POLL_MS)
        for route in held:
            route.continue_()
        held.clear()
    for route in held:
        route.continue_()
    expect(view.panel.get_by_role("status")).to_have_count(0)
    expect(note).to_have_count(0)
    view.eventually(lambda: check(SIDE - 1))
    assert min(spans)[0] == 0
    assert [start for start, _ in sorted(spans)[1:]] == [stop for _, stop in sorted(spans)[:-1]]
