"""`pip install -e`: the front end is built in the tree, and what is served is the tree's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import venv
from pathlib import Path

import pytest

from tests.fixtures.small_log import tell_tensorboard
from tests.packaging.conftest import BUILD_SECONDS, ROOT, copy_sources
from tests.tensorboard_server import serve

BUNDLE = "tb_layerview/plugin/static/index.js"


def environment_beside(folder: Path) -> str:
    """The interpreter of a new environment that has the packages of this one, but not ours."""
    venv.create(folder)
    (site,) = (folder / "lib").glob("python*/site-packages")
    # A folder that is named in a .pth file adds its packages, and none of its own .pth files: the
    # package that is installed in place here is not among them.
    (site / "beside.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return str(folder / "bin" / "python")


def tree_with_packages_of_npm(tree: Path) -> None:
    copy_sources(tree)
    modules = Path("frontend", "node_modules")
    shutil.copytree(ROOT / modules, tree / modules, copy_function=os.link, symlinks=True)
    # Older than what is installed: npm has nothing to fetch.
    os.utime(tree / "frontend" / "package-lock.json", (0, 0))


def test_an_editable_install_builds_the_page_and_serves_it_from_the_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Python looks into the folder that it is started in before all others.
    monkeypatch.chdir(tmp_path)
    tree = tmp_path / "a tree with spaces"
    tree_with_packages_of_npm(tree)
    python = environment_beside(tmp_path / "venv")
    names = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--editable", str(tree))
    installed = subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", *options],
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        env=names,
        check=False,
    )
    assert installed.returncode == 0, installed.stdout + installed.stderr
    imported = subprocess.run(
        [python, "-c", "import tb_layerview; print(tb_layerview.__file__)"],
        capture_output=True,
        text=True,
        env=names,
        check=True,
    )
    assert Path(imported.stdout.strip()) == tree / "tb_layerview" / "__init__.py"
    bundle = tree / BUNDLE
    built = bundle.read_bytes()
    assert b"render" in built
    tell_tensorboard(tmp_path / "runs" / "demo")
    messages = tmp_path / "messages.txt"
    with serve(tmp_path / "runs", messages, python=python, environment=names) as server:
        address = f"{server.url}data/plugin/layerview/index.js"
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.read() == built
        # What a build in the tree changes is there with the next request.
        bundle.write_bytes(built + b"\n// changed\n")
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert answer.read() == bundle.read_bytes()
