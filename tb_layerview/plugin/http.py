"""HTTP: how answers and errors are sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy.typing as npt
from tensorboard.backend import http_util
from werkzeug import Request, Response

from tb_layerview.contract import messages
from tb_layerview.errors import (
    ArgumentError,
    DamagedLogError,
    GoneError,
    NotFoundError,
    TooLargeError,
)
from tb_layerview.plugin.npy import npy_bytes

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

METHODS: Final = ("GET", "HEAD")
_FURTHER_TRIES: Final = 20
"""How often a file of the log may go while it is read: of a run that keeps to little room, one may
go with each step of a fast training."""

YEAR_SECONDS: Final = 365 * 24 * 60 * 60
IMMUTABLE: Final = f"private, max-age={YEAR_SECONDS}, immutable"

ANSWERS: Final[tuple[tuple[type[Exception], int, messages.ErrorCode], ...]] = (
    (NotFoundError, 404, "not_found"),
    (ArgumentError, 400, "malformed"),
    (TooLargeError, 413, "too_large"),
    (DamagedLogError, 500, "damaged"),
    (OSError, 500, "unreadable"),
)
"""The status and code of each error that a request may meet."""


def application(handle: Callable[[Request], Response]) -> WsgiApplication:
    """The WSGI application that answers with ``handle``, and its errors as JSON."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request = Request(environ)
        return _response(request, handle)(environ, start_response)

    return answer


def _response(request: Request, handle: Callable[[Request], Response]) -> Response:
    if request.method not in METHODS:
        message = f"method: expected {' or '.join(METHODS)}, received {request.method!r}"
        response = _error(request, 405, "method_not_allowed", message)
        response.headers["Allow"] = ", ".join(METHODS)
        return response
    try:
        return _handled(request, handle)
    except tuple(kind for kind, _, _ in ANSWERS) as error:
        status, code = next((s, c) for kind, s, c in ANSWERS if isinstance(error, kind))
        return _error(request, status, code, str(error))


def _handled(request: Request, handle: Callable[[Request], Response]) -> Response:
    """What ``handle`` answers; once more where a file of the log went in the middle of it."""
    for _ in range(_FURTHER_TRIES):
        try:
            return handle(request)
        except GoneError:
            # A training that keeps to its room on the disk drops what is old while it is read.
            continue
    return handle(request)


def _error(request: Request, status: int, code: messages.ErrorCode, message: str) -> Response:
    body: messages.ErrorBody = {"error": {"code": code, "message": message}}
    return json_response(request, body, status)


def json_response(request: Request, body: Mapping[str, object], status: int = 200) -> Response:
    """A JSON body, to be asked for again each time. Its numbers must be finite."""
    # Written here, as TensorBoard's own way to JSON turns NaN into a string without a word.
    text = json.dumps(body, allow_nan=False, separators=(",", ":"))
    response: Response = http_util.Respond(request, text, "application/json", code=status)
    return response


def npy_response(request: Request, array: npt.NDArray[Any], *, immutable: bool = False) -> Response:
    """An ``.npy`` body; one that is ``immutable`` is never asked for twice."""
    response: Response = http_util.Respond(request, npy_bytes(array), "application/octet-stream")
    if immutable:
        response.headers["Cache-Control"] = IMMUTABLE
        del response.headers["Expires"]
    return response
