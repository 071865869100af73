"""Asks a TensorBoard every route, and compares the answers with NumPy.

`python -m tests.matrix.ask LOGDIR TRUTH.npz`. Further arguments are given to TensorBoard, which is
that of the interpreter that runs this.
"""

from __future__ import annotations

import io
import json
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tests.matrix.truth import BATCH, RUN, SAMPLES, SPOILED, SPOILED_KEY, STEPS, Truth, load
from tests.tensorboard_server import serve

LOAD_SECONDS: Final = 60
ANSWER_SECONDS: Final = 30
POLL_SECONDS: Final = 0.2
LARGE: Final = "fc1.0/param.weight"
"""The tensor that the log has in blocks of 8 x 8 too."""


class Served:
    """The plugin's routes of a TensorBoard, of the one run."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, route: str, **parameters: object) -> bytes:
        """The body of an answer. Raises HTTPError where it is no success."""
        query = urllib.parse.urlencode({"run": RUN, **parameters})
        url = f"{self.url}data/plugin/layerview/{route}?{query}"
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
            body: bytes = answer.read()
        return body

    def json(self, route: str, **parameters: object) -> Any:  # noqa: ANN401  # JSON is anything
        """A JSON body."""
        return json.loads(self.get(route, **parameters))

    def array(self, route: str = "array", **parameters: object) -> npt.NDArray[Any]:
        """An ``.npy`` body."""
        answer: npt.NDArray[Any] = np.load(io.BytesIO(self.get(route, **parameters)))
        return answer


def runs(served: Served, _truth: Truth) -> None:
    deadline = time.monotonic() + LOAD_SECONDS
    while not (found := served.json("runs")["runs"]) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    assert found == [
        {"name": RUN, "frames": 3, "first_step": STEPS[0], "last_step": STEPS[-1], "skipped": 0}
    ], found


def page(served: Served, _truth: Truth) -> None:
    assert b"render" in served.get("index.js")
    with urllib.request.urlopen(f"{served.url}data/plugins_listing") as answer:
        assert json.load(answer)["layerview"]["enabled"]


def catalog(served: Served, truth: Truth) -> None:
    answer = served.json("catalog")
    assert answer["steps"] == list(STEPS)
    assert answer["samples"] == list(range(SAMPLES))
    shapes = {tensor["key"]: tuple(tensor["shape"]) for tensor in answer["tensors"]}
    assert shapes == {key: array.shape for key, array in truth[STEPS[0]].items()}


def array(served: Served, truth: Truth) -> None:
    for step, arrays in truth.items():
        for key, expected in arrays.items():
            _same(served.array(key=key, step=step), expected)
    outputs = truth[STEPS[1]]["conv2.0/output"]
    sliced = served.array(key="conv2.0/output", step=STEPS[1], slice="1:3,-1,:,4")
    _same(sliced, np.ascontiguousarray(outputs[1:3, -1, :, 4]))
    rows, columns = truth[0][LARGE].shape
    blocks = truth[0][LARGE].reshape(rows // 8, 8, columns // 8, 8)
    _same(served.array(key=LARGE, step=0, level=1, plane="max"), blocks.max((1, 3)))
    mean = served.array(key=LARGE, step=0, level=1, plane="mean")
    np.testing.assert_allclose(mean, blocks.mean((1, 3), dtype=np.float64), rtol=1e-5, atol=1e-9)


def stats(served: Served, truth: Truth) -> None:
    axes = served.json("stats/axes")
    assert axes["steps"] == list(STEPS)
    assert set(axes["keys"]) == set(truth[0])
    minima, means = (served.array("stats", stat=name) for name in ("min", "mean"))
    nans, counts = (served.array("stats", stat=name) for name in ("nan", "count"))
    for row, key in enumerate(axes["keys"]):
        for column, step in enumerate(STEPS):
            kept = truth[step][key]
            whole = "/output" not in key and "/sample." not in key
            assert counts[row, column] == (kept.size if whole else kept.size // SAMPLES * BATCH)
            finite = kept[np.isfinite(kept)].astype(np.float64)
            if whole:
                assert nans[row, column] == np.isnan(kept).sum(), (key, step)
            if whole and not finite.size:
                assert np.isnan([minima[row, column], means[row, column]]).all(), (key, step)
            elif whole:
                assert minima[row, column] == finite.min(), (key, step)
                np.testing.assert_allclose(means[row, column], finite.mean(), rtol=1e-9, atol=1e-12)


def series(served: Served, truth: Truth) -> None:
    expected = [truth[step]["conv1.0/param.weight"][5, 0, 1] for step in STEPS]
    found = served.array("series", key="conv1.0/param.weight", slice="5,0,1")
    _same(found, np.stack(expected))
    axes = served.json("series/axes", key="conv1.0/param.weight")
    assert axes == {"steps": list(STEPS), "available": len(STEPS)}


def histogram(served: Served, truth: Truth) -> None:
    axes = served.json("histogram/axes", key=LARGE)
    counts = served.array("histogram", key=LARGE)
    edges = np.array(axes["edges"])
    for row, step in enumerate(STEPS):
        values = truth[step][LARGE].astype(np.float64)
        values = values[np.isfinite(values)]
        # An edge belongs to the bin that is farther from zero, on both sides.
        below, above = (np.searchsorted(edges, values, side) for side in ("left", "right"))
        bins = np.where(values < 0, below, above)
        np.testing.assert_array_equal(counts[row], np.bincount(bins, minlength=len(edges) + 1))


def origin(served: Served, truth: Truth) -> None:
    assert served.json("origin", step=STEPS[0]) == {"origin": None}
    answer = served.json("origin", step=SPOILED)["origin"]
    assert answer["key"] == SPOILED_KEY, answer
    indices = np.argwhere(~np.isfinite(truth[SPOILED][SPOILED_KEY])).tolist()
    assert answer["indices"] == indices, answer


def findings(served: Served, truth: Truth) -> None:
    errors = [each for each in served.json("findings")["findings"] if each["severity"] == "error"]
    assert errors
    for found in errors:
        assert found["first_step"] == SPOILED, found
        assert not np.isfinite(truth[SPOILED][found["key"]]).all(), found


def apart(served: Served, truth: Truth) -> None:
    partings = served.json("apart", step=0, a=0, b=2)["partings"]
    assert "conv3.1/output" in {parting["key"] for parting in partings}
    for parting in partings:
        first, second = (truth[0][parting["key"]][sample].astype(np.float64) for sample in (0, 2))
        norms = np.hypot(np.linalg.norm(first), np.linalg.norm(second))
        expected = np.linalg.norm(first - second) / norms
        np.testing.assert_allclose(parting["distance"], expected, rtol=1e-6)


def contributions(served: Served, truth: Truth) -> None:
    answer = served.json("contributions", step=0, sample=1)
    weight, bias = (truth[0][f"fc_final.0/param.{name}"] for name in ("weight", "bias"))
    values = truth[0]["fc1.1/output"][1].astype(np.float64)
    logits = weight.astype(np.float64) @ values + bias
    assert answer["chosen"] == logits.argmax()
    assert answer["right"] == truth[0]["/sample.targets"][1]
    np.testing.assert_allclose(answer["chosen_logit"], logits[answer["chosen"]], rtol=1e-5)
    for feature in answer["features"]:
        index = feature["index"]
        expected = values[index] * weight[answer["chosen"], index]
        np.testing.assert_allclose(feature["to_chosen"], expected, rtol=1e-5)


CHECKS: Final[Mapping[str, Callable[[Served, Truth], None]]] = {
    check.__name__: check
    for check in (
        runs, page, catalog, array, stats, series, histogram, origin, findings, apart,
        contributions,
    )
}  # fmt: skip
"""In this order: the first one waits until TensorBoard has loaded the run."""


def _same(found: npt.NDArray[Any], expected: npt.NDArray[Any]) -> None:
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    assert found.tobytes() == expected.tobytes()


def main(logdir: str, truth_file: str, *arguments: str) -> None:
    """Raises AssertionError with the name of the route that answers otherwise than NumPy."""
    truth = load(Path(truth_file))
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "messages.txt"
        with serve(Path(logdir), log, *arguments) as running:
            for name, check in CHECKS.items():
                try:
                    check(Served(running.url), truth)
                except Exception as error:
                    raise AssertionError(f"{name}: {error!r}\n{log.read_text()}") from error
    print(f"{len(CHECKS)} routes")


if __name__ == "__main__":
    main(*sys.argv[1:])
