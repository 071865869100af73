"""The tab as a person meets it: what it is called, where it is, how it is pointed at."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import numpy as np
from playwright.sync_api import ConsoleMessage, FloatRect, Locator, Page, expect
from playwright.sync_api import TimeoutError as ElementMissing

from tests.browser.colors import Box, Cells, Colors, Screenshot

PATIENCE_SECONDS: Final = 30
"""How long a page may take on a machine that is busy with other things."""
PATIENCE_MS: Final = 1000 * PATIENCE_SECONDS
POLL_MS: Final = 50
LAYOUT_SECONDS: Final = 2
"""How long a picture is pointed at before it is looked for again: it may have moved meanwhile."""

expect.set_options(timeout=PATIENCE_MS)

TENSORBOARDS_OWN: Final = ("Multiple instances of Three.js", "/font-roboto/")
"""What TensorBoard's own page complains of: a library of its own, fonts that it misses behind a
path prefix."""


class ToldValue(NamedTuple):
    """What a page says of an element: where it is, in words and as in Python, and its value.

    ``("Filter 7, Row 3, Column 4", "conv2.0/output[0, 6, 3, 4] at step 5", value)``
    """

    where: str
    element: str
    value: Any

    @property
    def decimal(self) -> Decimal:
        """The fewest digits that NumPy reads back as the value: how they are written is free."""
        return Decimal(str(self.value))


class LayerViewPage:
    """A browser tab with a TensorBoard, and what it complained of."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.frame = page.frame_locator("iframe[src*='name=layerview']")
        self.complaints: list[str] = []
        self._visits = 0
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.on("console", self._hear)

    def _hear(self, said: ConsoleMessage) -> None:
        complaint = f"{said.type}: {said.text} ({said.location['url']})"
        if said.type in ("error", "warning") and not any(
            known in complaint for known in TENSORBOARDS_OWN
        ):
            self.complaints.append(complaint)

    def hash_of(self, **link: str | int) -> str:
        """What a link to a view has after the address of TensorBoard; never twice the same."""
        self._visits += 1  # an address that does not change is no visit
        view = {f"p.layerview.{name}": value for name, value in link.items()}
        return f"#layerview&{urlencode({'visit': self._visits, **view}, quote_via=quote)}"

    def open(self, **link: str | int) -> None:
        """Follow a link to a view; in a page that is there already, as its address bar would."""
        self.page.mouse.move(0, 0)
        self.page.goto(f"{self.url}{self.hash_of(**link)}")

    def show(self, key: str, step: int, **link: str | int) -> None:
        """Open a picture, and wait until the page says that it is there."""
        self.open(key=key, step=step, **link)
        self.expect_picture(key, step)

    def expect_picture(self, key: str, step: int) -> None:
        """Wait until the picture is that of ``key`` at ``step``, and no pointer is over it."""
        expect(self.text(f"{key} at step {step},")).to_be_visible()

    def text(self, text: str | re.Pattern[str]) -> Locator:
        """The elements with this text."""
        return self.frame.get_by_text(text)

    @property
    def heading(self) -> Locator:
        """The words above the picture: what is shown, its shape and its dtype."""
        return self.frame.get_by_role("main").locator("header").first

    @property
    def step_bar(self) -> Locator:
        """The recorded steps side by side."""
        return self.frame.get_by_role("slider", name="Recorded steps")

    @property
    def panel(self) -> Locator:
        """The picture, the numbers or the statistics."""
        return self.frame.get_by_role("tabpanel")

    @property
    def tooltip(self) -> Locator:
        """What stands beside the pointer."""
        return self.frame.get_by_role("tooltip")

    def tree_item(self, text: str) -> Locator:
        """The line of the layer tree with exactly this text."""
        return self.frame.get_by_role("treeitem", name=text, exact=True)

    def maps(self, rows: int, columns: int) -> dict[str, Cells]:
        """The pictures of a gallery by their titles: each has its title above."""
        figures = self.panel.get_by_role("figure")
        frame = box_of(self.page.locator("iframe[src*='name=layerview']"))
        found: list[tuple[str, float, float, float, float]] = figures.evaluate_all(
            """figures => figures.map(figure => {
                const { left, bottom, width, height } = figure.getBoundingClientRect();
                return [figure.innerText.trim(), left, bottom, width, height];
            })"""
        )
        cells = {}
        for title, left, bottom, width, height in found:
            side = width / columns
            top = bottom - side * rows
            assert side * rows < height, f"{title} has no room for a title"
            box = Box(frame.x + left, frame.y + top, width, side * rows)
            cells[title] = Cells(box, rows, columns)
        return cells

    def heatmap(self, rows: int, columns: int) -> Cells:
        """The picture with axes that is shown, as so many cells."""
        return Cells(box_of(self.panel.get_by_role("application")), rows, columns)

    def screenshot(self, of: Locator | None = None) -> Screenshot:
        """What the panel looks like, or another part of the page."""
        box = box_of(self.panel if of is None else of)
        clip = FloatRect(x=box.x, y=box.y, width=box.width, height=box.height)
        return Screenshot(self.page.screenshot(clip=clip), box)

    def point_at(self, cells: Cells, row: int, column: int) -> None:
        """Move the pointer to the middle of a cell."""
        self.page.mouse.move(*cells.center(row, column))

    def expect_value(
        self, cells: Callable[[], Cells], cell: tuple[int, int], told: ToldValue
    ) -> None:
        """Point at a cell of a picture, wherever it is by then, and expect to be told a value."""

        def check() -> None:
            self.point_at(cells(), *cell)
            self.expect_told(told, patience_seconds=LAYOUT_SECONDS)

        self.eventually(check)

    def expect_told(self, told: ToldValue, patience_seconds: float = PATIENCE_SECONDS) -> None:
        """Expect a value beside the pointer or cursor, and below the picture."""

        def check() -> None:
            value, *_, where = self.tooltip.inner_text(timeout=POLL_MS).split("\n")
            assert where == told.where
            assert Decimal(value) == told.decimal
            line = self.text(f"{told.element}:").locator("..").inner_text(timeout=POLL_MS)
            assert Decimal(line.split(":")[-1].strip()) == told.decimal

        self.eventually(check, patience_seconds)

    def expect_colors(self, colors: Callable[[Screenshot], Colors], expected: Colors) -> None:
        """Expect a screenshot of the panel, when it is drawn, to have these colours."""
        self.eventually(lambda: np.testing.assert_array_equal(colors(self.screenshot()), expected))

    def eventually(
        self, check: Callable[[], Any], patience_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Call ``check`` until it neither fails nor misses an element; at last, let it fail.

        A map that is not there (yet) is a missing element, too.
        """
        deadline = time.monotonic() + patience_seconds
        while True:
            try:
                check()
            except (AssertionError, ElementMissing, KeyError):
                if time.monotonic() > deadline:
                    raise
                self.page.wait_for_timeout(POLL_MS)
            else:
                return


def box_of(element: Locator) -> Box:
    """Where an element is in the window."""
    box = element.bounding_box()
    assert box is not None, "the element is not visible"
    return Box(box["x"], box["y"], box["width"], box["height"])
