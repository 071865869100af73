"""A run whose numbers are known, for every place in which the page is looked at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy.typing as npt
import pytest
import torch
from playwright.sync_api import Browser, sync_playwright
from torch import Tensor, nn

from tb_layerview import snapshot
from tests.browser.conftest import CHROMIUM_FLAGS

WEIGHT: Final = "fc/param.weight"
MAPS: Final = "conv/output"
LARGE: Final = "large/param.weight"
STEP: Final = 3


@dataclass(frozen=True)
class Known:
    """What was written to the run ``exp1`` of ``logdir``."""

    logdir: Path
    arrays: dict[str, npt.NDArray[Any]]


class Model(nn.Module):
    """A convolution, a linear layer, and a matrix that is drawn in tiles."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 3)
        self.fc = nn.Linear(6 * 5 * 7, 16)
        self.large = nn.Linear(1400, 1500, bias=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """Sixteen numbers for each picture of 7 x 9."""
        answers: Tensor = self.fc(self.conv(inputs).flatten(1))
        return answers


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    """One forward; the second of two pictures has a NaN in a corner."""
    torch.manual_seed(1)
    model, inputs = Model(), torch.randn(2, 1, 7, 9)
    inputs[1, 0, 0, 0] = torch.nan
    logdir = tmp_path_factory.mktemp("engines")
    with torch.no_grad():
        snapshot(model, logdir / "exp1", STEP, inputs=inputs)
        outputs = model.conv(inputs)
    arrays = {
        WEIGHT: model.fc.weight.detach().numpy(),
        MAPS: outputs.numpy(),
        LARGE: model.large.weight.detach().numpy(),
    }
    return Known(logdir, arrays)


def program(name: str, package: str, folder: str = "") -> str:
    """The path of a program; where it is not installed, the test fails and says what is missing.

    It is looked for in ``folder`` first.
    """
    places = (folder, os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin")
    found = shutil.which(name, path=os.pathsep.join(filter(None, places)))
    if found is None:
        pytest.fail(
            f"`make engines` needs the program {name}, and found none: on Debian it is in the "
            f"package {package} (apt-get install {package})",
            pytrace=False,
        )
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = program("chromium", "chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
