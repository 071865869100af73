"""The demo's model trains on real digits; TensorBoard serves what plain PyTorch saw of it."""

from __future__ import annotations

import io
import json
import urllib.parse
import urllib.request
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from demo.model import CNN
from tests.conftest import StartTensorBoard
from tests.fixtures import witness
from tests.fixtures.demo_training import BATCH, SAMPLES, STEPS, train


class Demo(NamedTuple):
    """The routes of a TensorBoard, and what was seen at each recorded step."""

    routes: str
    seen: dict[int, witness.Seen]

    def fetch(self, route: str, **parameters: object) -> bytes:
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(f"{self.routes}{route}?{query}") as answer:
            body: bytes = answer.read()
        return body

    def json(self, route: str, **parameters: object) -> Any:  # noqa: ANN401
        return json.loads(self.fetch(route, **parameters))

    def array(self, **parameters: object) -> npt.NDArray[Any]:
        answer: npt.NDArray[Any] = np.load(io.BytesIO(self.fetch("array", **parameters)))
        return answer


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, start_tensorboard: StartTensorBoard) -> Demo:
    logdir = tmp_path_factory.mktemp("runs")
    seen = train(logdir / "demo").kept
    return Demo(start_tensorboard(logdir).url + "data/plugin/layerview/", seen)


def test_every_key_and_step_is_bit_for_bit_what_plain_pytorch_saw(demo: Demo) -> None:
    catalog = demo.json("catalog", run="demo")
    assert catalog["steps"] == list(STEPS)
    assert {tensor["key"] for tensor in catalog["tensors"]} == demo.seen[0].keys()
    for step, seen in demo.seen.items():
        for key, tensor in seen.items():
            array = demo.array(run="demo", key=key, step=step)
            assert array.shape == tuple(tensor.shape)
            assert array.dtype.name == str(tensor.dtype).removeprefix("torch.")
            assert array.tobytes() == tensor.numpy().tobytes(), (key, step)


def test_shapes_and_modules_are_those_of_the_model(demo: Demo) -> None:
    catalog = demo.json("catalog", run="demo")
    shapes = {tensor["key"]: tensor["shape"] for tensor in catalog["tensors"]}
    assert shapes["conv2.0/output"] == [SAMPLES, 64, 12, 12]
    assert shapes["fc_final.0/param.weight"] == [10, 64]
    modules = {module["path"]: module for module in catalog["modules"]}
    model = CNN()
    assert modules.keys() == dict(model.named_modules()).keys()
    in_order = sorted(catalog["modules"], key=lambda module: module["order"])
    assert [module["path"] for module in in_order] == [path for path, _ in model.named_modules()]
    for path, module in model.named_modules():
        assert modules[path]["class_name"] == type(module).__name__
        if not list(module.children()):
            assert modules[path]["repr"] == repr(module)


def test_slices_are_numpys_slices(demo: Demo) -> None:
    whole = demo.seen[5]["conv2.0/output"].numpy()
    cases: dict[str, Any] = {
        "0,3,:,:": (0, 3),
        "1:3,:,0,-1": (slice(1, 3), slice(None), 0, -1),
        "-1": -1,
    }
    for text, index in cases.items():
        array = demo.array(run="demo", key="conv2.0/output", step=5, slice=text)
        np.testing.assert_array_equal(array, whole[index])


def test_statistics_are_those_of_the_whole_batch(demo: Demo) -> None:
    axes = demo.json("stats/axes", run="demo")
    maxima = np.load(io.BytesIO(demo.fetch("stats", run="demo", stat="max")))
    counts = np.load(io.BytesIO(demo.fetch("stats", run="demo", stat="count")))
    assert maxima.shape == (len(axes["keys"]), len(axes["steps"]))
    for column, step in enumerate(axes["steps"]):
        weight = demo.seen[step]["fc1.0/param.weight"]
        row = axes["keys"].index("fc1.0/param.weight")
        assert maxima[row, column] == weight.max().item()
        row = axes["keys"].index("conv2.0/output")
        assert counts[row, column] == BATCH * 64 * 12 * 12


def test_a_histogram_counts_every_element_once(demo: Demo) -> None:
    key = "conv1.0/param.weight"
    counts = np.load(io.BytesIO(demo.fetch("histogram", run="demo", key=key)))
    axes = demo.json("histogram/axes", run="demo", key=key)
    assert counts.shape == (len(STEPS), len(axes["edges"]) + 1)
    edges = [-np.inf, *axes["edges"], np.inf]
    for row, step in enumerate(axes["steps"]):
        weight = demo.seen[step][key].numpy().astype(np.float64)
        expected, _ = np.histogram(weight, edges)
        np.testing.assert_array_equal(counts[row], expected)
