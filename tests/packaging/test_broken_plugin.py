"""A defect of ours must cost a user our tab, never TensorBoard."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.tensorboard_server import serve

FAULT = '''
"""Makes every module of the package raise, but for the one that the entry point names."""

import sys

WHOLE = {"tb_layerview", "tb_layerview.errors", "tb_layerview.plugin", "tb_layerview.plugin.loader"}


class Fault:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("tb_layerview.") and name not in WHOLE:
            raise RuntimeError(f"planted fault in {name}")
        return None


sys.meta_path.insert(0, Fault())
'''


@pytest.mark.parametrize("load_fast", ["true", "false"])
def test_tensorboard_runs_without_the_tab_when_the_plugin_cannot_be_imported(
    tmp_path: Path, load_fast: str
) -> None:
    faults = tmp_path / "faults"
    faults.mkdir()
    (faults / "sitecustomize.py").write_text(FAULT)
    logdir = tmp_path / "runs"
    logdir.mkdir()
    log = tmp_path / "messages.txt"
    environment = {**os.environ, "PYTHONPATH": str(faults)}
    arguments = (f"--load_fast={load_fast}",)
    with serve(logdir, log, *arguments, python=sys.executable, environment=environment) as running:
        url = f"{running.url}data/plugins_listing"
        with urllib.request.urlopen(url, timeout=30) as answer:
            plugins = json.load(answer)
    assert "scalars" in plugins
    assert "layerview" not in plugins
    assert "planted fault in tb_layerview." in log.read_text()
