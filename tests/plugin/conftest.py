"""A log directory with what TensorBoard users have, and the plugin over it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.plugins.base_plugin import TBContext
from werkzeug.test import Client, TestResponse

from tb_layerview.plugin.plugin import LayerViewPlugin
from tests.fixtures.small_log import make_frame, tell_tensorboard, write_log

STEPS = (0, 10, 20)


def arrays_of(step: int) -> dict[str, npt.NDArray[Any]]:
    """One step of a run: every rank, several dtypes, numbers that are none."""
    random = np.random.default_rng(step)
    weight = random.standard_normal((10, 64)).astype("<f4")
    output = random.standard_normal((4, 8, 6, 5)).astype("<f2")
    output[1, 2, 3, 4] = np.nan
    output[0, 0, 0, 0] = np.inf
    return {
        "fc/param.weight": weight,
        "fc/param.bias": random.standard_normal(10),
        "conv/output": output,
        "conv/output#1": random.integers(0, 1 << 16, (3, 7), np.uint16),
        "norm/buffer.num_batches_tracked": np.array(step, "<i8"),
        "/output.mask": random.standard_normal((2, 3)) > 0,
        "empty/output": np.zeros((0, 5), "<f4"),
    }


def values_of(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """What a client sees of an array: bfloat16, here its bits, is widened to float32."""
    if array.dtype != np.uint16:
        return array
    return (array.astype("<u4") << np.uint32(16)).view("<f4")


def write_runs(logdir: Path) -> Path:
    """Write three runs with layer data, one of them at ``logdir`` itself, and one without."""
    for run in (".", "group/first", "second"):
        frames = [make_frame(step, arrays_of(step), samples=(0, 1, 2, 3)) for step in STEPS]
        write_log(logdir / run, frames)
    tell_tensorboard(logdir / "scalars only", plugin_name="scalars")
    return logdir


class LoadedPlugin:
    """The plugin, over what TensorBoard's own Python code finds in a directory."""

    def __init__(self, logdir: Path) -> None:
        self.logdir = logdir
        self.multiplexer = EventMultiplexer()
        self.reload()
        flags = argparse.Namespace(logdir=str(logdir), logdir_spec="")
        provider = MultiplexerDataProvider(self.multiplexer, str(logdir))
        context = TBContext(data_provider=provider, flags=flags, logdir=str(logdir))
        self.plugin = LayerViewPlugin(context)
        self._clients = {
            path: Client(application) for path, application in self.plugin.get_plugin_apps().items()
        }

    def reload(self) -> None:
        """What TensorBoard does every few seconds."""
        self.multiplexer.AddRunsFromDirectory(str(self.logdir))
        self.multiplexer.Reload()

    def get(self, route: str, **parameters: object) -> TestResponse:
        """The answer to a GET; a list stands for a repeated parameter."""
        return self._clients[route].get(query_string=parameters)

    def open(self, route: str, method: str) -> TestResponse:
        """The answer to a request with another method."""
        return self._clients[route].open(method=method)


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> LoadedPlugin:
    return LoadedPlugin(write_runs(tmp_path_factory.mktemp("runs")))
