"""On a real GPU: what is recorded is what was computed there, and the training never waits."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview.capture import lanes
from tb_layerview.capture.plan import CAPTURED_KINDS
from tb_layerview.log.levels import level_count
from tests.capture.recorded import elements, rms
from tests.cuda.training import (
    ABOUT_A_SECOND,
    DEVICE,
    Training,
    host,
    keep_busy,
    raising_where_the_host_waits,
)
from tests.large.expected import assert_levels, assert_statistics, statistic


def test_every_tensor_of_a_step_is_recorded_bit_for_bit(run: Path) -> None:
    training = Training()
    with tb_layerview.LayerView(training.model, run, kinds=CAPTURED_KINDS, samples=32) as view:
        for step in range(3):
            with view.step(step, inputs=training.images, targets=training.labels):
                training.step()
        training.watch()
        with view.step(3, inputs=training.images, targets=training.labels):
            training.step()
    log = tb_layerview.open(run)
    assert not [problem for problem in log.problems if "not recorded" in problem]
    assert len(training.seen) == 2 * 10 + len(list(training.model.modules()))
    for key, expected in training.seen.items():
        np.testing.assert_array_equal(elements(log, key, 3), host(expected), err_msg=key)
    np.testing.assert_array_equal(elements(log, "/sample.inputs", 3), host(training.images))


@pytest.mark.parametrize("max_elements", [None, 10_000])
def test_nothing_in_a_recorded_step_makes_the_host_wait(
    run: Path, max_elements: int | None
) -> None:
    training = Training()
    with tb_layerview.LayerView(
        training.model, run, kinds=CAPTURED_KINDS, max_elements=max_elements
    ) as view:
        for step in range(4):
            with (
                raising_where_the_host_waits(),
                view.step(step, inputs=training.images, targets=training.labels),
            ):
                training.step()
    log = tb_layerview.open(run)
    assert log.steps == [0, 1, 2, 3]
    assert not [problem for problem in log.problems if "synchroniz" in problem]
    expected = {f"{path}/output" for path, _ in training.model.named_modules()}
    assert expected <= set(log.keys())


@pytest.mark.parametrize("device_bytes", [lanes.DEVICE_BYTES, 1 << 16])
def test_the_training_thread_is_through_before_the_device_has_begun(
    run: Path, monkeypatch: pytest.MonkeyPatch, device_bytes: int
) -> None:
    monkeypatch.setattr(lanes, "DEVICE_BYTES", device_bytes)
    training = Training()
    with tb_layerview.LayerView(
        training.model, run, kinds=CAPTURED_KINDS, max_elements=None
    ) as view:
        for step in range(3):
            with view.step(step, inputs=training.images):
                training.step()
        view.flush()
        torch.cuda.synchronize()
        keep_busy(ABOUT_A_SECOND)
        done = torch.cuda.Event()
        done.record()
        with view.step(3, inputs=training.images):
            training.step()
        assert not done.query()
        expected = host(training.model.state_dict()["conv2.0.weight"])
        with view.step(4):
            pass
    log = tb_layerview.open(run)
    np.testing.assert_array_equal(elements(log, "conv2.0/param.weight", 4), expected)


def test_what_is_overwritten_at_once_is_recorded_as_it_was(run: Path) -> None:
    class InPlace(nn.Module):
        def forward(self, values: Tensor) -> Tensor:
            return values

    model = nn.Sequential(*(InPlace() for _ in range(8)))
    values = torch.zeros(1 << 20, device=DEVICE)

    def change(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        output.add_(1)

    with (
        tb_layerview.LayerView(model, run, kinds=("output",), max_elements=None) as view,
        view.step(0),
        torch.no_grad(),
    ):
        for module in model:
            module.register_forward_hook(change)
        keep_busy(ABOUT_A_SECOND // 20)
        model(values)
    log = tb_layerview.open(run)
    for place in range(8):
        assert np.unique(elements(log, f"{place}/output")).tolist() == [place], place


def test_a_training_on_a_stream_of_its_own_is_recorded(run: Path) -> None:
    training = Training()
    stream = torch.cuda.Stream()
    with tb_layerview.LayerView(training.model, run, kinds=CAPTURED_KINDS, samples=32) as view:
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            training.watch()
            keep_busy(ABOUT_A_SECOND // 20)
            with view.step(0):
                training.step()
        torch.cuda.synchronize()
    log = tb_layerview.open(run)
    for key, expected in training.seen.items():
        np.testing.assert_array_equal(elements(log, key), host(expected), err_msg=key)


TYPES = [
    torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.float8_e4m3fn,
    torch.float8_e5m2, torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64, torch.bool,
    torch.complex64,
]  # fmt: skip


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_tensors_of_every_type_and_layout_are_recorded(run: Path, dtype: torch.dtype) -> None:
    values = torch.randn(6, 5, 4, device=DEVICE) * 20
    if dtype is torch.uint8:
        values = values.abs()
    model = nn.Module()
    shapes = {
        "plain": values,
        "transposed": values.transpose(0, 2),
        "last": values[None].contiguous(memory_format=torch.channels_last),
        "scalar": values[0, 0, 0],
        "empty": values[:0],
        "expanded": values[:1].expand(3, -1, -1),
    }
    for name, tensor in shapes.items():
        model.register_buffer(name, tensor.to(dtype))
    with tb_layerview.LayerView(model, run, kinds=("buffer",)) as view, view.step(0):
        pass
    log = tb_layerview.open(run)
    assert log.problems == []
    for name, buffer in model.named_buffers():
        found = elements(log, f"/buffer.{name}")
        wide = (
            buffer.float()
            if buffer.dtype.is_floating_point and found.dtype == np.float32
            else buffer
        )
        np.testing.assert_array_equal(found, host(wide), err_msg=name)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16], ids=str)
def test_a_large_tensor_is_reduced_there_with_all_its_special_numbers(
    run: Path, dtype: torch.dtype
) -> None:
    model = nn.Linear(3001, 1999, device=DEVICE, dtype=dtype)
    with torch.no_grad():
        model.weight[3, 4] = torch.nan
        model.weight[5, 600] = -torch.inf
        model.weight[1998, 3000] = 6e4
        model.weight[100:200] = 0
    with (
        tb_layerview.LayerView(model, run, kinds=("param",), max_elements=10_000) as view,
        view.step(0),
    ):
        pass
    log = tb_layerview.open(run)
    weight = host(model.weight.float())
    assert_statistics(log, "/param.weight", weight)
    assert_levels(log, "/param.weight", weight, levels=level_count(weight.shape))


def test_updates_of_parameters_are_those_of_clones(run: Path) -> None:
    training = Training()
    before = {name: p.detach().clone() for name, p in training.model.named_parameters()}
    with tb_layerview.LayerView(training.model, run, kinds=("param",)) as view, view.step(0):
        training.step()
    log = tb_layerview.open(run)
    for name, parameter in training.model.named_parameters():
        path, _, own = name.rpartition(".")
        update = rms(parameter - before[name])
        found = statistic(log, f"{path}/param.{own}", "update_rms")
        assert found == pytest.approx(update, rel=1e-5), name


def test_memory_of_the_device_is_bounded_and_comes_back(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lanes, "DEVICE_BYTES", 8 << 20)
    model = nn.Sequential(*(nn.Identity() for _ in range(40)))
    values = torch.randn(1 << 20, device=DEVICE)
    with tb_layerview.LayerView(model, run, kinds=("output",), when_full="wait") as view:
        torch.cuda.synchronize()
        before = torch.cuda.memory_allocated()
        for step in range(3):
            torch.cuda.reset_peak_memory_stats()
            with view.step(step), torch.no_grad():
                run_each_layer(model, values)
            view.flush()
            torch.cuda.synchronize()
            # A copy of each of the outputs would be 160 MB.
            assert torch.cuda.max_memory_allocated() - before <= (8 << 20) + 3 * values.nbytes
        assert torch.cuda.memory_allocated() - before <= values.nbytes
    assert tb_layerview.open(run).steps == [0, 1, 2]


def run_each_layer(model: nn.Sequential, values: Tensor) -> None:
    """Each layer returns a tensor of its own, which dies at once."""
    for layer in model:
        layer(values + 1)


def test_pinned_memory_stays_within_the_queue(run: Path) -> None:
    model = nn.Sequential(*(nn.Linear(n, 1, device=DEVICE) for n in (70_000, 300_000, 1_100_000)))
    queue_bytes = 32 << 20
    before = pinned_bytes()
    with tb_layerview.LayerView(
        model, run, kinds=("param",), max_elements=None, queue_bytes=queue_bytes, when_full="wait"
    ) as view:
        for step in range(12):
            with view.step(step):
                pass
        assert pinned_bytes() - before <= queue_bytes
    assert tb_layerview.open(run).steps == list(range(12))


def pinned_bytes() -> int:
    return int(torch.cuda.host_memory_stats()["allocated_bytes.current"])
