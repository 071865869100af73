"""`torch.compile`: eager in recorded steps, compiled and untouched in all others."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import _dynamo as dynamo
from torch import nn

import tb_layerview
from tests.capture.recorded import assert_same, record
from tests.modes.small import OUTPUTS, PARAMETERS, SmallNet, seen_by_hooks

EVERY = 3
STEPS = 7


class CountingBackend:
    """Compiles to the very graph, and counts how often it does, and how often that runs."""

    def __init__(self) -> None:
        self.compiled = 0
        self.runs = 0

    def __call__(
        self, graph: torch.fx.GraphModule, _inputs: list[torch.Tensor]
    ) -> Callable[..., Any]:
        self.compiled += 1

        def run(*args: object) -> object:
            self.runs += 1
            return graph.forward(*args)

        return run


@pytest.fixture
def backend() -> Iterator[CountingBackend]:
    dynamo.reset()
    yield CountingBackend()
    dynamo.reset()


def gradient_step(
    call: Callable[[torch.Tensor], torch.Tensor], images: torch.Tensor
) -> torch.Tensor:
    loss = call(images).square().mean()
    value = loss.detach().clone()
    loss.backward()
    return value


def descend(model: nn.Module) -> None:
    with torch.no_grad():
        for parameter in model.parameters():
            assert parameter.grad is not None
            parameter.sub_(parameter.grad, alpha=0.1)
    model.zero_grad()


def compiled_module(model: nn.Module, backend: CountingBackend) -> nn.Module:
    compiled: object = torch.compile(model, backend=backend)
    assert isinstance(compiled, nn.Module)
    return compiled


def compiled_training(
    way: str, model: nn.Module, backend: CountingBackend
) -> tuple[nn.Module, Callable[[torch.Tensor], torch.Tensor]]:
    """What a user records and calls, of a model that is compiled in one of three ways."""
    called = recorded = model
    if way == "module":
        called = recorded = compiled_module(model, backend)
    elif way == "in place":
        model.compile(backend=backend)

    def step(images: torch.Tensor) -> torch.Tensor:
        return gradient_step(called, images)

    if way == "train step":
        step = torch.compile(step, backend=backend)
    return recorded, step


def hooks_of(module: nn.Module) -> list[object]:
    """Every dictionary of hooks that a module has."""
    return [value for name, value in vars(module).items() if name.endswith("_hooks")]


@pytest.mark.parametrize("way", ["module", "in place", "train step"])
def test_only_recorded_steps_run_eagerly_and_nothing_is_compiled_again(
    run: Path, backend: CountingBackend, way: str
) -> None:
    model = SmallNet()
    plain = deepcopy(model)
    recorded, step = compiled_training(way, model, backend)
    images = torch.randn(STEPS, 5, 6)
    step(images[0])
    model.zero_grad()
    compiled = backend.compiled
    assert compiled > 0
    expected = {}
    with (
        tb_layerview.LayerView(recorded, run, every=EVERY, samples=5) as view,
        dynamo.config.patch(error_on_recompile=True),
    ):
        for number in range(STEPS):
            if number % EVERY == 0:
                state = {key: plain.state_dict()[name].clone() for key, name in PARAMETERS.items()}
                expected[number] = {**seen_by_hooks(plain, images[number]), **state}
            before = backend.runs
            with view.step(number):
                loss = step(images[number])
            assert (backend.runs > before) == (number % EVERY != 0)
            assert torch.equal(loss, gradient_step(plain, images[number]))
            descend(model)
            descend(plain)
            assert not any(hooks for module in model.modules() for hooks in hooks_of(module))
    assert backend.compiled == compiled
    log = tb_layerview.open(run)
    assert log.steps == list(expected)
    assert set(log.keys()) == {*OUTPUTS, *PARAMETERS}
    assert log.problems == []
    for number, tensors in expected.items():
        for key, tensor in tensors.items():
            assert_same(log, key, tensor, number)


@pytest.mark.parametrize("fails", [False, True])
def test_the_stance_of_the_user_is_in_force_again_after_a_recorded_step(
    run: Path, backend: CountingBackend, fails: bool
) -> None:
    compiled = compiled_module(SmallNet(), backend)
    images = torch.randn(5, 6)
    compiled(images)
    with (
        tb_layerview.LayerView(compiled, run) as view,
        torch.compiler.set_stance("fail_on_recompile"),
    ):
        with pytest.raises(KeyError) if fails else nullcontext(), view.step(0):
            compiled(torch.randn(9, 6))
            if fails:
                PARAMETERS["missing"]
        before = backend.runs
        compiled(images)
        assert backend.runs == before + 1
        with pytest.raises(RuntimeError, match="recompile"):
            compiled(torch.randn(5, 6, 6))


def test_steps_that_overlap_run_eagerly_until_the_last_one_ends(
    run: Path, backend: CountingBackend
) -> None:
    """As those of models that are trained in threads."""
    model = compiled_module(SmallNet(), backend)
    images = torch.randn(4, 6)
    with (
        tb_layerview.LayerView(model, run / "first") as one,
        tb_layerview.LayerView(model, run / "second") as another,
    ):
        first, second = one.step(0), another.step(0)
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        expected = model(images)
        second.__exit__(None, None, None)
        assert backend.runs == 0
        model(images)
        assert backend.runs == 1
    assert_same(tb_layerview.open(run / "second"), "/output", expected)


def test_a_step_of_weights_alone_leaves_compiled_code_compiled(
    run: Path, backend: CountingBackend
) -> None:
    compiled = compiled_module(SmallNet(), backend)
    with tb_layerview.LayerView(compiled, run, kinds=["param"]) as view, view.step(0):
        compiled(torch.randn(5, 6))
    assert backend.runs == 1


def test_a_compiled_layer_is_found_by_itself_and_by_its_own_name(
    run: Path, backend: CountingBackend
) -> None:
    model = SmallNet()
    model.add_module("first", compiled_module(model.first, backend))
    images = torch.randn(4, 6)
    log = record(model, run, images, layers=model.first, kinds=["output"])
    assert log.keys() == ["first/output"]
    assert_same(log, "first/output", model.first(images))
    by_name = record(model, run / "named", images, layers="first", kinds=["output"])
    assert by_name.keys() == ["first/output"]


def test_gradients_of_a_compiled_model_are_recorded(run: Path, backend: CountingBackend) -> None:
    model = SmallNet()
    compiled = compiled_module(model, backend)
    images = torch.randn(4, 6)
    compiled(images).sum().backward()
    assert model.first.weight.grad is not None
    expected = model.first.weight.grad.clone()
    compiled.zero_grad()
    kinds = ["grad", "output_grad"]
    with tb_layerview.LayerView(compiled, run, kinds=kinds) as view, view.step(0):
        compiled(images).sum().backward()
    log = tb_layerview.open(run)
    assert_same(log, "first/grad.weight", expected)
    assert_same(log, "last/output_grad", torch.ones(4, 3))


def test_a_step_within_compiled_code_ends_no_training(run: Path, backend: CountingBackend) -> None:
    model = SmallNet()
    view = tb_layerview.LayerView(model, run)

    @torch.compile(backend=backend)
    def step(images: torch.Tensor) -> torch.Tensor:
        with view.step(0):
            doubled: torch.Tensor = model(images) * 2
        return doubled

    images = torch.randn(4, 6)
    assert torch.equal(step(images), model(images) * 2)
    view.close()


def test_a_pytorch_that_cannot_run_compiled_code_eagerly_says_so_where_something_was_compiled(
    run: Path, backend: CountingBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(torch.compiler, "set_stance")  # as before 2.6
    model, images = SmallNet(), torch.randn(4, 6)
    assert record(model, run / "eager", images).problems == []
    compiled = compiled_module(deepcopy(model), backend)
    compiled(images)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the compiler's own, of hooks that it finds
        log = record(compiled, run / "compiled", images)
    assert "torch.compiler.set_stance begins with PyTorch 2.6" in log.problems[0]
