"""The shader beside its twin in plain code, pixel by pixel, in a real Chromium."""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

FRONTEND = Path(__file__).parents[2] / "frontend"
VITE = FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"
KEEP_CONTEXTS = """
window.contexts = [];
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (...args) {
  const context = getContext.apply(this, args);
  if (context instanceof WebGL2RenderingContext) window.contexts.push(context);
  return context;
};
"""

SMALL_TEXTURES = """
window.tooLarge = [];
const { getParameter, texImage2D, texStorage3D } = WebGL2RenderingContext.prototype;
const limit = 2048;
const watch = (width, height) => {
  if (width > limit || height > limit) window.tooLarge.push(`${width} x ${height}`);
};
Object.assign(WebGL2RenderingContext.prototype, {
  getParameter(name) {
    return name === this.MAX_TEXTURE_SIZE ? limit : getParameter.call(this, name);
  },
  texImage2D(...args) {
    watch(args[3], args[4]);
    return texImage2D.apply(this, args);
  },
  texStorage3D(...args) {
    watch(args[3], args[4]);
    return texStorage3D.apply(this, args);
  },
});
"""
"""A device whose textures end at the least that WebGL2 allows, and what is too large for it."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not VITE.exists(), reason="the front end's packages are not installed"),
]


class SilentHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing: a test's output is pytest's."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the built page, served as long as the tests of this file run."""
    folder = tmp_path_factory.mktemp("twin")
    node = shutil.which("node")
    assert node is not None
    config = "tests/gl/twinPage.vite.config.ts"
    command = [node, str(VITE), "build", "--config", config, "--outDir", str(folder)]
    subprocess.run(command, cwd=FRONTEND, check=True, capture_output=True)
    (folder / "index.html").write_text(
        '<!doctype html><link rel="icon" href="data:,">'
        '<script type="module" src="twinPage.js"></script>'
    )
    handler = functools.partial(SilentHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    page = browser.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.add_init_script(KEEP_CONTEXTS)
    page.goto(f"{address}?renderer=webgl2", wait_until="load")
    yield page
    page.close()
    assert errors == []


def test_shader_and_twin_give_the_same_pixels_for_every_kind_of_value(page: Page) -> None:
    report = page.evaluate("compareAll()")
    assert report["differing"] == []
    # Eighteen arrays by six ranges, three transforms and eight layouts, in nearly every colour.
    assert report["pictures"] == 18 * 6 * 3 * 8
    assert report["colors"] > 250
    assert page.evaluate("contexts.length") == 1


def test_shader_and_twin_give_the_same_pixels_across_texture_pages(page: Page) -> None:
    assert page.evaluate("comparePages()") == 0


def test_textures_that_end_at_2048_change_no_pixel(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.add_init_script(SMALL_TEXTURES)
    page.goto(f"{address}?renderer=webgl2", wait_until="load")
    assert page.evaluate("compareExample()") == {"differing": 0, "renderer": "webgl2"}
    # Four million elements, and pictures on both sides of the limit.
    assert page.evaluate("comparePages()") == 0
    for width in (2048, 2049, 5000):
        assert page.evaluate("width => compareWide(width).differing", width) == 0
    assert page.evaluate("tooLarge") == []
    page.close()


def test_comparison_sees_another_colour_map(page: Page) -> None:
    assert page.evaluate("compareDifferentMaps()") > 0.9 * (24 * 9) * (20 * 9)


def test_lost_context_leaves_the_same_pixels_and_a_new_one_is_made(page: Page) -> None:
    assert page.evaluate("compareExample()") == {"differing": 0, "renderer": "webgl2"}
    page.evaluate("contexts.forEach(gl => gl.getExtension('WEBGL_lose_context').loseContext())")
    assert page.evaluate("compareExample().differing") == 0
    assert page.evaluate("compareExample()") == {"differing": 0, "renderer": "webgl2"}
    assert page.evaluate("contexts.length") == 2


@pytest.mark.parametrize("query", ["?renderer=2d", ""])
def test_processor_draws_where_asked_to_and_where_webgl_would_be_emulated(
    page: Page, address: str, query: str
) -> None:
    page.goto(address + query, wait_until="load")
    assert page.evaluate("compareExample()") == {"differing": 0, "renderer": "2d"}
