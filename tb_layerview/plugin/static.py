"""The page: one ES module that TensorBoard imports, from a fixed list of files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from tensorboard.backend import http_util
from werkzeug import Request, Response

from tb_layerview.plugin.http import WsgiApplication, application

FOLDER: Final = Path(__file__).parent / "static"
ENTRY: Final = "index.js"
FILES: Final = {ENTRY: "text/javascript"}
"""What is served, with its type. No name of a request ever becomes a path."""

NOT_BUILT: Final = (
    "LAYERVIEW's page is missing from this installation of tb_layerview: "
    "install it again with `pip install`, which builds it."
)
_MODULE_THAT_SAYS_SO: Final = f"""\
export function render() {{
  document.body.textContent = {json.dumps(NOT_BUILT)};
}}
"""


def applications() -> Mapping[str, WsgiApplication]:
    """A route for each file."""
    return {f"/{name}": application(partial(_serve, name)) for name in FILES}


def _serve(name: str, request: Request) -> Response:
    """A file, to be asked for again each time, and sent again when it has changed."""
    path = FOLDER / name
    try:
        content = path.read_bytes()
        version = path.stat().st_mtime_ns
    except FileNotFoundError:
        # As a module, for a browser shows nothing of an import that is answered with an error.
        return _respond(request, _MODULE_THAT_SAYS_SO.encode(), FILES[name])
    response = _respond(request, content, FILES[name])
    # The bytes depend on what the request accepts, as the answer may be compressed.
    encoding = response.headers.get("Content-Encoding", "identity")
    response.set_etag(f"{version:x}-{len(content):x}-{encoding}")
    response.vary.add("Accept-Encoding")
    return response.make_conditional(request)


def _respond(request: Request, content: bytes, content_type: str) -> Response:
    response: Response = http_util.Respond(request, content, content_type)
    return response
