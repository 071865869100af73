from __future__ import annotations

import argparse
import subprocess
import sys

import pytest
from tensorboard.plugins import base_plugin

from tb_layerview.plugin.loader import LayerViewLoader
from tb_layerview.plugin.plugin import LayerViewPlugin

IMPORTED_BY_THE_LOADER = """
import sys
from tensorboard.plugins import base_plugin
before = set(sys.modules)
import tb_layerview.plugin.loader
print(*sorted(set(sys.modules) - before))
"""


def test_importing_the_loader_imports_nothing_that_can_fail() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED_BY_THE_LOADER], capture_output=True, text=True, check=True
    )
    standard = sys.stdlib_module_names
    foreign = [name for name in done.stdout.split() if name.split(".")[0] not in standard]
    assert foreign == [
        "tb_layerview",
        "tb_layerview.errors",
        "tb_layerview.plugin",
        "tb_layerview.plugin.loader",
    ]


def test_it_loads_the_plugin_without_looking_at_any_run() -> None:
    context = base_plugin.TBContext(flags=argparse.Namespace(logdir_spec=""), logdir="/nowhere")
    plugin = LayerViewLoader().load(context)
    assert isinstance(plugin, LayerViewPlugin)
    assert plugin.plugin_name == "layerview"
    assert plugin.frontend_metadata().tab_name == "LAYERVIEW"
    assert plugin.frontend_metadata().es_module_path in plugin.get_plugin_apps()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, {"layerview": 1}),
        ({"images": 5}, {"images": 5, "layerview": 1}),
        ({"layerview": 7}, {"layerview": 7}),
    ],
)
def test_tensorboard_keeps_one_summary_a_run_unless_the_user_wants_more(
    given: dict[str, int], kept: dict[str, int]
) -> None:
    flags = argparse.Namespace(samples_per_plugin=given)
    LayerViewLoader().fix_flags(flags)
    assert flags.samples_per_plugin == kept


def test_flags_that_do_not_know_of_samples_are_left_alone() -> None:
    flags = argparse.Namespace()
    LayerViewLoader().fix_flags(flags)
    assert vars(flags) == {}
