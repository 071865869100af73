"""How setup.py builds the front end, with an npm that writes down how it is called."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT

BUNDLE = "tb_layerview/plugin/static/index.js"
GOOD_BUNDLE = "const a = () => {}; export { a as render };"
HOUR = 3600  # seconds


@dataclass(frozen=True)
class Tree:
    """A copy of the sources that setup.py looks at, and a PATH with a recording npm."""

    root: Path
    tools: Path

    def install_node(self, version: str, build: str) -> None:
        """Put a Node of ``version`` on the PATH, whose npm runs the shell command ``build``."""
        self._script("node", f"echo {version}")
        self._script("npm", f'echo "$@" >> {self.tools}/calls\n[ "$1" = ci ] || {build}')

    def _script(self, name: str, text: str) -> None:
        (self.tools / name).write_text(f"#!/bin/sh\n{text}\n")
        (self.tools / name).chmod(0o755)

    def writes(self, bundle: str) -> str:
        """The shell command that writes ``bundle`` to where it belongs."""
        target = self.root / BUNDLE
        return f"{{ mkdir -p {target.parent} && printf '%s' '{bundle}' > {target}; }}"

    def build(self) -> subprocess.CompletedProcess[str]:
        """Run the build step."""
        return subprocess.run(
            [sys.executable, "setup.py", "build_frontend"],
            cwd=self.root,
            env={"PATH": f"{self.tools}:/usr/bin:/bin", "HOME": str(self.tools)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def calls(self) -> list[str]:
        """How npm was called, once a call."""
        calls = self.tools / "calls"
        return calls.read_text().splitlines() if calls.exists() else []


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    root, tools = tmp_path / "tree", tmp_path / "tools"
    tools.mkdir()
    for name in ("setup.py", "README.md", "frontend/package.json", "frontend/package-lock.json"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    return Tree(root, tools)


def test_packages_are_installed_as_locked_and_without_their_scripts(tree: Tree) -> None:
    tree.install_node("v24.0.0", tree.writes(GOOD_BUNDLE))
    done = tree.build()
    assert done.returncode == 0, done.stderr
    assert tree.calls() == ["ci --ignore-scripts --no-audit --no-fund", "run build"]


def test_installed_packages_are_used_again(tree: Tree) -> None:
    installed = tree.root / "frontend" / "node_modules" / ".package-lock.json"
    installed.parent.mkdir()
    installed.touch()
    tree.install_node("v24.0.0", tree.writes(GOOD_BUNDLE))
    assert tree.build().returncode == 0
    assert tree.calls() == ["run build"]


def test_a_bundle_newer_than_its_sources_is_kept(tree: Tree) -> None:
    tree.install_node("v24.0.0", tree.writes(GOOD_BUNDLE))
    tree.build()
    first_calls = tree.calls()
    assert tree.build().returncode == 0
    assert tree.calls() == first_calls


def test_a_source_newer_than_the_bundle_builds_it_again(tree: Tree) -> None:
    tree.install_node("v24.0.0", tree.writes(GOOD_BUNDLE))
    tree.build()
    built = (tree.root / BUNDLE).stat().st_mtime
    os.utime(tree.root / "frontend" / "package.json", (built + HOUR, built + HOUR))
    assert tree.build().returncode == 0
    assert tree.calls()[-1] == "run build"
    assert tree.calls().count("run build") == 2


def test_a_failing_front_end_fails_the_build_and_says_which_command_failed(tree: Tree) -> None:
    tree.install_node("v24.0.0", "exit 3")
    done = tree.build()
    assert done.returncode != 0
    assert re.search(r"front end was not built: `npm run build` .* exit status 3", done.stderr)


@pytest.mark.parametrize("bundle", ["", "const render = 1;", "export { other };"])
def test_a_bundle_without_the_function_that_tensorboard_calls_fails_the_build(
    tree: Tree, bundle: str
) -> None:
    tree.install_node("v24.0.0", tree.writes(bundle))
    done = tree.build()
    assert done.returncode != 0
    assert "to export `render`" in done.stderr


def test_a_missing_bundle_fails_the_build(tree: Tree) -> None:
    tree.install_node("v24.0.0", "true")
    done = tree.build()
    assert done.returncode != 0
    assert "to export `render`" in done.stderr


def test_a_node_that_is_too_old_is_passed_over_for_that_of_the_build_requirement(
    tree: Tree,
) -> None:
    tree.install_node("v18.20.0", tree.writes(GOOD_BUNDLE))
    # The real npm is run, and stops at what it cannot read: nothing is downloaded.
    (tree.root / "frontend" / "package-lock.json").write_text("no lock file")
    done = tree.build()
    assert done.returncode != 0
    assert "npm error" in done.stderr
    assert tree.calls() == []


def test_engines_that_setup_py_does_not_understand_are_named(tree: Tree) -> None:
    manifest = tree.root / "frontend" / "package.json"
    manifest.write_text('{"engines": {"node": "^24"}}')
    tree.install_node("v24.0.0", "true")
    done = tree.build()
    assert done.returncode != 0
    assert "expected engines.node of the form '>=major.minor', received '^24'" in done.stderr
