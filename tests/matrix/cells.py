"""The combinations that are tried, and what is known not to work, with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Writer = Literal["torch", "tensorboardX"]


@dataclass(frozen=True)
class Cell:
    """One combination. A release is given as PyPI's clients match it (`2.20.*`); "" is the newest.

    Without ``torch``, a log that was recorded elsewhere is served. ``lowest`` takes the lowest
    releases that `setup.py` admits; without ``data_server``, that of TensorBoard is removed.
    ``suite`` runs a part of the tests, too: minutes, where the routes take seconds.
    ``broken`` says why the cell cannot work: it must then fail, or the reason is out of date.
    """

    python: str
    tensorboard: str = ""
    protobuf: str = ""
    numpy: str = ""
    torch: str = ""
    writer: Writer = "torch"
    data_server: bool = True
    setuptools: str = "<82"
    lowest: bool = False
    suite: bool = False
    broken: str = ""

    @property
    def packages(self) -> list[str]:
        """What is asked for beside the wheel."""
        if self.lowest:
            return ["google-crc32c", "numpy", "tensorboard"]
        if not self.torch:
            return []
        return ["torch", "tensorboardX"] if self.writer == "tensorboardX" else ["torch"]

    @property
    def constraints(self) -> list[str]:
        """What pip is told of releases."""
        releases = {
            "tensorboard": self.tensorboard,
            "protobuf": self.protobuf,
            "numpy": self.numpy,
            "torch": self.torch,
        }
        wanted = [f"{name}=={release}" for name, release in releases.items() if release]
        return [*wanted, f"setuptools{self.setuptools}"]


CELLS: Final = (
    # from the lowest that setup.py admits
    Cell("3.10", lowest=True, suite=True),
    Cell("3.10", "2.15.*", "4.*", "1.26.*", torch="2.4.*", suite=True),
    Cell("3.11", "2.15.*", "4.*", "1.26.*", data_server=False),
    Cell("3.12", "2.15.*", "5.*", "1.26.*"),
    Cell("3.12", "2.15.*", "7.*", "1.26.*"),
    Cell("3.11", "2.17.*", "4.*", "2.*"),
    Cell("3.10", "2.18.*", "5.*", "2.*", torch="2.4.*", writer="tensorboardX"),
    Cell("3.12", "2.18.*", "5.*", "1.26.*", torch="2.6.*", suite=True),
    Cell("3.11", "2.18.*", "6.*", "2.*"),
    Cell("3.10", "2.20.*", "4.*", "2.*"),
    Cell("3.11", "2.20.*", "6.*", "2.*", torch="2.13.*"),
    Cell("3.12", "2.20.*", "7.*", "2.*", data_server=False),
    Cell("3.13", "2.20.*", "5.*", "2.1.*", lowest=True, suite=True),
    Cell("3.13", "2.20.*", "6.*", "2.*", torch="2.6.*"),
    Cell("3.10", "", "6.*", "2.*"),
    Cell("3.11", "", "7.*", "1.26.*", torch="2.13.*", writer="tensorboardX"),
    Cell("3.12", "", "7.*", "2.*", data_server=False, setuptools=">=82"),
    Cell("3.13", "", "7.*", "2.*", torch="2.13.*", suite=True),
    # to the newest of everything
    Cell("3.13", setuptools=">=82"),
    Cell(
        "3.11", "2.16.*", "4.*", "2.*",
        broken="TensorBoard before 2.17 uses what NumPy 2 no longer has",
    ),
    Cell(
        "3.12", "2.20.*", "6.*", "2.*", setuptools=">=82",
        broken="TensorBoard before 2.21 uses what setuptools 82 no longer has",
    ),
    Cell(
        "3.13", "2.19.*", "6.*", "2.*",
        broken="TensorBoard before 2.20 uses what Python 3.13 no longer has",
    ),
)  # fmt: skip
