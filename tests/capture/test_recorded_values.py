"""What is recorded has the bits that plain PyTorch saw."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import nn

import tb_layerview
from demo.model import CNN
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.reader import LogReader
from tests.capture.recorded import assert_same, axes, elements, record

SAMPLES = 4


def test_a_training_is_recorded_as_state_dict_and_plain_hooks_saw_it(run: Path) -> None:
    model = CNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    seen: dict[tuple[str, int], torch.Tensor] = {}
    with tb_layerview.LayerView(model, run, every=2) as view:
        for step in range(5):
            images = torch.randn(6, 1, 28, 28)
            state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
            with view.step(step):
                handles = [
                    module.register_forward_hook(
                        lambda _, __, output, key=(f"{path}/output", step): seen.__setitem__(
                            key, output.detach().clone()
                        )
                    )
                    for path, module in model.named_modules()
                ]
                loss = -model(images).log()[:, 3].mean()
                loss.backward()
                optimizer.step()
                optimizer.zero_grad()
            for handle in handles:
                handle.remove()
            for name, tensor in state.items():
                module, _, parameter = name.rpartition(".")
                seen[f"{module}/param.{parameter}", step] = tensor
    log = tb_layerview.open(run)
    assert log.steps == [0, 2, 4]
    assert set(log.keys()) == {key for key, _ in seen}
    assert log.problems == []
    for (key, step), tensor in seen.items():
        if step in log.steps:
            kept = tensor[:SAMPLES] if key.endswith("/output") else tensor
            assert_same(log, key, kept, step)


def test_shapes_of_the_demo_are_those_of_pytorch(run: Path) -> None:
    log = record(CNN(), run, torch.randn(8, 1, 28, 28))
    assert elements(log, "conv2.0/output").shape == (4, 64, 12, 12)
    assert elements(log, "fc_final.0/param.weight").shape == (10, 64)
    assert axes(log, "fc_final.0/param.weight") == ("Output Node Index", "Input Node Index")
    assert axes(log, "conv2.0/output") == ("Sample", "Filter", "Row", "Column")


def test_parameters_are_those_that_made_the_outputs_beside_them(run: Path) -> None:
    linear = nn.Linear(3, 2)
    model = nn.Sequential(linear)
    inputs = torch.randn(4, 3)
    before = linear.weight.detach().clone()
    with tb_layerview.LayerView(model, run) as view, view.step(0):
        expected = model(inputs)
        with torch.no_grad():
            linear.weight.zero_()
    log = tb_layerview.open(run)
    assert_same(log, "0/param.weight", before)
    assert_same(log, "0/output", expected)


def test_parameters_that_change_before_the_forward_are_recorded_as_it_finds_them(
    run: Path,
) -> None:
    tied = nn.Linear(3, 3)
    other = nn.Linear(3, 3)
    model = nn.Sequential(tied, other, nn.BatchNorm1d(3))
    other.weight = tied.weight
    kept = other.bias.detach().clone()
    with tb_layerview.LayerView(model, run) as view, view.step(0):
        with torch.no_grad():
            tied.weight.mul_(2)
            tied.bias.fill_(torch.inf)
        changed = tied.weight.detach().clone()
        model(torch.randn(4, 3))
        with torch.no_grad():
            tied.weight.sub_(1)
        model(torch.randn(4, 3))
    log = tb_layerview.open(run)
    for key in ("0/param.weight", "1/param.weight"):
        assert_same(log, key, changed)
    assert_same(log, "0/param.bias", torch.full((3,), torch.inf))
    assert_same(log, "1/param.bias", kept)
    assert_same(log, "2/buffer.running_mean", torch.zeros(3))
    update = dict(zip(log.keys(), log.stats("update_rms")[:, 0], strict=True))
    assert update["0/param.weight"] == pytest.approx(1.0)


def test_an_output_that_is_overwritten_in_place_is_recorded_as_it_was(run: Path) -> None:
    linear = nn.Linear(3, 5)
    inputs = torch.randn(4, 3)
    log = record(nn.Sequential(linear, nn.ReLU(inplace=True)), run, inputs)
    assert_same(log, "0/output", linear(inputs))
    assert_same(log, "1/output", linear(inputs).relu())
    assert_same(log, "/output", linear(inputs).relu())
    assert (elements(log, "0/output") < 0).any()


def test_buffers_are_recorded_as_they_were_before_the_forward(run: Path) -> None:
    norm = nn.BatchNorm1d(3)
    log = record(nn.Sequential(norm), run, torch.randn(4, 3))
    assert_same(log, "0/buffer.running_mean", torch.zeros(3))
    assert_same(log, "0/buffer.num_batches_tracked", torch.tensor(0))
    assert norm.num_batches_tracked == torch.tensor(1)


def test_a_buffer_that_no_state_dict_has_is_recorded_too(run: Path) -> None:
    linear = nn.Linear(2, 2)
    mask = torch.tensor([True, False])
    linear.register_buffer("mask", mask, persistent=False)
    assert_same(record(nn.Sequential(linear), run, torch.ones(1, 2)), "0/buffer.mask", mask)


@dataclass
class Answer:
    logits: torch.Tensor
    hidden: tuple[torch.Tensor, torch.Tensor]


class Nested(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(3, 4, batch_first=True)
        self.head = nn.Linear(4, 2)

    def forward(self, values: torch.Tensor) -> dict[str, object]:
        sequence, (hidden, cell) = self.rnn(values)
        return {"answer": Answer(self.head(sequence), (hidden, cell)), "note": "text"}


def test_every_tensor_of_a_nested_output_has_a_key(run: Path) -> None:
    model = Nested()
    inputs = torch.randn(4, 5, 3)
    log = record(model, run, inputs)
    sequence, (hidden, cell) = model.rnn(inputs)
    for key, expected in {
        "rnn/output.0": sequence,
        "rnn/output.1.0": hidden,
        "rnn/output.1.1": cell,
        "/output.answer.logits": model.head(sequence),
        "/output.answer.hidden.1": cell,
    }.items():
        assert_same(log, key, expected)
    assert axes(log, "rnn/output.0") == ("Sample", "Time", "Feature")


def test_a_module_that_runs_again_in_a_step_has_a_key_for_each_call(run: Path) -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.shared = nn.Linear(3, 3)

        def forward(self, values: torch.Tensor) -> torch.Tensor:
            result: torch.Tensor = self.shared(self.shared(values))
            return result

    model = Twice()
    inputs = torch.randn(2, 3)
    log = record(model, run, inputs)
    once = model.shared(inputs)
    assert_same(log, "shared/output", once)
    assert_same(log, "shared/output#1", model.shared(once))


def test_shared_modules_and_tied_weights_stand_in_each_place_and_are_stored_once(
    run: Path,
) -> None:
    shared, tied = nn.Linear(64, 64), nn.Linear(64, 64)
    tied.weight = shared.weight
    model = nn.Sequential(shared, nn.ReLU(), tied, shared)
    log = record(model, run, torch.randn(4, 64), kinds=("param",))
    for key in ("0/param.weight", "2/param.weight", "3/param.weight"):
        assert_same(log, key, shared.weight)
    stored = sum(file.stat().st_size for file in run.rglob("*.lvlog"))
    assert stored < 2 * shared.weight.nbytes


def test_outputs_of_a_shared_module_stand_in_each_of_its_places(run: Path) -> None:
    shared = nn.Linear(3, 3)
    model = nn.Sequential(shared, nn.ReLU(), shared)
    inputs = torch.randn(2, 3)
    log = record(model, run, inputs)
    assert_same(log, "0/output", shared(inputs))
    assert_same(log, "2/output#1", shared(shared(inputs).relu()))
    assert_same(log, "2/output", shared(inputs))


def test_statistics_cover_the_whole_batch(run: Path) -> None:
    inputs = torch.zeros(20, 3)
    inputs[17, 1] = torch.inf
    log = record(nn.Sequential(nn.Linear(3, 3), nn.Identity()), run, inputs, inputs=inputs)
    row = dict(zip(STATISTICS, _statistics(log, "/sample.inputs"), strict=True))
    assert elements(log, "/sample.inputs").shape == (4, 3)
    assert row["count"] == 60
    assert row["pos_inf"] == 1


def _statistics(log: LogReader, key: str) -> list[float]:
    index = log.keys().index(key)
    return [float(log.stats(name)[index, 0]) for name in STATISTICS]
