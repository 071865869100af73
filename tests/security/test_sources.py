"""What the sources do not do, whatever they are given: read off them, not off a run."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.packaging.conftest import ROOT

PACKAGE: Final = sorted((ROOT / "tb_layerview").rglob("*.py"))
SERVING: Final = [path for path in PACKAGE if "capture" not in path.parts]
PAGE: Final = sorted(
    path for path in (ROOT / "frontend" / "src").rglob("*") if path.suffix in (".ts", ".tsx")
)
LOCK: Final = ROOT / "frontend" / "package-lock.json"

FORBIDDEN_MODULES: Final = {
    "pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml", "ctypes",
    "subprocess", "multiprocessing", "socketserver", "urllib", "requests", "http", "xml",
    "zipfile", "tarfile", "tempfile", "importlib.machinery",
}  # fmt: skip
"""What would run, start, fetch or unpack what a log or a request says."""

FORBIDDEN_CALLS: Final = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "np.load", "numpy.load",
    "np.fromfile", "np.memmap", "torch.load", "np.save",
}  # fmt: skip
"""Those of NumPy and torch may unpickle: a log is bytes with a dtype of our own table."""

PAGE_FORBIDDEN: Final = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|srcdoc"
    r"|\beval\(|new Function|createContextualFragment|DOMParser|https?://(?!www\.w3\.org/2000/svg)"
    r"|setAttribute\('on|javascript:|importScripts|document\.cookie"
)


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


@pytest.mark.parametrize("path", SERVING, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_serves_unpickles_runs_and_fetches_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text())
    roots = {name.split(".")[0] for name in imports(tree)} | set(imports(tree))
    assert not roots & FORBIDDEN_MODULES
    assert not {ast.unparse(call.func) for call in calls(tree)} & FORBIDDEN_CALLS


def test_nothing_in_the_package_unpickles() -> None:
    """The side that records neither: `copy.deepcopy` of the user's own model is no pickle."""
    for path in PACKAGE:
        tree = ast.parse(path.read_text())
        assert not {"pickle", "dill", "cloudpickle", "joblib", "shelve"} & set(imports(tree)), path
        for call in calls(tree):
            assert ast.unparse(call.func) not in ("torch.load", "np.load"), path


def test_no_array_is_ever_loaded_with_pickles_allowed() -> None:
    for folder in ("tb_layerview", "tests", "demo", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            for call in calls(ast.parse(path.read_text())):
                if ast.unparse(call.func).split(".")[-1] != "load":
                    continue
                allowed = [word for word in call.keywords if word.arg == "allow_pickle"]
                assert all(ast.unparse(word.value) == "False" for word in allowed), path


@pytest.mark.parametrize(
    "code", ["import pickle", "from urllib.request import urlopen", "eval('1')", "np.load(path)"]
)
def test_the_search_finds_what_it_looks_for(code: str) -> None:
    tree = ast.parse(code)
    found = {name.split(".")[0] for name in imports(tree)} & FORBIDDEN_MODULES
    found |= {ast.unparse(call.func) for call in calls(tree)} & FORBIDDEN_CALLS
    assert found


def test_the_page_makes_no_markup_of_text_and_knows_no_other_host() -> None:
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for path in PAGE
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if PAGE_FORBIDDEN.search(line)
    ]
    assert found == []


def test_every_npm_package_is_pinned_and_checked_and_runs_nothing_when_installed() -> None:
    lock = json.loads(LOCK.read_text())
    manifest = json.loads((LOCK.parent / "package.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert len(packages) > len(manifest["dependencies"])
    for name, entry in packages.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert not entry.get("hasInstallScript"), name
        assert "resolved" not in entry, name  # the registry is whoever builds it chooses
    for entry in (manifest["dependencies"], manifest["devDependencies"]):
        assert [wanted for wanted in entry.values() if not re.fullmatch(r"[\d.]+", wanted)] == []


def test_every_way_to_install_the_npm_packages_leaves_out_their_scripts() -> None:
    makefile, setup = (ROOT / "Makefile").read_text(), (ROOT / "setup.py").read_text()
    for command in re.findall(r"\bci\b[\",].*|\bnpm.*\bci\b.*|\$\(NPM\) ci.*", makefile + setup):
        assert "--ignore-scripts" in command
    assert len(re.findall("--ignore-scripts", makefile + setup)) == 2
    assert not re.search(r"npm.* (install|i|add) ", makefile + setup)
