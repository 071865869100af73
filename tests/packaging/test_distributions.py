"""What is in the files of a release."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from tests.packaging.conftest import BUILD_SECONDS, ROOT, Distributions, copy_sources

MEGABYTE = 1_000_000
BUNDLE = "tb_layerview/plugin/static/index.js"


@pytest.fixture
def wheel(distributions: Distributions) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(distributions.wheel) as archive:
        yield archive


@pytest.fixture
def shipped(distributions: Distributions) -> set[str]:
    """The names of the sdist's files, without its one folder."""
    with tarfile.open(distributions.sdist) as archive:
        files = [member.name for member in archive.getmembers() if member.isfile()]
    return {name.partition("/")[2] for name in files}


def _headers(wheel: zipfile.ZipFile, name: str) -> Message:
    (path,) = (each for each in wheel.namelist() if each.endswith(f".dist-info/{name}"))
    return Parser().parsestr(wheel.read(path).decode())


def test_the_wheel_fits_every_python_3_and_every_platform(
    distributions: Distributions, wheel: zipfile.ZipFile
) -> None:
    assert distributions.wheel.name.endswith("-py3-none-any.whl")
    assert _headers(wheel, "WHEEL")["Root-Is-Purelib"] == "true"


def test_the_wheel_is_under_one_megabyte(distributions: Distributions) -> None:
    assert distributions.wheel.stat().st_size < MEGABYTE


def test_the_wheel_holds_every_module_its_types_and_the_bundle_and_nothing_else(
    distributions: Distributions, wheel: zipfile.ZipFile
) -> None:
    tree = distributions.tree
    modules = {str(file.relative_to(tree)) for file in (tree / "tb_layerview").rglob("*.py")}
    packaged = {name for name in wheel.namelist() if ".dist-info/" not in name}
    static = {name for name in packaged if name.startswith(f"{Path(BUNDLE).parent}/")}
    assert packaged - static == modules | {"tb_layerview/py.typed"}
    assert BUNDLE in static


def test_the_bundle_exports_what_tensorboard_calls_and_is_small_on_the_wire(
    wheel: zipfile.ZipFile,
) -> None:
    bundle = wheel.read(BUNDLE)
    assert re.search(rb"export\s*{[^}]*\brender\b", bundle)
    assert len(gzip.compress(bundle)) < 200_000


def test_the_wheel_requires_only_what_serving_needs_and_bounds_no_release_from_above(
    wheel: zipfile.ZipFile,
) -> None:
    required = _headers(wheel, "METADATA").get_all("Requires-Dist")
    assert required is not None
    names = {re.split(r"[^\w-]", requirement)[0] for requirement in required}
    assert names == {"google-crc32c", "numpy", "tensorboard"}
    assert not re.search(r"<|==|~=", " ".join(required))


def test_the_wheel_names_its_licence_and_its_entry_point(wheel: zipfile.ZipFile) -> None:
    metadata = _headers(wheel, "METADATA")
    assert metadata["License-Expression"] == "Apache-2.0"
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel.namelist())
    (entry_points,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert wheel.read(entry_points).decode().split("\n")[:2] == [
        "[tensorboard_plugins]",
        "layerview = tb_layerview.plugin.loader:LayerViewLoader",
    ]


def test_the_sdist_ships_the_sources_of_the_front_end_and_not_what_is_made_of_them(
    distributions: Distributions, shipped: set[str]
) -> None:
    assert {"setup.py", "pyproject.toml", "LICENSE", "frontend/package-lock.json"} <= shipped
    tree = distributions.tree
    sources = {str(file.relative_to(tree)) for file in (tree / "frontend" / "src").rglob("*.ts*")}
    assert sources <= shipped
    assert "frontend/.npmrc" in shipped
    assert not [name for name in shipped if "node_modules" in name]
    assert BUNDLE not in shipped


def test_no_lock_file_says_from_which_host_a_package_came() -> None:
    for lock in (ROOT / "frontend" / "package-lock.json", ROOT / "constraints.txt"):
        text = lock.read_text("utf-8")
        assert '"resolved"' not in text
        assert not re.search(r"--(extra-)?index-url|--find-links|@ (https?|file):", text)


def test_those_who_check_distributions_find_nothing(distributions: Distributions) -> None:
    twine = ("twine", "check", "--strict", str(distributions.sdist), str(distributions.wheel))
    for command in (twine, ("check_wheel_contents", str(distributions.wheel))):
        done = subprocess.run(
            [sys.executable, "-m", *command], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_folder_with_spaces_in_its_path_installs_the_very_front_end_of_the_sdist(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    tree, target = tmp_path / "a path with spaces", tmp_path / "installed"
    copy_sources(tree)
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--target", str(target))
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, str(tree)],
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (target / BUNDLE).read_bytes() == wheel.read(BUNDLE)
