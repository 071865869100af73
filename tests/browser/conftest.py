"""One browser, one TensorBoard with several runs, and a tab for the tests of a file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import pytest
from playwright.sync_api import Browser, ViewportSize, sync_playwright
from torch import Tensor

from tests.browser.layer_view_page import LayerViewPage
from tests.browser.recorded_samples import Probed, record_probed, record_sorts
from tests.browser.recordings import MARKUP, LiveRun, record_markup, record_spoiled
from tests.conftest import StartTensorBoard
from tests.fixtures import witness
from tests.fixtures.demo_training import Trained, train
from tests.tensorboard_server import TensorBoard

CHROMIUM_FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]

WINDOW: Final = ViewportSize(width=1400, height=1500)
"""High enough for the whole layer tree and all feature maps of a layer at once."""


class OpenTab(Protocol):
    """Open a tab of its own; ``script`` runs in each of its frames before the page's own."""

    def __call__(self, url: str, script: str = "", *, has_touch: bool = False) -> LayerViewPage: ...


@contextmanager
def _tab(
    browser: Browser, url: str, script: str = "", *, has_touch: bool = False
) -> Iterator[LayerViewPage]:
    context = browser.new_context(viewport=WINDOW, device_scale_factor=1, has_touch=has_touch)
    if script:
        context.add_init_script(script)
    try:
        yield LayerViewPage(context.new_page(), url)
    finally:
        context.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium is not None, "expected a program chromium on the PATH, found none"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@dataclass(frozen=True)
class Recorded:
    """The runs "demo" (the first in the list), "live" and "spoiled", and what was seen of them."""

    logdir: Path
    trained: Trained
    live: LiveRun
    spoiled: dict[int, witness.Seen]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    logdir = tmp_path_factory.mktemp("runs")
    record_markup(logdir / f"markup {MARKUP}")
    with closing(LiveRun(logdir / "live")) as live:
        live.train_a_step()
        spoiled = record_spoiled(logdir / "spoiled")
        yield Recorded(logdir, train(logdir / "demo"), live, spoiled)


@pytest.fixture(scope="session")
def tensorboard(recorded: Recorded, start_tensorboard: StartTensorBoard) -> TensorBoard:
    """Over what is recorded: it knows the runs that are there when it starts."""
    return start_tensorboard(recorded.logdir)


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[OpenTab]:
    """Opens tabs that know nothing of one another; in the end, none may have complained."""
    with ExitStack() as tabs:
        opened = []

        def open_one(url: str, script: str = "", *, has_touch: bool = False) -> LayerViewPage:
            opened.append(tabs.enter_context(_tab(browser, url, script, has_touch=has_touch)))
            return opened[-1]

        yield open_one
        complaints = [tab.complaints for tab in opened]
    assert complaints == [[] for _ in complaints]


@pytest.fixture(scope="module")
def shared_tab(browser: Browser, tensorboard: TensorBoard) -> Iterator[LayerViewPage]:
    with _tab(browser, tensorboard.url) as tab:
        yield tab


@pytest.fixture
def view(shared_tab: LayerViewPage) -> Iterator[LayerViewPage]:
    """The tab that the tests of a file share; none may leave a complaint in it."""
    yield shared_tab
    complaints = shared_tab.complaints.copy()
    shared_tab.complaints.clear()
    assert complaints == []


class Samples(NamedTuple):
    """A page over runs with samples of every sort, and what PyTorch saw of them."""

    view: LayerViewPage
    probed: Probed
    sorts: dict[str, tuple[Tensor, Tensor]]


@pytest.fixture(scope="session")
def samples(
    browser: Browser, start_tensorboard: StartTensorBoard, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Samples]:
    logdir = tmp_path_factory.mktemp("samples")
    probed, sorts = record_probed(logdir / "shapes"), record_sorts(logdir)
    with _tab(browser, start_tensorboard(logdir).url) as view:
        yield Samples(view, probed, sorts)
        assert view.complaints == []
