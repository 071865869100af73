"""Gradients of parameters and of outputs are those that plain PyTorch computes, bit for bit."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import tb_layerview
from demo.model import CNN
from tb_layerview.log.reader import LogReader
from tests.capture.recorded import assert_same, elements, keys, warned

KINDS = ("grad", "output_grad")


def record_backward(
    model: nn.Module, run: Path, loss: Callable[[], torch.Tensor], kinds: tuple[str, ...] = KINDS
) -> LogReader:
    """Record one step with a backward of ``loss()``."""
    with tb_layerview.LayerView(model, run, kinds=kinds) as view, view.step(0):
        loss().backward()
    return tb_layerview.open(run)


def test_gradients_of_a_training_are_those_before_the_optimizer_and_zero_grad(run: Path) -> None:
    model = CNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    expected: dict[tuple[int, str], torch.Tensor] = {}
    with tb_layerview.LayerView(model, run, kinds=("param", "grad", "output"), every=2) as view:
        for step in range(5):
            with view.step(step):
                (-model(torch.randn(6, 1, 28, 28)).log()[:, 3].mean()).backward()
                for name, parameter in model.named_parameters():
                    assert parameter.grad is not None
                    path, _, own = name.rpartition(".")
                    expected[step, f"{path}/grad.{own}"] = parameter.grad.clone()
                optimizer.step()
                optimizer.zero_grad(set_to_none=step % 4 == 0)
    log = tb_layerview.open(run)
    for (step, key), gradient in expected.items():
        if step % 2 == 0:
            assert_same(log, key, gradient, step)
    assert log.problems == []
    spec = log["fc_final.0/grad.weight"].spec
    assert (spec.kind, spec.axes) == ("grad", ("Output Node Index", "Input Node Index"))


def test_gradients_of_outputs_are_those_of_autograd(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    inputs = torch.randn(4, 3)
    log = record_backward(model, run, lambda: model(inputs).pow(3).sum())
    first = model[0](inputs)
    second = model[1](first)
    last = model[2](second)
    gradients = torch.autograd.grad(last.pow(3).sum(), (first, second, last))
    for path, gradient in zip(("0", "1", "2"), gradients, strict=True):
        assert_same(log, f"{path}/output_grad", gradient)
    assert_same(log, "/output_grad", gradients[2])
    assert log["0/output_grad"].spec.axes == ("Sample", "Output Node Index")


def test_an_output_that_the_loss_does_not_depend_on_has_no_gradient(run: Path) -> None:
    """One operation returns both, as those of recurrent layers on a GPU do."""

    class Both(torch.autograd.Function):
        @staticmethod
        def forward(
            ctx: Any,  # noqa: ANN401 - PyTorch's own context
            values: torch.Tensor,
        ) -> tuple[torch.Tensor, torch.Tensor]:
            ctx.set_materialize_grads(False)
            return values * 2, values * 3

        @staticmethod
        def backward(
            _ctx: Any,  # noqa: ANN401 - as above
            *gradients: torch.Tensor | None,
        ) -> torch.Tensor | None:
            first, second = gradients
            assert second is None
            return None if first is None else first * 2

    class Layer(nn.Module):
        def forward(self, values: torch.Tensor) -> object:
            return Both.apply(values)  # type: ignore[no-untyped-call]

    model = nn.Sequential(nn.Linear(3, 4), Layer())
    with tb_layerview.LayerView(model, run, kinds=["output_grad"]) as view, view.step(0):
        model(torch.randn(2, 3))[0].sum().backward()
    log = tb_layerview.open(run)
    assert log.problems == []
    assert "1/output_grad.1" not in keys(log)
    assert elements(log, "1/output_grad.0").tolist() == [[1] * 4] * 2


def test_the_gradient_of_an_output_is_that_of_the_value_before_the_next_layer_overwrote_it(
    run: Path,
) -> None:
    model = nn.Sequential(nn.Linear(3, 5), nn.ReLU(inplace=True), nn.Linear(5, 2))
    inputs = torch.randn(4, 3)
    log = record_backward(model, run, lambda: model(inputs).square().sum())
    first = model[0](inputs)
    second = torch.relu(first)
    gradients = torch.autograd.grad(model[2](second).square().sum(), (first, second))
    assert_same(log, "0/output_grad", gradients[0])
    assert_same(log, "1/output_grad", gradients[1])
    assert not torch.equal(*gradients)


def test_the_last_accumulated_gradient_of_a_step_wins(run: Path) -> None:
    model = nn.Linear(3, 2)
    with tb_layerview.LayerView(model, run, kinds=KINDS) as view, view.step(0):
        for _ in range(3):
            model(torch.randn(4, 3)).square().sum().backward()
    assert model.weight.grad is not None
    log = tb_layerview.open(run)
    assert_same(log, "/grad.weight", model.weight.grad)
    assert {"/output_grad", "/output_grad#1", "/output_grad#2"} <= keys(log)


def test_gradients_that_were_there_before_are_part_of_what_is_accumulated(run: Path) -> None:
    model = nn.Linear(3, 2)
    model(torch.randn(4, 3)).square().sum().backward()
    log = record_backward(model, run, lambda: model(torch.randn(4, 3)).square().sum())
    assert model.weight.grad is not None
    assert_same(log, "/grad.weight", model.weight.grad)


def test_a_graph_that_is_gone_through_twice_has_the_last_gradient_of_its_outputs(
    run: Path,
) -> None:
    model = nn.Linear(3, 2)
    with tb_layerview.LayerView(model, run, kinds=KINDS) as view, view.step(0):
        output = model(torch.randn(4, 3))
        output.sum().backward(retain_graph=True)
        (output * 5).sum().backward()
    log = tb_layerview.open(run)
    assert_same(log, "/output_grad", torch.full((4, 2), 5.0))
    assert "/output_grad#1" not in keys(log)


def test_gradients_that_a_hook_of_the_user_spends_at_once_are_recorded(run: Path) -> None:
    """An optimizer that runs within backward leaves no gradients behind."""
    model = nn.Linear(3, 2)
    seen: list[torch.Tensor] = []

    def spend(parameter: torch.Tensor) -> None:
        assert parameter.grad is not None
        seen.append(parameter.grad.clone())
        parameter.grad = None

    model.weight.register_post_accumulate_grad_hook(spend)
    log = record_backward(model, run, lambda: model(torch.randn(4, 3)).square().sum())
    assert_same(log, "/grad.weight", seen[0])
    model(torch.randn(4, 3)).sum().backward()
    assert len(seen) == 2
    assert model.weight.grad is None


def test_the_gradient_of_a_tied_weight_stands_in_each_of_its_places(run: Path) -> None:
    model = nn.ModuleDict({"embed": nn.Embedding(7, 3), "head": nn.Linear(3, 7, bias=False)})
    model["head"].weight = model["embed"].weight
    log = record_backward(
        model, run, lambda: model["head"](model["embed"](torch.tensor([1, 2]))).square().sum()
    )
    gradient = model["embed"].weight.grad
    assert isinstance(gradient, torch.Tensor)
    assert_same(log, "embed/grad.weight", gradient)
    assert_same(log, "head/grad.weight", gradient)


def test_the_sparse_gradient_of_an_embedding_is_recorded_by_its_values(run: Path) -> None:
    model = nn.Embedding(7, 3, sparse=True)
    log = record_backward(model, run, lambda: model(torch.tensor([1, 2, 1])).square().sum())
    assert model.weight.grad is not None
    assert model.weight.grad.is_sparse
    assert_same(log, "/grad.weight", model.weight.grad.to_dense())


def test_a_lazy_layer_has_its_gradient_in_its_first_step_already(run: Path) -> None:
    model = nn.Sequential(nn.LazyLinear(2))
    with warned(), tb_layerview.LayerView(model, run, kinds=KINDS) as view, view.step(0):
        model(torch.randn(4, 3)).sum().backward()
    gradient = model[0].weight.grad
    assert isinstance(gradient, torch.Tensor)
    assert_same(tb_layerview.open(run), "0/grad.weight", gradient)


def test_a_step_without_any_gradient_is_said_once(run: Path) -> None:
    model = nn.Linear(3, 2)
    with warned() as sentences, tb_layerview.LayerView(model, run, kinds=KINDS) as view:
        for step in range(2):
            with view.step(step), torch.no_grad():
                model(torch.randn(4, 3))
    (sentence,) = sentences
    assert sentence.startswith("Nothing of kind grad or output_grad: in this step no gradient")
    assert tb_layerview.open(run).problems == sentences


def test_nothing_of_a_step_is_left_in_the_graph_nor_kept_alive(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True))
    with tb_layerview.LayerView(model, run, kinds=("input", *KINDS)) as view:
        with view.step(0) as recording:
            output = model(torch.randn(4, 3, requires_grad=True))
        graph = weakref.ref(output)
        with warned():
            output.sum().backward()
        assert not model[0].weight._post_accumulate_grad_hooks  # noqa: SLF001
        assert not output._backward_hooks  # noqa: SLF001
        del output
        gc.collect()
        assert graph() is None
        assert recording is not None
    assert not any("grad" in key for key in keys(tb_layerview.open(run)))


def test_hooks_of_gradients_are_gone_after_a_step_that_raised(run: Path) -> None:
    model = nn.Linear(3, 2)
    with tb_layerview.LayerView(model, run, kinds=KINDS) as view:
        with pytest.raises(RuntimeError, match="mat1"), view.step(0):
            model(torch.randn(4, 4))
        assert not model.weight._post_accumulate_grad_hooks  # noqa: SLF001


def test_gradients_of_gradients_go_through_what_is_recorded(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Tanh())
    inputs = torch.randn(4, 3, requires_grad=True)

    def penalty() -> torch.Tensor:
        (slope,) = torch.autograd.grad(model(inputs).sum(), inputs, create_graph=True)
        return slope.square().sum()

    penalty().backward()
    expected = [parameter.grad for parameter in model.parameters()]
    model.zero_grad()
    log = record_backward(model, run, penalty)
    assert expected[0] is not None
    assert_same(log, "0/grad.weight", expected[0])
