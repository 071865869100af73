"""Prints what pictures cost in the browser: `python -m benchmarks.browser [--rounds N]`."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.sync_api import Browser, Frame, Page, sync_playwright

from benchmarks.browser.recordings import HUGE, MAPS, SIDES, record
from tests.browser.conftest import CHROMIUM_FLAGS
from tests.tensorboard_server import serve

FOLDER: Final = Path(__file__).parent
PATIENCE_MS: Final = 180_000
FRAMES: Final = 30
LATE_MS: Final = 25
"""From here on a frame of a display of 60 Hz was left out."""

UNPACED: Final = "--disable-frame-rate-limit"
"""What a picture takes is measured, on both sides, without the wait for a display's next frame."""

REST_MS: Final = 300
"""So long the pointer rests on what is to be clicked."""

SIDE_KEYS: Final = {str(side): f"side{side}/param.weight" for side in SIDES}
START: Final = "#layerview&p.layerview.run=some&p.layerview.step=0"
HUGE_KEY: Final = "/param.weight"
MEGABYTE: Final = 1e6


@contextmanager
def tab(browser: Browser, url: str, script: str) -> Iterator[tuple[Page, Frame]]:
    """A tab with the page of the plugin, or with an address of the same origin alone."""
    context = browser.new_context(viewport={"width": 1400, "height": 1100})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    if "#layerview" in url:
        page.frame_locator("iframe[src*='name=layerview']").get_by_role("tree").wait_for()
        frame = next(each for each in page.frames if "name=layerview" in each.url)
    else:
        frame = page.main_frame
    frame.evaluate(script)
    try:
        yield page, frame
    finally:
        context.close()


def script_of(name: str) -> str:
    """A file of this folder, such that what it declares can be called from outside of it."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    return f"(0, eval)({text!r})"


def plotly() -> str:
    """Plotly's own bundle, out of its Python package."""
    bundle = files("plotly").joinpath("package_data/plotly.min.js")
    return bundle.read_text(encoding="utf-8")


def theirs(browser: Browser, url: str) -> dict[str, Any]:
    """One round of Plotly: milliseconds by what was drawn."""
    script = plotly() + ";" + (FOLDER / "theirs.js").read_text(encoding="utf-8")
    with tab(browser, f"{url}data/plugin/layerview/runs", f"(0, eval)({script!r})") as (_, frame):
        found: dict[str, Any] = {}
        for side in SIDES:
            found[str(side)] = frame.evaluate(f"heatmap('side{side}/param.weight', {side})")
        found["maps"] = frame.evaluate(f"gallery('maps/output', {MAPS[0]}, {MAPS[1]})")
        return found


def ours(browser: Browser, url: str, *, with_huge: bool) -> dict[str, Any]:
    """One round of the page: milliseconds by what was drawn."""
    with tab(browser, f"{url}{START}", script_of("ours.js")) as (_, frame):
        found: dict[str, Any] = {}
        for name, key in SIDE_KEYS.items():
            found[name] = {"first": frame.evaluate(f"click('{key}')")}
            found[name]["zoom"] = median(frame.evaluate(f"zoomFrames({FRAMES})"))
            found[name]["pan"] = median(frame.evaluate(f"panFrames({FRAMES})"))
            found[name]["step"] = frame.evaluate(f"nextStep('{key}')")
        found["maps"] = {"first": frame.evaluate("click('maps/output')")}
        if with_huge:
            found[str(HUGE)] = {"first": frame.evaluate(f"visit('huge', '{HUGE_KEY}')")}
            found[str(HUGE)]["zoom"] = median(frame.evaluate(f"zoomFrames({FRAMES})"))
            found[str(HUGE)]["pan"] = median(frame.evaluate(f"panFrames({FRAMES})"))
        heap = frame.evaluate("performance.memory.usedJSHeapSize")
        found["heap"] = {"MB": heap / MEGABYTE}
    found["maps"]["ahead"] = clicked(browser, url, "maps/output")
    return found


def clicked(browser: Browser, url: str, key: str) -> float:
    """Milliseconds from the click of a mouse that rested on a line to the picture of its tensor.

    The page fetches ahead what is pointed at; beside it stands the library with the data at hand.
    """
    with tab(browser, f"{url}{START}", script_of("ours.js")) as (page, frame):
        frame.evaluate(f"click('{SIDE_KEYS[str(SIDES[0])]}')")
        frame.locator(f"[role=treeitem][title^='{key} ']").hover()
        page.wait_for_timeout(REST_MS)
        frame.evaluate(f"void (window.taken = clicked('{key}'))")
        page.mouse.down()
        page.mouse.up()
        taken: float = frame.evaluate("window.taken")
        return taken


def paced(browser: Browser, url: str, *, with_huge: bool) -> dict[str, Any]:
    """One round of panning at the pace of a display, and of a small box in place of it.

    What the browser cannot keep up with when a box of ten pixels changes is none of the page's.
    """
    with tab(browser, f"{url}{START}", script_of("ours.js")) as (_, frame):
        found: dict[str, Any] = {}
        places = [(name, "some", key) for name, key in SIDE_KEYS.items()]
        if with_huge:
            places.append((str(HUGE), "huge", HUGE_KEY))
        for name, run, key in places:
            frame.evaluate(f"visit('{run}', '{key}')")
            frame.evaluate(f"zoomFrames({FRAMES})")
            box = frame.evaluate(f"boxIntervals({FRAMES})")
            pan = frame.evaluate(f"panIntervals({FRAMES})")
            found[name] = {
                "pan at 60 Hz": median(pan),
                f"left out, of {FRAMES}": sum(each > LATE_MS for each in pan),
                "worst frame": max(pan),
                "of a box: left out": sum(each > LATE_MS for each in box),
                "of a box: worst": max(box),
            }
        return found


def medians(rounds: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Of each figure of each picture, the median over the rounds."""
    return {
        name: {figure: median(each[name][figure] for each in rounds) for figure in rounds[0][name]}
        for name in rounds[0]
    }


def main() -> None:
    """Measure both in turn, and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds that are counted")
    parser.add_argument("--small", action="store_true", help="without the matrix of a gigabyte")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        logdir = Path(folder, "runs")
        record(logdir, with_huge=not options.small)
        launch = partial(playwright.chromium.launch, executable_path=shutil.which("chromium"))
        browser = launch(args=[*CHROMIUM_FLAGS, UNPACED])
        display = launch(args=CHROMIUM_FLAGS)
        with serve(logdir, Path(folder, "messages.txt")) as tensorboard:
            found = [
                (
                    theirs(browser, tensorboard.url),
                    ours(browser, tensorboard.url, with_huge=not options.small),
                    paced(display, tensorboard.url, with_huge=not options.small),
                )
                for _ in range(options.rounds)
            ]
        browser.close()
        display.close()
    plotted, drawn, shown = (medians(list(rounds)) for rounds in zip(*found, strict=True))
    for name, figures in shown.items():
        drawn[name] |= figures
    print(f"{'ms, median of ' + str(options.rounds):28}{'Plotly':>10}{'here':>10}{'ratio':>8}")
    for name, figures in drawn.items():
        for figure, value in figures.items():
            other = plotted.get(name, {}).get(figure)
            beside = f"{other:10.1f}" if other is not None else " " * 10
            ratio = f"{other / value:8.1f}" if other is not None else ""
            print(f"{name + ' ' + figure:28}{beside}{value:10.1f}{ratio}")


if __name__ == "__main__":
    main()
