"""What nobody of good faith would ask of a TensorBoard, sent to a real one byte for byte."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

import numpy as np
import pytest
from tensorboard.backend import http_util
from werkzeug import Request
from werkzeug.test import EnvironBuilder

from tests.conftest import StartTensorBoard
from tests.fixtures.small_log import make_frame, write_log
from tests.tensorboard_server import TensorBoard

KNOWN_WITHIN_SECONDS: Final = 30
PLUGIN: Final = "/data/plugin/layerview"
HIDDEN: Final = "hidden/output"
ROUTES: Final = (
    "runs", "catalog", "array", "stats", "stats/axes", "series", "series/axes", "histogram",
    "histogram/axes", "findings", "origin", "apart", "contributions", "index.js",
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Served:
    tensorboard: TensorBoard
    logdir: Path

    def ask(self, target: str, method: str = "GET", *headers: str) -> Answer:
        """The answer to a request whose target is sent as it is, neither checked nor encoded."""
        server = urlsplit(self.tensorboard.url)
        assert server.hostname is not None
        lines = [f"{method} {target} HTTP/1.1", "Host: a", "Connection: close", *headers, "", ""]
        with socket.create_connection((server.hostname, server.port or 80), timeout=30) as sent:
            sent.sendall("\r\n".join(lines).encode("latin-1"))
            received = b"".join(iter(lambda: sent.recv(65_536), b""))
        head, _, body = received.partition(b"\r\n\r\n")
        status, *fields = head.decode("latin-1").split("\r\n")
        named = dict(field.split(": ", 1) for field in fields)
        return Answer(int(status.split()[1]), named, body)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, start_tensorboard: StartTensorBoard) -> Served:
    """Over one run; beside its log directory lies another, which nobody may see."""
    folder = tmp_path_factory.mktemp("security")
    write_log(folder / "logs" / "run", [make_frame(0, {"a/output": np.ones((2, 3), "<f4")})])
    write_log(folder / "hidden" / "run", [make_frame(0, {HIDDEN: np.ones(3, "<f4")})])
    served = Served(start_tensorboard(folder / "logs", "--reload_interval=1"), folder / "logs")
    deadline = time.monotonic() + KNOWN_WITHIN_SECONDS
    while b'"name":"run"' not in served.ask(f"{PLUGIN}/runs").body:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return served


def traversals(target: Path) -> list[str]:
    """Ways from the log directory to ``target`` beside it, and to files of the system."""
    up = f"../{target.name}"
    plain = [
        up, f"run/../{up}", f"./{up}", f"..//{target.name}", f"....//{target.name}", str(target),
        f"/{target}", f"run/../../{target.name}", f"{up}\0", f"{up}/.", up.replace("/", "\\"),
        str(target).replace("/", "\\"), f"C:\\{target.name}", f"C:{up}", f"file://{target}",
        f"\\\\host\\{target.name}", "~", "..", ".", "/", "/etc", "../" * 20 + "etc", "\0", "",
    ]  # fmt: skip
    once = [quote(text, safe="") for text in plain]
    twice = [quote(text, safe="") for text in once]
    dots = up.replace("..", "%2e%2e")
    odd = [
        dots,
        up.replace("/", "%2f"),
        dots.replace("/", "%2F"),
        up.replace(".", "%c0%ae"),  # a dot in two bytes, and in three: no UTF-8
        up.replace("/", "%c0%af").replace(".", "%c0%2e"),
        up.replace(".", "%e0%80%ae"),
        up.replace("/", "%5c"),
        up.replace("/", "%u2215"),
        up.replace(".", "%uff0e"),
        up.replace("..", "%ef%bc%8e%ef%bc%8e"),  # full-width dots
        up.replace("/", "%ef%bc%8f"),
        up.replace("/", "%e2%88%95"),
        f"{dots}%00",
        f"run%00/../{up}",
        "%",
        "%zz",
        "%ff%fe",
    ]
    return [*once, *twice, *odd]


def expect_nothing_hidden(answer: Answer) -> None:
    assert HIDDEN.encode() not in answer.body
    assert b"root:" not in answer.body
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("parameter", ["run", "key", "slice", "step", "stat", "level"])
def test_no_parameter_leads_out_of_the_log_directory(served: Served, parameter: str) -> None:
    good = {"run": "run", "key": "a/output", "step": "0", "stat": "max", "slice": ":", "level": "0"}
    values = traversals(served.logdir.parent / "hidden" / "run")
    # A run is a directory: of what is none, some will do.
    for value in values if parameter == "run" else values[::7]:
        asked = "&".join(f"{n}={v}" for n, v in {**good, parameter: value}.items())
        route = "stats" if parameter == "stat" else "array"
        answer = served.ask(f"{PLUGIN}/{route}?{asked}")
        expect_nothing_hidden(answer)
        if not (parameter == "slice" and not value):  # an empty slice is the whole tensor
            assert answer.status in (400, 404), value
            assert json.loads(answer.body)["error"]["code"] in ("malformed", "not_found")
    catalog = served.ask(f"{PLUGIN}/catalog?run={quote('../hidden/run', safe='')}")
    assert catalog.status == 404


def test_no_path_leads_to_a_file(served: Served) -> None:
    """Static files are a list: no name of a request becomes a path."""
    for name in traversals(served.logdir.parent / "hidden" / "run"):
        for place in (f"{PLUGIN}/{name}", f"{PLUGIN}/index.js/{name}", f"{PLUGIN}/static/{name}"):
            answer = served.ask(place)
            expect_nothing_hidden(answer)
            # TensorBoard takes a slash at the end for none.
            is_page = place == f"{PLUGIN}/index.js/"
            assert answer.status in ((200,) if is_page else (301, 308, 400, 404)), place
    for name in ("plugin.py", "routes.py", "static", "__init__.py", "index.js.map", "INDEX.JS"):
        assert served.ask(f"{PLUGIN}/{name}").status == 404


BREAKS: Final = ("%0d%0aX-Evil:%201", "%0aX-Evil:%201", "%0d%0a%0d%0a<script>", "%e5%98%8aX-Evil:1")


@pytest.mark.parametrize("route", ROUTES)
def test_every_answer_of_every_route_has_its_type_and_no_header_of_a_stranger(
    served: Served, route: str
) -> None:
    good = "run=run&key=a/output&step=0&stat=max&slice=:"
    targets = [good, "", *(f"run={b}&key={b}&step={b}&stat={b}&slice={b}" for b in BREAKS)]
    targets += [f"{good}{extra}" for extra in BREAKS]
    usual = set(served.ask(f"{PLUGIN}/runs").headers) | {"Allow", "ETag", "Vary"}
    for target in targets:
        methods = ("HEAD", "POST", "DELETE", "TRACE") if target == targets[-1] else ("GET",)
        for method in methods:
            answer = served.ask(f"{PLUGIN}/{route}?{target}", method)
            assert set(answer.headers) <= usual
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "html" not in answer.headers["Content-Type"]
            if method not in ("GET", "HEAD"):
                assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    etag = served.ask(f"{PLUGIN}/index.js").headers["ETag"]
    unchanged = served.ask(f"{PLUGIN}/index.js", "GET", f"If-None-Match: {etag}")
    assert (unchanged.status, unchanged.headers["X-Content-Type-Options"]) == (304, "nosniff")


def test_the_policy_of_the_page_is_tensorboards_own_and_allows_no_script_of_ours(
    served: Served,
) -> None:
    page = served.ask("/data/plugin_entry.html?name=layerview")
    scripts = re.findall(rb"<script[^>]*>(.*?)</script>", page.body, re.DOTALL)
    assert len(scripts) == 1  # TensorBoard's, which imports the module
    digest = base64.b64encode(hashlib.sha256(scripts[0]).digest()).decode()
    request = Request(EnvironBuilder().get_environ())
    alone = http_util.Respond(request, page.body, "text/html", csp_scripts_sha256s=[digest])
    policy = page.headers["Content-Security-Policy"]
    assert policy == alone.headers["Content-Security-Policy"]
    (rule,) = re.findall(r"script-src ([^;]*)", policy)
    assert "'unsafe-inline'" not in rule
    assert f"'sha256-{digest}'" in rule


def test_nothing_of_all_this_failed_within_the_server(served: Served) -> None:
    assert "Traceback" not in served.tensorboard.log.read_text("utf-8", errors="replace")


def test_nothing_that_is_asked_changes_a_log(served: Served) -> None:
    files = [path for path in served.logdir.rglob("*") if path.is_file()]
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}
    for route in ROUTES:
        for method in ("GET", "POST", "PUT", "DELETE"):
            served.ask(f"{PLUGIN}/{route}?run=run&key=a/output&step=0&stat=max&slice=:", method)
    after = [path for path in served.logdir.rglob("*") if path.is_file()]
    assert sorted(after) == sorted(files)
    assert before == {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}
