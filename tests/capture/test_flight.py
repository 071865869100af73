"""Steps that go wrong are run again and recorded, though they were not due."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview.log.reader import LogReader
from tests.capture.recorded import assert_same, elements, warned


class Model(nn.Module):
    """Everything in it that a second forward could change: batch norm, dropout, a counter."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(4 * 36, 3)
        self.calls = 0

    def forward(self, images: Tensor) -> Tensor:
        self.calls += 1
        logits: Tensor = self.head(self.drop(self.norm(self.conv(images)).relu()).flatten(1))
        return logits


class Loop:
    """A training of `Model`; what a step really computed is noted by plain hooks."""

    def __init__(self, run: Path, **arguments: Any) -> None:  # noqa: ANN401
        self.model = Model()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)
        self.run = run
        given: dict[str, Any] = {"every": lambda _: False, "on_nonfinite": "record"} | arguments
        self.view = tb_layerview.LayerView(self.model, run, **given)
        self.outputs: dict[str, Tensor] = {}
        self.state: dict[str, Tensor] = {}
        self.gradients: dict[str, Tensor] = {}

    def step(
        self, number: int, *, poison: float = 1.0, gradient: float = 0.0, again: bool = True
    ) -> None:
        images, labels = torch.rand(4, 1, 8, 8), torch.tensor([0, 1, 2, 0])
        self.state = {k: v.clone() for k, v in self.model.state_dict().items()}
        with self.view.step(number, inputs=images, targets=labels) as recording:
            handles = [
                module.register_forward_hook(
                    lambda _m, _i, output, name=name: self.outputs.update({name: output.detach()})
                )
                for name, module in self.model.named_children()
            ]
            logits = self.model(images)
            for handle in handles:
                handle.remove()

            def loss_again() -> Tensor:
                return nn.functional.cross_entropy(self.model(images) * poison, labels)

            recording.predictions(logits)
            loss = nn.functional.cross_entropy(logits * poison, labels)
            recording.watch(loss, loss_again if again else None)
            self.optimizer.zero_grad()
            loss.backward()
            if gradient:
                assert self.model.head.bias.grad is not None
                self.model.head.bias.grad[1] = gradient
            self.gradients = {
                name: parameter.grad.clone()
                for name, parameter in self.model.named_parameters()
                if parameter.grad is not None
            }
            self.optimizer.step()

    def log(self) -> LogReader:
        self.view.close()
        return tb_layerview.open(self.run)


def test_a_step_whose_loss_is_nan_is_recorded_as_it_was(run: Path) -> None:
    loop = Loop(run)
    loop.step(0)
    with warned() as sentences:
        loop.step(1, poison=math.nan)
    log = loop.log()
    assert log.steps == [1]
    assert log.marks == {1: "the loss is nan"}
    (sentence,) = sentences
    assert sentence == "Step 1: the loss is nan. Its batch was run again, and everything recorded"
    for name, output in loop.outputs.items():
        assert_same(log, f"{name}/output", output, step=1)
    for name, tensor in loop.state.items():
        module, _, own = name.partition(".")
        kind = "param" if own in ("weight", "bias") else "buffer"
        assert_same(log, f"{module}/{kind}.{own}", tensor, step=1)
    for name, gradient in loop.gradients.items():
        module, _, own = name.partition(".")
        assert np.array_equal(
            elements(log, f"{module}/grad.{own}", 1), gradient.numpy(), equal_nan=True
        )
    assert elements(log, "/sample.targets", 1).tolist() == [0, 1, 2, 0]
    assert_same(log, "/sample.predictions", loop.outputs["head"], step=1)


def test_a_gradient_that_is_not_finite_is_seen_before_the_optimizer_applies_it(run: Path) -> None:
    loop = Loop(run)
    loop.step(0)
    with warned():
        loop.step(7, gradient=math.inf)
    log = loop.log()
    assert log.marks == {7: "the gradient of head.bias is not finite"}
    assert_same(log, "head/param.bias", loop.state["head.bias"], step=7)
    assert np.isfinite(elements(log, "head/param.bias", 7)).all()
    assert not torch.isfinite(loop.model.head.bias).all()


def test_a_loss_far_above_its_recent_range_is_a_spike_and_the_usual_is_none(run: Path) -> None:
    loop = Loop(run, on_nonfinite=None, on_spike=20)
    for number in range(25):
        loop.step(number)
    with warned():
        loop.step(25, poison=1e4)
    marks = loop.log().marks
    assert list(marks) == [25]
    assert "far above its range" in marks[25]


def test_it_rests_after_max_trips_and_says_so(run: Path) -> None:
    loop = Loop(run, max_trips=2)
    with warned() as sentences:
        for number in range(4):
            loop.step(number, poison=math.nan)
    assert loop.log().steps == [0, 1]
    assert any("rests" in sentence and "2 steps" in sentence for sentence in sentences)


