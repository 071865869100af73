"""Requests of every route, sensible and not, and what an answer to them must be."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
from werkzeug.test import Client, TestResponse

from tb_layerview.contract.messages import ErrorCode
from tb_layerview.diagnosis.log import Log
from tb_layerview.errors import NotFoundError
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.levels import PLANES
from tb_layerview.plugin.routes import Routes
from tb_layerview.plugin.runs import Runs

RUN: Final = "exp"
CODES: Final[dict[int, ErrorCode]] = {
    400: "malformed",
    404: "not_found",
    413: "too_large",
    500: "damaged",
}
WORDS: Final = (
    "", " ", "0", "-1", "1", "7", "999999999999999999", "9" * 400, "1e3", "0x10", "NaN", "..",
    "...", "../..", "%2e%2e%2f", "/etc/passwd", "\\..\\", "\0", "\r\nX-Evil: 1", "é", "\U0001f4a9",
    "\u0661", "<script>", "'; drop", "{}", "a" * 3000, "mean", "flags", "max", "nan",
)  # fmt: skip
"""What may stand where a parameter is expected."""


class OneRun:
    """In place of what TensorBoard knows: one run, whose log is opened with the first request."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._log: Log | None = None

    def log(self, run: str, _asker: object = None) -> Log:
        if run != RUN:
            raise NotFoundError("run", f"one of 1 runs with layer data ({RUN})", run)
        if self._log is None:
            self._log = Log(self._directory)
        return self._log

    def logs(self, _asker: object = None) -> dict[str, Log]:
        return {RUN: self.log(RUN)}


class Asked:
    """The plugin's routes over one run; every answer is checked for what all must be."""

    def __init__(self, directory: Path) -> None:
        routes = Routes(cast("Runs", OneRun(directory)))
        self._clients = {path: Client(app) for path, app in routes.applications().items()}
        self.statuses: list[int] = []

    @property
    def routes(self) -> list[str]:
        """All of them."""
        return list(self._clients)

    def get(self, route: str, **parameters: object) -> tuple[int, Any]:
        """The status, and the array or the JSON of an answer."""
        return self._checked(self._clients[route].get(query_string=parameters))

    def get_raw(self, route: str, query: str) -> tuple[int, Any]:
        """As `get`, for a query string as it came."""
        return self._checked(self._clients[route].get(query_string=query))

    def _checked(self, answer: TestResponse) -> tuple[int, Any]:
        content = answer.get_data()
        self.statuses.append(answer.status_code)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "X-Evil" not in answer.headers
        if answer.content_type.startswith("application/json"):
            body = json.loads(content, parse_constant=_refuse)
            if answer.status_code != 200:
                assert CODES[answer.status_code] == body["error"]["code"], body
            return answer.status_code, body
        assert answer.status_code == 200
        return 200, np.load(io.BytesIO(content), allow_pickle=False)


def _refuse(constant: str) -> None:
    raise AssertionError(f"JSON with {constant}")


def slice_of(choose: random.Random, shape: tuple[int, ...]) -> tuple[str, Any]:
    """A slice as text and as NumPy's index; it need not fit."""
    texts, index = [], []
    for length in shape[: choose.randrange(len(shape) + 1)]:
        if choose.random() < 0.4:
            number = choose.randrange(-length - 1, length + 2)
            texts.append(str(number))
            index.append(cast("int | slice", number))
        else:
            ends = [choose.choice((None, choose.randrange(-9, length + 9))) for _ in range(2)]
            texts.append(":".join("" if end is None else str(end) for end in ends))
            index.append(slice(*ends))
    return ",".join(texts), tuple(index)


def ask_for_all(
    choose: random.Random, asked: Asked, written: dict[int, dict[str, npt.NDArray[Any]]] | None
) -> None:
    """Ask for what the catalog tells of; with ``written``, an array must be that or an error."""
    asked.get("/runs")
    status, catalog = asked.get("/catalog", run=RUN)
    if status != 200:
        return
    asked.get("/stats/axes", run=RUN)
    most = choose.choice((1, 2, 100))
    asked.get("/stats", run=RUN, stat=choose.choice(STATISTICS), max_columns=most)
    for tensor in catalog["tensors"]:
        key = tensor["key"]
        asked.get("/histogram", run=RUN, key=key)
        asked.get("/series", run=RUN, key=key, slice=",".join(["0"] * len(tensor["shape"])))
        for step in catalog["steps"]:
            status, found = asked.get("/array", run=RUN, key=key, step=step)
            if written is not None and status == 200:
                assert found.tobytes() == written[step][key].tobytes(), (key, step)
            if tensor["levels"]:
                level, plane = choose.randrange(1, 3), choose.choice(PLANES)
                asked.get("/array", run=RUN, key=key, step=step, level=level, plane=plane)
    for step in catalog["steps"][-1:]:
        asked.get("/origin", run=RUN, step=step)
        asked.get("/apart", run=RUN, step=step, a=0, b=1)
        asked.get("/contributions", run=RUN, step=step, sample=0)


def ask_anything(choose: random.Random, asked: Asked, keys: list[str]) -> None:
    """One request with parameters that hardly fit."""
    parameters: dict[str, object] = {"run": RUN}
    for name, fitting in (
        ("run", [RUN]),
        ("key", keys),
        ("step", ["0", "10"]),
        ("slice", ["0", ":", "0,:", "..."]),
        ("level", ["0", "1"]),
        ("plane", list(PLANES)),
        ("stat", list(STATISTICS)),
        ("max_columns", ["2"]),
        ("max_rows", ["2"]),
        ("max_steps", ["2"]),
        ("first_step", ["0", "10"]),
        ("last_step", ["10"]),
        ("over", ["keys"]),
        ("a", ["0"]),
        ("b", ["1"]),
        ("sample", ["0"]),
        ("right", ["0"]),
    ):
        chance = choose.random()
        if chance < 0.7:
            parameters[name] = choose.choice(fitting)
        elif chance < 0.95:
            parameters[name] = choose.choice(WORDS)
        elif chance < 0.97:
            parameters[name] = [choose.choice(WORDS), choose.choice(fitting)]
    asked.get(choose.choice(asked.routes), **parameters)
