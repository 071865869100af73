"""Takes the pictures of the README anew: `make pictures`.

The page of the demo's run, and of one in which a filter of its model overflows.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import torch
from playwright.sync_api import Browser, ViewportSize, sync_playwright

import tb_layerview
from demo.digits import bundled_digits
from demo.model import CNN
from demo.train import negative_log_likelihood
from tb_layerview import LayerView
from tb_layerview.errors import LayerViewWarning
from tests.browser.conftest import CHROMIUM_FLAGS
from tests.browser.layer_view_page import LayerViewPage
from tests.tensorboard_server import serve

PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"
WINDOW: Final = ViewportSize(width=1280, height=720)
STEPS: Final = 20
LARGE_FROM: Final = 12
SETTLE_MS: Final = 1500
"""What is drawn has been drawn by then, and what moves has come to rest."""

MAPS: Final = "conv2.0/output"
HIDDEN: Final = "fc1.0/param.weight"


def record_overflow(run: Path) -> None:
    """A training of the demo's model, one filter of which comes near the end of float32."""
    torch.manual_seed(0)
    model = CNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    digits, _ = bundled_digits(seed=0)
    kinds = ("param", "grad", "input", "output", "output_grad")
    with LayerView(model, run, kinds=kinds) as view:
        for step in range(STEPS):
            images, labels = (each[4 * step : 4 * step + 4] for each in digits)
            if step == LARGE_FROM:
                with torch.no_grad():
                    model.get_parameter("conv2.0.weight")[5] = 3e38
            with view.step(step, inputs=images, targets=labels) as recording:
                probabilities = model(images)
                recording.predictions(probabilities)
                loss = negative_log_likelihood(probabilities, labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()


def take(browser: Browser, url: str, name: str, visit: Callable[[LayerViewPage], None]) -> None:
    """One picture of the page after `visit`."""
    view = LayerViewPage(browser.new_page(viewport=WINDOW, color_scheme="light"), url)
    visit(view)
    view.page.wait_for_timeout(SETTLE_MS)
    if view.complaints:
        raise AssertionError(f"the page complained for {name}: {view.complaints}")
    view.page.screenshot(path=PICTURES / f"{name}.png")
    view.page.close()


def take_all(browser: Browser, url: str, last: int, wrong: int) -> None:
    """All of them, at the step `last` of the demo's run; the sample `wrong` of its probe is."""

    def findings(view: LayerViewPage) -> None:
        view.open(run="overflow", place="findings")
        view.frame.get_by_text("What led there").first.click()

    def samples(view: LayerViewPage) -> None:
        view.open(run="demo/probe", place="samples", sample=wrong)
        view.frame.get_by_role("button", name="which is right").first.click()

    charts = {
        "chart": "rms+max_abs+percentiles",
        "chart.keys": f"conv2.0/param.weight,{HIDDEN}",
        "chart.runs": "demo",
    }
    visits: dict[str, Callable[[LayerViewPage], None]] = {
        "feature_maps": lambda view: view.show(MAPS, last, run="demo", sample=0),
        "weight": lambda view: view.show("fc_final.0/param.weight", last, run="demo"),
        "findings": findings,
        "samples": samples,
        "compare": lambda view: view.open(
            run="demo", key=HIDDEN, tab="compare", **{"with.step": 0}
        ),
        "health": lambda view: view.open(run="demo", place="health"),
        "charts": lambda view: view.open(run="demo", place="charts", **charts),
    }
    for name, visit in visits.items():
        take(browser, url, name, visit)


def main() -> None:
    """Record the two runs, and take the pictures of what TensorBoard shows of them."""
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        train = [sys.executable, "-m", "demo.train", "--logdir", str(runs / "demo")]
        subprocess.run(train, check=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LayerViewWarning)
            record_overflow(runs / "overflow")
        log = tb_layerview.open(runs / "demo/probe")
        last = log.steps[-1]
        answers = log["/sample.predictions"].at(last)[...].argmax(axis=1)
        wrong = int(np.flatnonzero(answers != log["/sample.targets"].at(last)[...])[0])
        with serve(runs, Path(folder, "messages")) as board, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=CHROMIUM_FLAGS
            )
            take_all(browser, board.url, last, wrong)
            browser.close()


if __name__ == "__main__":
    main()
