"""The main views in a second engine: Gecko, as Debian's Firefox ESR."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import numpy as np
import pytest

from tests.browser.colors import Box, Cells, Screenshot, viridis
from tests.browser.layer_view_page import TENSORBOARDS_OWN
from tests.engines.conftest import LARGE, MAPS, STEP, WEIGHT, Known, program
from tests.engines.firefox import Firefox, started
from tests.tensorboard_server import TensorBoard, serve

SIZE = (1400, 1000)


@pytest.fixture(scope="module")
def tensorboard(known: Known, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TensorBoard]:
    with serve(known.logdir, tmp_path_factory.mktemp("firefox") / "messages.txt") as running:
        yield running


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    path = program("firefox-esr", "firefox-esr")
    with started(path, tmp_path_factory.mktemp("profile")) as firefox:
        firefox.size(*SIZE)
        yield firefox


def show(firefox: Firefox, tensorboard: TensorBoard, **link: object) -> None:
    view = {"run": "exp1", "step": STEP, **link}
    words = "&".join(f"p.layerview.{name}={quote(str(value))}" for name, value in view.items())
    firefox.open("about:blank")  # an address that differs in its hash alone loads nothing
    firefox.open(f"{tensorboard.url}#layerview&{words}")


def told(key: str) -> str:
    return f"document.body.innerText.includes({f'{key} at step {STEP},'!r})"


def box_of(firefox: Firefox, selector: str) -> Box:
    """Where an element of the plugin's frame is in the window."""
    found = firefox.wait_for(
        f"(() => {{ const e = document.querySelector({selector!r});"
        "if (!e) return null; const inner = e.getBoundingClientRect();"
        "const outer = frameElement.getBoundingClientRect();"
        "return [outer.x + inner.x, outer.y + inner.y, inner.width, inner.height]; })()"
    )
    return Box(*found)


def test_a_weight_has_the_colours_and_the_numbers_of_numpy(
    firefox: Firefox, tensorboard: TensorBoard, known: Known
) -> None:
    weight = known.arrays[WEIGHT]
    show(firefox, tensorboard, key=WEIGHT, **{"scale.weights": "viridis~auto~linear"})
    firefox.wait_for(told(WEIGHT))
    cells = Cells(box_of(firefox, "#lv-pane [role=application]"), *weight.shape)
    picture = Screenshot(firefox.screenshot(), Box(0, 0, *SIZE))
    np.testing.assert_array_equal(picture.centers(cells), viridis(weight))
    firefox.point_at(*cells.center(4, 7))
    tooltip = firefox.wait_for("document.querySelector('[role=tooltip]')?.innerText")
    value, *_, where = tooltip.split("\n")
    assert where == "Output Node Index 4, Input Node Index 7"
    assert np.float32(value) == weight[4, 7]


def test_feature_maps_have_a_picture_each_and_what_is_no_number_is_told(
    firefox: Firefox, tensorboard: TensorBoard, known: Known
) -> None:
    maps = known.arrays[MAPS]
    show(firefox, tensorboard, key=MAPS, sample=0)
    firefox.wait_for(told(MAPS))
    titles = firefox.wait_for(
        "[...document.querySelectorAll('#lv-pane figure')].map(f => f.innerText.trim())"
    )
    assert titles == [f"Filter {number + 1}" for number in range(maps.shape[1])]
    show(firefox, tensorboard, key=MAPS, sample=1, tab="values")
    firefox.wait_for("document.querySelector('#lv-pane')?.innerText.includes('NaN')")


def test_a_large_matrix_is_drawn_in_tiles(
    firefox: Firefox, tensorboard: TensorBoard, known: Known
) -> None:
    show(firefox, tensorboard, key=LARGE)
    firefox.wait_for(told(LARGE))
    box = box_of(firefox, "#lv-pane [role=application]")
    colors = Screenshot(firefox.screenshot(), Box(0, 0, *SIZE)).inside(box)
    assert len(np.unique(colors.reshape(-1, 3), axis=0)) > 50
    assert known.arrays[LARGE].shape == (1500, 1400)


@pytest.mark.parametrize(
    "link",
    [
        {"key": WEIGHT, "tab": "statistics"},
        {"key": WEIGHT, "tab": "compare"},
        {"place": "health"},
        {"place": "findings"},
        {"place": "samples"},
    ],
)
def test_every_view_is_there_without_an_alert(
    firefox: Firefox, tensorboard: TensorBoard, link: dict[str, str]
) -> None:
    show(firefox, tensorboard, **link)
    firefox.wait_for("document.querySelector('main')?.innerText.length > 20")
    assert firefox.evaluate("[...document.querySelectorAll('[role=alert]')].length") == 0


def test_an_expression_is_looked_for_in_a_thread(
    firefox: Firefox, tensorboard: TensorBoard
) -> None:
    show(firefox, tensorboard)
    firefox.wait_for("document.querySelectorAll('[role=treeitem]').length > 3")
    firefox.evaluate(
        "(() => { const box = document.getElementById('lv-filter'); box.value = '/^fc.*t$/';"
        "box.dispatchEvent(new InputEvent('input', { bubbles: true })); })()"
    )
    firefox.wait_for(
        "(t => t.includes('(fc)') && !t.includes('(conv)') && !t.includes('(large)'))"
        "(document.querySelector('[role=tree]').innerText)"
    )


def test_the_console_was_silent(firefox: Firefox) -> None:
    own = [said for said in firefox.complaints if not any(n in said for n in TENSORBOARDS_OWN)]
    assert own == []
