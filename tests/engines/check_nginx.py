"""Behind a path prefix of a real nginx that compresses and buffers, as whole sites do."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import numpy as np
import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import WINDOW
from tests.browser.layer_view_page import LayerViewPage
from tests.engines.conftest import MAPS, STEP, Known, program
from tests.engines.looking import expect_the_main_views
from tests.engines.nginx import proxied
from tests.tensorboard_server import serve


@pytest.fixture(scope="module", params=["with --path_prefix", "prefix taken off by nginx"])
def site(
    request: pytest.FixtureRequest, known: Known, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    prefix = "/tools/tb/"
    takes_off = request.param.startswith("prefix")
    arguments = () if takes_off else (f"--path_prefix={prefix.rstrip('/')}",)
    nginx = program("nginx", "nginx-light")
    with (
        serve(known.logdir, folder / "tensorboard.txt", *arguments) as tensorboard,
        proxied(nginx, folder, prefix, tensorboard.url) as url,
    ):
        yield url
    assert "Traceback" not in Path(folder / "tensorboard.txt").read_text()


def test_every_kind_of_answer_arrives_as_it_was_sent(site: str, known: Known) -> None:
    base = f"{site}data/plugin/layerview/"

    def get(route: str, **asked: object) -> tuple[bytes, str]:
        request = Request(f"{base}{route}?{urlencode(asked)}", headers={"Accept-Encoding": "gzip"})
        with urlopen(request) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            encoding = answer.headers.get("Content-Encoding", "identity")
            content = answer.read()
        return (gzip.decompress(content) if encoding == "gzip" else content), encoding

    (run,) = json.loads(get("runs")[0])["runs"]
    assert run["name"] == "exp1"
    for key, array in known.arrays.items():
        content, encoding = get("array", run="exp1", key=key, step=STEP)
        assert encoding == "gzip"
        received = np.load(io.BytesIO(content), allow_pickle=False)
        assert received.tobytes() == array.tobytes()
    assert b"render" in get("index.js")[0]
    with urlopen(f"{base}array?run=exp1&key={MAPS}&step={STEP}&slice=1,0,0,0") as answer:
        assert np.isnan(np.load(io.BytesIO(answer.read()), allow_pickle=False))


def test_the_main_views_are_drawn_right_and_the_console_is_silent(
    site: str, known: Known, browser: Browser
) -> None:
    context = browser.new_context(viewport=WINDOW)
    view = LayerViewPage(context.new_page(), site)
    expect_the_main_views(view, known)
    context.close()
    assert view.complaints == []
