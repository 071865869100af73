"""What the worker hands to the log: frames, seen before they are written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from torch import nn

import tb_layerview
from demo.model import CNN
from tb_layerview.log.dtypes import dtype_of
from tb_layerview.log.frame import Frame
from tb_layerview.log.schema import encode_schema
from tb_layerview.log.writer import LogWriter
from tb_layerview.measure.summary import summarize


@contextmanager
def frames_written() -> Iterator[list[Frame]]:
    frames: list[Frame] = []
    real = LogWriter.append

    def append(writer: LogWriter, frame: Frame) -> int:
        frames.append(frame)
        return real(writer, frame)

    with mock.patch.object(LogWriter, "append", append):
        yield frames


def test_the_schema_is_the_same_to_the_byte_while_nothing_changes(run: Path) -> None:
    model = CNN()
    with frames_written() as frames, tb_layerview.LayerView(model, run) as view:
        for step in range(4):
            with view.step(step):
                model(torch.randn(2, 1, 28, 28))
    assert len({encode_schema(frame.schema) for frame in frames}) == 1
    assert len(frames) == 4


def test_tensors_stand_in_the_order_of_execution_their_parameters_before_their_outputs(
    run: Path,
) -> None:
    class Backwards(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.second = nn.Linear(3, 3)
            self.first = nn.BatchNorm1d(3)

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            result: torch.Tensor = self.second(self.first(values))
            return result

    model = Backwards()
    with frames_written() as frames, tb_layerview.LayerView(model, run) as view, view.step(0):
        model(torch.randn(4, 3))
    schema = frames[0].schema
    assert [module.path for module in schema.modules] == ["", "first", "second"]
    assert [spec.key for spec in schema.tensors] == [
        "/output",
        "first/param.weight",
        "first/param.bias",
        "first/buffer.running_mean",
        "first/buffer.running_var",
        "first/buffer.num_batches_tracked",
        "first/output",
        "second/param.weight",
        "second/param.bias",
        "second/output",
    ]


def test_a_tensor_that_a_container_passes_on_is_stored_once(run: Path) -> None:
    model = nn.Sequential(nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True)), nn.Identity())
    inputs = torch.randn(4, 3)
    with (
        frames_written() as frames,
        tb_layerview.LayerView(model, run, kinds=("output",)) as view,
        view.step(0),
    ):
        model(inputs)
    (frame,) = frames
    found = {
        spec.key: row.alias_of
        for spec, row in zip(frame.schema.tensors, frame.tensors, strict=True)
    }
    assert found == {
        "/output": None,
        "0/output": 0,
        "0.0/output": None,
        "0.1/output": 0,
        "1/output": 0,
    }


def test_a_parameter_that_is_returned_as_an_output_is_cut_to_the_samples_there_only(
    run: Path,
) -> None:
    class Table(nn.Embedding):
        def forward(self, positions: torch.Tensor) -> torch.Tensor:
            assert len(positions) == len(self.weight)
            return self.weight

    model = Table(6, 2)
    with tb_layerview.LayerView(model, run) as view, view.step(0):
        model(torch.arange(6))
    log = tb_layerview.open(run)
    assert log["/param.weight"].at(0).shape == (6, 2)
    assert log["/output"].at(0).shape == (4, 2)
    np.testing.assert_array_equal(log["/output"].at(0)[...], model.weight.detach()[:4].numpy())


def test_every_row_has_the_statistics_and_histogram_of_its_whole_tensor(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 2))
    inputs = torch.randn(9, 3)
    with tb_layerview.LayerView(model, run, samples=1) as view, view.step(0):
        expected = model(inputs).detach().numpy()
    log = tb_layerview.open(run)
    summary = summarize(expected, dtype_of("float32"))
    index = log.keys().index("0/output")
    assert log.stats("mean")[index, 0] == np.float64(expected.mean(dtype=np.float64))
    assert log.stats("count")[index, 0] == expected.size
    np.testing.assert_array_equal(log["0/output"].histogram()[0], summary.histogram)


def test_a_step_in_which_nothing_ran_is_a_frame_without_tensors(run: Path) -> None:
    with tb_layerview.LayerView(nn.Linear(2, 2), run, kinds=("output",)) as view, view.step(3):
        pass
    log = tb_layerview.open(run)
    assert log.steps == [3]
    assert log.keys() == []
    assert [module.path for module in log.schema().modules] == [""]


def test_the_report_says_what_is_recorded_and_at_which_cost(run: Path) -> None:
    model = CNN()
    with tb_layerview.LayerView(model, run, every=2) as view:
        for step in range(4):
            with view.step(step):
                model(torch.randn(2, 1, 28, 28))
        view.flush()
        lines = view.report().splitlines()
    assert lines[0] == "layers: 18, tensors: 28"
    assert lines[1] == "steps: 2 recorded, 0 skipped"
    assert [line.partition(":")[0] for line in lines[2:]] == [
        "memory of a step",
        "disk of a step",
        "training thread",
        "worker",
    ]
    assert all(float(line.split(": ")[1].split()[0]) > 0 for line in lines[2:])
