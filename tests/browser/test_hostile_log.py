"""Every view of a log whose author means ill, in a browser that would run what it is given."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import WINDOW
from tests.browser.hostile_log import (
    ABSURD,
    LONG,
    PAYLOADS,
    RUN,
    SENTINEL,
    write_absurd,
    write_hostile,
)
from tests.browser.layer_view_page import LayerViewPage
from tests.tensorboard_server import TensorBoard, serve

pytestmark = pytest.mark.browser

ANSWER_SECONDS: Final = 5

LISTEN: Final = """
window.violations = [];
document.addEventListener('securitypolicyviolation', event =>
    window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""

POINT_AT_ALL: Final = """body => {
    for (const element of body.querySelectorAll('*')) {
        const { left, top, width, height } = element.getBoundingClientRect();
        const place = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true };
        for (const kind of ['pointerover', 'pointerenter', 'pointermove']) {
            element.dispatchEvent(new PointerEvent(kind, place));
        }
    }
}"""

Link = dict[str, str | int]

VIEWS: Final[list[Link]] = [
    {"place": "findings"},
    {"place": "health"},
    {"place": "samples", "step": 1},
    {"place": "samples", "step": 1, "sample": 0, "beside": 2},
    *(Link(tab=tab) for tab in ("heat", "compare", "values", "statistics")),
    *(Link(key=f"{PAYLOADS[0]}/output", tab=tab) for tab in ("heat", "compare", "values")),
    {"run": "<img src=evil data-evil onerror=window.top.__ran=1>"},
    {"key": "<svg onload=window.top.__ran=1 data-evil>/output"},
    {
        "element": "<img src=evil data-evil>",
        "gallery": "<b data-evil>",
        "with.key": "<b data-evil>",
    },
]


@pytest.fixture(scope="module")
def absurd_keys() -> list[str]:
    """Filled by `server`."""
    return []


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, absurd_keys: list[str]
) -> Iterator[TensorBoard]:
    folder = tmp_path_factory.mktemp("hostile")
    write_hostile(folder / "logs")
    absurd_keys.extend(write_absurd(folder / "logs"))
    with serve(folder / "logs", folder / "messages.txt") as tensorboard:
        yield tensorboard


@pytest.fixture
def view(
    browser: Browser, server: TensorBoard, request: pytest.FixtureRequest
) -> Iterator[LayerViewPage]:
    """A tab with TensorBoard's policy; without it where the test's parameter says so."""
    has_policy = getattr(request, "param", True)
    context = browser.new_context(viewport=WINDOW, bypass_csp=not has_policy)
    context.add_init_script(LISTEN)
    yield LayerViewPage(context.new_page(), server.url)
    context.close()


def expect_nothing_ran(view: LayerViewPage) -> None:
    for frame in view.page.frames:
        assert frame.evaluate(f"window.{SENTINEL}") is None, frame.url
        assert frame.evaluate("window.violations") == [], frame.url
        assert frame.evaluate("document.querySelectorAll('[data-evil]').length") == 0, frame.url


@pytest.mark.parametrize("view", [True, False], ids=["policy", "no policy"], indirect=True)
def test_no_view_of_a_hostile_log_runs_anything(view: LayerViewPage, server: TensorBoard) -> None:
    """With the policy, which would tell what it stopped, and without: nothing may rely on it."""
    asked: list[str] = []
    shown: list[str] = []
    view.page.on("request", lambda request: asked.append(request.url))
    for link in VIEWS:
        view.open(**{"run": RUN, **link})
        expect(view.frame.locator("main")).to_be_visible()
        view.page.wait_for_load_state("networkidle")
        view.frame.locator("body").evaluate(POINT_AT_ALL)
        shown.append(view.frame.locator("body").inner_text())
        expect_nothing_ran(view)
    # Each was there to be run, as the text that it is.
    assert [payload for payload in PAYLOADS[:7] if not any(payload in text for text in shown)] == []
    filter_box = view.frame.get_by_role("searchbox").or_(view.frame.get_by_role("textbox")).first
    for text in (*PAYLOADS, "/<img src=evil data-evil>(/", "kind:<b data-evil>"):
        filter_box.fill(text)
        expect_nothing_ran(view)
    own = urlsplit(server.url).netloc
    assert {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))} == {
        own
    }
    assert not [url for url in asked if url.endswith("/evil")]
    # The browser itself tells of what was not found, as two links asked for.
    missed = re.compile("Failed to load resource: .*404")
    assert [told for told in view.complaints if not missed.search(told)] == []


