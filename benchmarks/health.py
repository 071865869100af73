"""Prints what the health map of a long run costs: `python -m benchmarks.health`."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from playwright.sync_api import Browser, Frame, Page, sync_playwright

from benchmarks.long_log import write_long_log
from tests.browser.conftest import CHROMIUM_FLAGS
from tests.tensorboard_server import serve

PATIENCE_MS: Final = 600_000
SCROLLS: Final = 60
LATE_MS: Final = 25
"""From here on a frame of a display of 60 Hz was left out."""

PLUGIN: Final = "iframe[src*='name=layerview']"

NOTE_TREE: Final = """
    const look = () => {
        if (document.querySelector('[role=tree]') === null) return requestAnimationFrame(look);
        window.treeAt = performance.timeOrigin + performance.now();
    };
    if (location.href.includes('name=layerview')) look();
"""
"""Notes in the plugin's frame when its tree was there, in milliseconds since 1970."""

DRAW: Final = """() => new Promise(resolve => {
    const buttons = [...document.querySelectorAll('button')];
    const began = performance.now();
    let first = null;
    const look = () => {
        const took = performance.now() - began;
        const canvas = document.querySelector('.lv-health .lv-strips canvas');
        if (canvas !== null) first ??= took;
        const isBusy = document.querySelector('.lv-health[aria-busy=false]') === null;
        if (canvas !== null && !isBusy) return resolve([first, took]);
        requestAnimationFrame(look);
    };
    buttons.find(button => button.textContent.trim() === 'Health').click();
    requestAnimationFrame(look);
})"""
"""Milliseconds from the choice of the map to its first picture, and to all of it."""

BEGIN: Final = """() => {
    const buttons = [...document.querySelectorAll('button')];
    buttons.find(button => button.textContent.trim() === 'Health').click();
}"""
"""Chooses the map."""

SCROLL: Final = """count => new Promise(resolve => {
    const strips = document.querySelector('.lv-strips');
    const times = [];
    let before = null;
    const step = now => {
        if (before !== null) times.push(now - before);
        before = now;
        if (times.length === count) return resolve(times);
        strips.scrollTop += strips.clientHeight / 3;
        requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
})"""
"""Milliseconds of each of some frames of a scroll, a third of a page each."""


def resident_megabytes(pid: int) -> float:
    """Memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    status = dict(line.split(":", 1) for line in lines)
    return int(status["VmRSS"].split()[0]) / 1024


def open_page(browser: Browser, url: str) -> tuple[Page, Frame]:
    """A new page, once the layer tree of the log is in it, and the plugin's frame of it."""
    page = browser.new_page(viewport={"width": 1400, "height": 1100})
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(NOTE_TREE)
    page.goto(f"{url}#layerview&p.layerview.run=long&p.layerview.tab=statistics")
    page.frame_locator(PLUGIN).get_by_role("tree").wait_for()
    return page, next(each for each in page.frames if "name=layerview" in each.url)


def main() -> None:
    """Write the log, unless there is one, look at its map, and print what that took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=5000)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--logdir", type=Path, help="where the log is kept for another time")
    options = parser.parse_args()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        logdir: Path = options.logdir or scratch / "runs"
        if not (logdir / "long").exists():
            write_long_log(logdir / "long", options.layers, options.steps)
        playwright = stack.enter_context(sync_playwright())
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        stack.callback(browser.close)
        tensorboard = stack.enter_context(serve(logdir, scratch / "messages.txt"))
        idle = resident_megabytes(tensorboard.pid)
        page, frame = open_page(browser, tensorboard.url)
        tree_at = frame.evaluate("window.treeAt") - page.evaluate("performance.timeOrigin")
        first, whole = frame.evaluate(DRAW)
        figures = {"layer tree, s": tree_at / 1e3}
        figures |= {"first picture, s": first / 1e3, "all of it, s": whole / 1e3}
        times = frame.evaluate(SCROLL, SCROLLS)
        figures["scroll frame, ms, median"] = median(times)
        figures["scroll frame, ms, longest"] = max(times)
        figures[f"scroll frames left out, of {SCROLLS}"] = sum(each > LATE_MS for each in times)
        heap = frame.evaluate("performance.memory.usedJSHeapSize")
        figures["memory of the tab, MB"] = heap / 1e6
        figures["memory of the server, MB"] = resident_megabytes(tensorboard.pid)
        figures["of these before the page, MB"] = idle
        page.close()
        page, frame = open_page(browser, tensorboard.url)
        frame.evaluate(BEGIN)
        frame.wait_for_selector(".lv-health .lv-strips canvas")
        times = frame.evaluate(SCROLL, SCROLLS)
        figures["frames left out while it reads"] = sum(each > LATE_MS for each in times)
        figures["these frames together, s"] = sum(times) / 1e3
        began = perf_counter()
        frame.wait_for_selector(".lv-health[aria-busy=false]")
        figures["from then to all of it, s"] = perf_counter() - began
    for name, figure in figures.items():
        print(f"{name:32}{figure:10.1f}")


if __name__ == "__main__":
    main()
