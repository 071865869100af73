"""Light and dark, as TensorBoard is: every text can be read on what is behind it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from tests.browser.colors import BRIGHTEST
from tests.browser.layer_view_page import LayerViewPage
from tests.browser.recordings import SPOILED_KEY, SPOILED_STEP

pytestmark = pytest.mark.browser

READABLE: Final = 4.5
"""The least contrast of body text: WCAG 2.2, success criterion 1.4.3, level AA."""

VIEWS: Final[list[dict[str, str | int]]] = [
    {"key": SPOILED_KEY, "step": SPOILED_STEP, "sample": 1},
    {"key": "fc_final.0/param.weight", "step": SPOILED_STEP},
    {"key": SPOILED_KEY, "step": SPOILED_STEP, "sample": 1, "tab": "values", "map": 6},
    {"key": SPOILED_KEY, "step": SPOILED_STEP, "tab": "statistics"},
    {"key": "no such key"},
]

TEXTS_WITH_COLORS: Final = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const words = node.data.trim();
    if (words === '' || !element.checkVisibility({ visibilityProperty: true })) continue;
    if (element.closest('style, script, :disabled, option')) continue;
    const inSvg = element instanceof SVGElement;
    const color = getComputedStyle(element)[inSvg ? 'fill' : 'color'];
    const behind = [];
    let opacity = 1;
    for (let at = element; at !== null; at = at.parentElement) {
      const style = getComputedStyle(at);
      behind.push(style.backgroundColor);
      opacity *= Number(style.opacity);
    }
    found.push({ words, color, behind, opacity });
  }
  return found;
}"""
"""Each visible text that may be read, its colour, and the backgrounds from it outwards."""


class Color(NamedTuple):
    """Red, green and blue from 0 to 255, alpha from 0 to 1."""

    rgb: npt.NDArray[np.float64]
    alpha: float

    def over(self, below: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """What is seen where this colour lies on an opaque one."""
        return self.rgb * self.alpha + below * (1 - self.alpha)


def parse_color(css: str) -> Color:
    """The colour that a computed style names: `rgb(0, 0, 0)` or `rgba(0, 0, 0, 0.5)`."""
    match = re.fullmatch(r"rgba?\(([^)]*)\)", css)
    assert match is not None, css
    numbers = [float(number) for number in match[1].split(",")]
    return Color(np.array(numbers[:3]), numbers[3] if len(numbers) > 3 else 1)


def luminance(rgb: npt.NDArray[np.float64]) -> float:
    """WCAG 2.2's relative luminance, from 0, black, to 1, white."""
    share = rgb / BRIGHTEST
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """WCAG 2.2's contrast ratio, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def contrasts(view: LayerViewPage) -> dict[str, float]:
    """The contrast of each visible text to what is behind it."""
    found = {}
    for text in view.frame.locator("body").evaluate(TEXTS_WITH_COLORS):
        behind = np.full(3, float(BRIGHTEST))
        for css in reversed(text["behind"]):
            behind = parse_color(css).over(behind)
        color = parse_color(text["color"])
        seen = Color(color.rgb, color.alpha * text["opacity"]).over(behind)
        found[text["words"]] = contrast(seen, behind)
    return found


def choose_theme(view: LayerViewPage, name: str) -> None:
    """Choose one of TensorBoard's themes in its own menu."""
    view.page.get_by_role("button", name="theme").click()
    view.page.get_by_role("menuitem", name=name).click()
    view.page.wait_for_function(
        "dark => document.body.classList.contains('dark-mode') === dark", arg=name == "Dark"
    )


@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_every_text_can_be_read_in_the_theme_of_tensorboard(
    view: LayerViewPage, theme: str
) -> None:
    view.show(SPOILED_KEY, SPOILED_STEP, run="spoiled")
    choose_theme(view, theme)
    for link in VIEWS:
        view.open(run="spoiled", **link)
        view.eventually(lambda: assert_readable(view, dark=theme == "Dark"))


def assert_readable(view: LayerViewPage, *, dark: bool) -> None:
    body = view.frame.get_by_role("main")
    behind = body.evaluate("""element => {
        const colors = [];
        for (let at = element; at !== null; at = at.parentElement) {
          colors.push(getComputedStyle(at).backgroundColor);
        }
        return colors.find(color => !color.endsWith(', 0)'));
    }""")
    assert (luminance(parse_color(behind).rgb) < 0.1) == dark, behind
    found = contrasts(view)
    assert len(found) > 20
    assert {words: ratio for words, ratio in found.items() if ratio < READABLE} == {}


def test_contrast_is_that_of_the_standard() -> None:
    black, white, grey = (np.full(3, float(level)) for level in (0, 255, 0x76))
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(grey, white) == pytest.approx(4.54, abs=0.005)
    assert parse_color("rgba(255, 255, 255, 0.5)").over(black).tolist() == [127.5] * 3
