"""`docs/http_api.md` names all there is, and its example works."""

from __future__ import annotations

import re
import threading
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.serving import make_server

from tb_layerview.contract import messages
from tb_layerview.plugin import answers, levels
from tb_layerview.plugin.http import ANSWERS
from tests.plugin.conftest import STEPS, LoadedPlugin, arrays_of

DOCUMENT = (Path(__file__).parents[2] / "docs" / "http_api.md").read_text("utf-8")
ADDRESS = "http://localhost:6006/"


@pytest.fixture
def address(plugin: LoadedPlugin) -> Iterator[str]:
    """Where the plugin's routes are served as TensorBoard would."""
    routes = {
        f"/data/plugin/layerview{path}": route
        for path, route in plugin.plugin.get_plugin_apps().items()
    }
    server = make_server("127.0.0.1", 0, DispatcherMiddleware(NotFound(), routes), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_route_is_documented(plugin: LoadedPlugin) -> None:
    documented = set(re.findall(r"^\| \[?`([\w/.]+)`\]?", DOCUMENT, re.MULTILINE))
    assert {path[1:] for path in plugin.plugin.get_plugin_apps()} <= documented


def test_every_error_and_limit_is_documented() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)`", DOCUMENT, re.MULTILINE)
    assert sorted(code for _, code in rows) == sorted(typing.get_args(messages.ErrorCode))
    statuses = {code: int(status) for status, code in rows}
    for _, status, code in ANSWERS:
        assert statuses[code] == status
    assert f"{answers.MAX_ELEMENTS:,}" in DOCUMENT
    assert f"{levels.MAX_ELEMENTS_READ:,}" in DOCUMENT


def test_every_statistic_is_documented_in_its_order() -> None:
    sentence = DOCUMENT.split("`stat` is one of ")[1].split(". Each")[0]
    assert re.findall(r"`(\w+)`", sentence) == list(typing.get_args(messages.Statistic))


def test_the_python_example_reads_what_was_written(address: str) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    assert ADDRESS in example
    names: dict[str, Any] = {}
    exec(example.replace(ADDRESS, address), names)  # noqa: S102  # the document is ours
    expected = arrays_of(STEPS[-1])
    assert names["parameters"].keys() == {"fc/param.weight", "fc/param.bias"}
    for key, received in names["parameters"].items():
        assert np.array_equal(received, expected[key])
