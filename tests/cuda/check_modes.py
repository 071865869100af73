"""On a real GPU: mixed precision, CUDA graphs, compilers, shards, and the flight recorder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, distributed, nn
from torch._dynamo.utils import counters
from torch.distributed.fsdp import fully_shard
from torch.nn.parallel import DistributedDataParallel

import tb_layerview
from tb_layerview.capture.plan import CAPTURED_KINDS
from tests.capture.recorded import elements, warned
from tests.cuda.training import (
    ABOUT_A_SECOND,
    DEVICE,
    Training,
    host,
    keep_busy,
    raising_where_the_host_waits,
)


@pytest.fixture(scope="module")
def _process_group() -> Iterator[None]:
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29577"}
    distributed.init_process_group("nccl", rank=0, world_size=1, device_id=DEVICE)
    yield
    distributed.destroy_process_group()


def perceptron() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)).to(DEVICE)


def test_an_overflow_in_half_precision_is_traced_to_its_layer(run: Path) -> None:
    model = nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 64), nn.Linear(64, 4))
    model.to(DEVICE)
    model.state_dict()["1.weight"][17] *= 1e6
    scaler = torch.amp.GradScaler("cuda", init_scale=256.0)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    inputs = torch.randn(8, 64, device=DEVICE)
    with tb_layerview.LayerView(model, run) as view, view.step(0, inputs=inputs):
        with torch.autocast("cuda", dtype=torch.float16):
            loss = model(inputs).square().mean()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
    log = tb_layerview.open(run)
    assert log["1/output"].spec.dtype == "float16"
    assert not np.isfinite(elements(log, "1/output")[:, 17]).any()
    errors = [finding for finding in log.findings() if finding.severity == "error"]
    assert any(finding.key.startswith("1/") for finding in errors), errors
    assert not any(finding.key.startswith("0/output") for finding in errors), errors


def test_compiled_code_stays_compiled_between_recorded_steps(run: Path) -> None:
    model = perceptron()
    compiled: Any = torch.compile(model)
    inputs = torch.randn(4, 6, device=DEVICE)
    with torch.no_grad():
        expected = compiled(inputs)
    before = counters["stats"]["unique_graphs"]
    with tb_layerview.LayerView(compiled, run, every=2, samples=4) as view, torch.no_grad():
        for step in range(4):
            with view.step(step):
                torch.testing.assert_close(compiled(inputs), expected)
    assert counters["stats"]["unique_graphs"] == before
    log = tb_layerview.open(run)
    assert log.steps == [0, 2]
    np.testing.assert_allclose(elements(log, "/output"), host(expected), rtol=1e-4, atol=1e-6)


def test_a_cuda_graph_is_captured_and_replayed_as_if_nothing_was_recorded(run: Path) -> None:
    model = perceptron().requires_grad_(requires_grad=False)
    inputs = torch.randn(4, 6, device=DEVICE)
    expected = model(inputs)
    graph = torch.cuda.CUDAGraph()
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        model(inputs)
    torch.cuda.current_stream().wait_stream(stream)
    with warned() as sentences, tb_layerview.LayerView(model, run) as view:
        with torch.cuda.graph(graph), view.step(0):
            output = model(inputs)
        with view.step(1):
            graph.replay()
    torch.testing.assert_close(output, expected)
    assert any("CUDA graph" in sentence for sentence in sentences)
    log = tb_layerview.open(run)
    assert any("CUDA graph" in problem for problem in log.problems)
    np.testing.assert_array_equal(
        elements(log, "0/param.weight", 1), host(model.state_dict()["0.weight"])
    )


@pytest.mark.usefixtures("_process_group")
def test_distributed_data_parallel_and_sharded_models_are_recorded(run: Path) -> None:
    wraps: dict[str, Callable[[nn.Module], Any]] = {
        "ddp": DistributedDataParallel,
        "fsdp": fully_shard,
    }
    for name, wrap in wraps.items():
        torch.manual_seed(1)
        model = perceptron()
        weight = host(model.state_dict()["0.weight"])
        inputs = torch.randn(4, 6, device=DEVICE)
        expected = host(model(inputs))
        wrapped = wrap(model)
        with (
            tb_layerview.LayerView(wrapped, run / name, kinds=CAPTURED_KINDS, samples=4) as view,
            view.step(0, inputs=inputs),
        ):
            wrapped(inputs).square().sum().backward()
        log = tb_layerview.open(run / name)
        np.testing.assert_array_equal(elements(log, "0/param.weight"), weight)
        np.testing.assert_allclose(elements(log, "/output"), expected, rtol=1e-5)
        assert "2/grad.weight" in log.keys()  # noqa: SIM118 - a method of the log


class Watched:
    """A training with dropout that is watched, and poisoned at one step."""

    def __init__(self) -> None:
        self.model = nn.Sequential(
            nn.Linear(6, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Linear(8, 3)
        ).to(DEVICE)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)
        self.states: list[dict[str, Tensor]] = []
        self.losses: list[Tensor] = []

    def loss(self, inputs: Tensor) -> Tensor:
        loss: Tensor = self.model(inputs).square().sum()
        return loss

    def train(self, view: tb_layerview.LayerView | None, poisoned: int) -> None:
        for number in range(6):
            inputs = torch.randn(4, 6, device=DEVICE)
            if number == poisoned:
                inputs[2, 3] = torch.inf
            self.states.append({k: v.clone() for k, v in self.model.state_dict().items()})
            self.optimizer.zero_grad()
            with nullcontext() if view is None else view.step(number, inputs=inputs) as recording:
                loss = self.loss(inputs)
                if recording is not None:
                    recording.watch(loss, partial(self.loss, inputs))
                loss.backward()
                self.optimizer.step()
            self.losses.append(loss.detach())


def test_the_flight_recorder_runs_the_batch_again_that_broke_the_training(run: Path) -> None:
    torch.manual_seed(5)
    plain = Watched()
    plain.train(None, poisoned=3)
    torch.manual_seed(5)
    watched = Watched()
    with warned() as sentences:
        view = tb_layerview.LayerView(
            watched.model, run, every=lambda _: False, samples=4, on_nonfinite="record"
        )
        watched.train(view, poisoned=3)
        view.close()
    assert any("Step 3" in sentence for sentence in sentences), sentences
    log = tb_layerview.open(run)
    assert log.steps[0] == 3
    for name, tensor in plain.states[3].items():
        path, _, own = name.rpartition(".")
        kind = "param" if own in {"weight", "bias"} else "buffer"
        np.testing.assert_array_equal(
            elements(log, f"{path}/{kind}.{own}", 3), host(tensor), err_msg=name
        )
    for one, other in zip(watched.states, plain.states, strict=True):
        for name, tensor in one.items():
            np.testing.assert_array_equal(host(tensor), host(other[name]), err_msg=name)
    for loss, other_loss in zip(watched.losses, plain.losses, strict=True):
        np.testing.assert_array_equal(host(loss), host(other_loss))


def test_watching_makes_the_host_wait_for_nothing(run: Path) -> None:
    training = Training()
    view = tb_layerview.LayerView(training.model, run, every=lambda _: False, on_nonfinite="record")

    def step(number: int) -> None:
        with view.step(number, inputs=training.images) as recording:
            training.optimizer.zero_grad()
            loss = nn.functional.nll_loss(training.model(training.images).log(), training.labels)
            recording.watch(loss)
            loss.backward()
            training.optimizer.step()

    step(0)
    torch.cuda.synchronize()
    keep_busy(ABOUT_A_SECOND)
    done = torch.cuda.Event()
    done.record()
    with raising_where_the_host_waits():
        for number in range(1, 4):
            step(number)
    assert not done.query()
    torch.cuda.synchronize()
    view.close()


def test_a_probe_and_a_snapshot_are_taken_on_the_device(run: Path) -> None:
    model = perceptron()
    fixed = torch.randn(3, 6, device=DEVICE)
    generator = torch.cuda.get_rng_state()
    with tb_layerview.LayerView(model, run / "probe") as view:
        view.probe(fixed, torch.tensor([0, 1, 2], device=DEVICE), ids=["a", "b", "c"])
        with view.step(0):
            pass
    tb_layerview.snapshot(model, run / "snapshot", 0, inputs=fixed)
    assert torch.equal(torch.cuda.get_rng_state(), generator)
    log = tb_layerview.open(run / "snapshot")
    np.testing.assert_allclose(elements(log, "/output"), host(model(fixed)), rtol=1e-5)
    assert tb_layerview.open(run / "probe").steps == [0]
