"""The page: one ES module that TensorBoard imports, from a fixed list of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
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
    return {f"/{name}": application(_File(name).serve) for name in FILES}


class _File:
    """One file of the installation that this process runs.

    Where another version is installed meanwhile, what this one had is served on: the page of
    another version asks for what these routes do not answer.
    """

    def __init__(self, name: str) -> None:
        self._path = FOLDER / name
        self._type = FILES[name]
        self._version = _installed()
        self._content: bytes | None = None
        self._read()

    def serve(self, request: Request) -> Response:
        """The file, to be asked for again each time, and sent again when it has changed."""
        if _installed() == self._version:
            self._read()
        if self._content is None:
            # As a module, for a browser shows nothing of an import that is answered with an error.
            return _respond(request, _MODULE_THAT_SAYS_SO.encode(), self._type)
        response = _respond(request, self._content, self._type)
        # The bytes depend on what the request accepts, as the answer may be compressed.
        encoding = response.headers.get("Content-Encoding", "identity")
        response.set_etag(f"{hashlib.sha256(self._content).hexdigest()[:16]}-{encoding}")
        response.vary.add("Accept-Encoding")
        return response.make_conditional(request)

    def _read(self) -> None:
        try:
            self._content = self._path.read_bytes()
        except FileNotFoundError:
            self._content = None


def _installed() -> str | None:
    """The version that is installed now; None while there is none, as during an update."""
    try:
        return version("tb_layerview")
    except PackageNotFoundError:
        return None


def _respond(request: Request, content: bytes, content_type: str) -> Response:
    response: Response = http_util.Respond(request, content, content_type)
    return response