def test_a_step_that_is_due_is_marked_and_not_run_again(run: Path) -> None:
    loop = Loop(run, every=1)
    loop.step(0)
    loop.step(1, poison=math.nan)
    calls = loop.model.calls
    log = loop.log()
    assert (log.steps, log.marks) == ([0, 1], {1: "the loss is nan"})
    assert calls == 2


def test_without_a_function_the_forward_is_run_again_and_the_frame_says_so(run: Path) -> None:
    loop = Loop(run)
    with warned():
        loop.step(3, poison=math.nan, again=False)
    log = loop.log()
    for name, output in loop.outputs.items():
        assert_same(log, f"{name}/output", output, step=3)
    assert not any("/grad" in tensor.key for tensor in log.schema().tensors)
    assert any("again=" in problem for problem in log.problems)


def test_buffers_that_were_replaced_are_run_again_as_the_step_found_them(run: Path) -> None:
    """By the forward of each step, and by a model that is moved to another element type."""

    class Counts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("count", torch.zeros(1))

        def forward(self, values: Tensor) -> Tensor:
            self.count: Tensor = self.count + 1
            return values * self.count

    norm = nn.BatchNorm1d(3)
    model = nn.Sequential(norm, Counts())
    view = tb_layerview.LayerView(model, run, every=lambda _: False, on_nonfinite="record")
    for number, dtype in enumerate([torch.float32] * 2 + [torch.float64] * 2):
        values = torch.rand(5, 3, dtype=dtype)
        model.to(dtype)
        assert norm.running_mean is not None
        mean = norm.running_mean.clone()
        with warned(), view.step(number, inputs=values) as recording:
            expected = model(values)
            recording.watch(math.nan if number == 3 else 0.0)
        if number == 3:
            view.flush()
            log = tb_layerview.open(run)
            assert_same(log, "0/buffer.running_mean", mean, step=3)
            assert_same(log, "1/buffer.count", torch.tensor([3.0], dtype=dtype), step=3)
            assert_same(log, "/output", expected[:4], step=3)
    view.close()


def test_without_inputs_the_state_is_kept_and_the_frame_says_so(run: Path) -> None:
    model = nn.Linear(2, 2)
    with (
        warned() as sentences,
        tb_layerview.LayerView(model, run, every=lambda _: False, on_nonfinite="record") as view,
        view.step(5) as recording,
    ):
        recording.watch(math.inf)
    (sentence,) = sentences
    assert sentence.startswith("Step 5: the loss is inf. Its batch could not be run again, ")
    log = tb_layerview.open(run)
    assert log.keys() == ["/param.weight", "/param.bias"]
    assert log.marks == {5: "the loss is inf"}
    assert any("could not be run again" in problem for problem in log.problems)


def test_a_batch_that_the_model_alone_cannot_run_is_not_said_to_be_recorded(run: Path) -> None:
    models = nn.ModuleDict({"one": nn.Linear(2, 2), "other": nn.Linear(2, 2)})
    with (
        warned() as sentences,
        tb_layerview.LayerView(models, run, every=lambda _: False, on_nonfinite="record") as view,
        view.step(5, inputs=torch.ones(3, 2)) as recording,
    ):
        recording.watch(math.inf)
    (sentence,) = sentences
    assert sentence.startswith("Step 5: the loss is inf. Running its batch again failed with ")
    assert sentence.endswith("give recording.watch a function again that computes the loss")


def test_running_again_leaves_the_model_the_gradients_and_the_generators_as_they_are(
    run: Path,
) -> None:
    model = Model()
    images = torch.rand(4, 1, 8, 8)
    model(images).sum().backward()
    view = tb_layerview.LayerView(model, run, every=lambda _: False, on_nonfinite="record")
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    tensors = {name: id(tensor) for name, tensor in (*model.named_buffers(),)}
    versions = {name: tensor._version for name, tensor in model.named_buffers()}  # noqa: SLF001
    gradients = [parameter.grad for parameter in model.parameters()]
    generator, calls = torch.get_rng_state(), model.calls
    with warned(), view.step(0, inputs=images) as recording:
        recording.watch(math.nan, again=lambda: model(images).sum())
    view.close()
    assert torch.equal(torch.get_rng_state(), generator)
    assert model.calls == calls
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert {name: id(tensor) for name, tensor in model.named_buffers()} == tensors
    assert {name: b._version for name, b in model.named_buffers()} == versions  # noqa: SLF001
    now = [parameter.grad for parameter in model.parameters()]
    assert all(new is old for new, old in zip(now, gradients, strict=True))


def test_after_close_no_optimizer_is_watched(run: Path) -> None:
    from torch.optim.optimizer import _global_optimizer_pre_hooks as hooks  # noqa: PLC0415

    before = len(hooks)
    loop = Loop(run)
    assert len(hooks) == before + 1
    loop.view.close()
    assert len(hooks) == before