def test_what_is_saved_of_a_hostile_log_does_nothing_where_it_is_opened(
    view: LayerViewPage, tmp_path: Path
) -> None:
    view.open(run=RUN, key=f"{PAYLOADS[0]}/output", step=1)
    view.frame.get_by_role("button", name="Save…").click()
    sheet = view.frame.get_by_role("dialog", name="Save")
    for name in ("SVG", "CSV", "PNG"):
        with view.page.expect_download() as waiting:
            sheet.get_by_role("button", name=name).click()
        download = waiting.value
        assert re.fullmatch(r"[\w.-]+", download.suggested_filename, re.ASCII)
        path = tmp_path / f"saved.{name.lower()}"
        download.save_as(path)
        if name == "SVG":
            tab = view.page.context.new_page()
            tab.goto(path.as_uri())
            assert tab.evaluate(f"window.{SENTINEL}") is None
            assert tab.evaluate("document.querySelectorAll('[data-evil], script').length") == 0
            tab.close()
        if name == "CSV":
            cells = re.findall(r'(?:^|,)"?([^",\n]*)', path.read_text(), re.MULTILINE)
            text = [cell for cell in cells if not re.fullmatch(r"-?[\d.einfa+-]*", cell.lower())]
            assert not [cell for cell in text if cell[:1] in set("=+-@\t\r")]
    expect_nothing_ran(view)


def test_an_expression_that_would_never_end_is_ended_and_the_page_goes_on(
    view: LayerViewPage,
) -> None:
    view.open(run=RUN)
    items = view.frame.get_by_role("treeitem")
    expect(items.first).to_be_visible()
    box = view.frame.get_by_role("searchbox", name="Filter layers")
    box.fill("/^(a+)+$/")
    expect(view.text("takes longer than 1 s")).to_be_visible()
    before = time.monotonic()
    assert view.frame.locator("body").evaluate("() => 1 + 1") == 2
    assert time.monotonic() - before < ANSWER_SECONDS
    box.fill("/^a+!$/")
    expect(items.filter(has_text=LONG)).to_have_count(1)
    expect(view.text("takes longer")).to_have_count(0)
    # Only the module's own line, its tensors and those of what leads to it are left.
    assert items.count() < len(PAYLOADS)


def test_a_shape_beyond_all_bounds_hangs_no_view(
    view: LayerViewPage, absurd_keys: list[str]
) -> None:
    for key in absurd_keys:
        for tab in ("heat", "values"):
            view.open(run=ABSURD, key=key, step=1, tab=tab)
            view.page.wait_for_load_state("networkidle")
            before = time.monotonic()
            assert view.frame.locator("main").evaluate("main => main.innerText.length") > 0
            assert time.monotonic() - before < ANSWER_SECONDS, (key, tab)
    for place in ("health", "findings", "samples"):
        view.open(run=ABSURD, place=place)
        expect(view.frame.locator("main")).to_be_visible()
    expect_nothing_ran(view)
    # What cannot be served is refused, as the browser itself tells.
    refused = re.compile("Failed to load resource: .*(404|413|500|400)")
    assert [told for told in view.complaints if not refused.search(told)] == []


def test_such_a_text_would_run_if_it_were_taken_for_html(browser: Browser) -> None:
    """What the other tests look for is there when there is reason to."""
    page = browser.new_page()
    page.set_content("<p></p>")
    page.evaluate("text => document.body.insertAdjacentHTML('beforeend', text)", PAYLOADS[0])
    page.wait_for_function(f"window.{SENTINEL} === 1")
    assert page.evaluate("document.querySelectorAll('[data-evil]').length") == 1
    page.close()
