"""What the flight recorder makes of gradients, beside NumPy's word."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview.capture.flight.gradients import AppliedGradients
from tests.capture.recorded import warned

SHAPES: dict[str, Callable[[torch.dtype], Tensor]] = {
    "of one element": lambda dtype: torch.ones((), dtype=dtype),
    "small": lambda dtype: torch.rand(7, 5).to(dtype),
    "of several threads": lambda dtype: torch.rand(60_000).to(dtype),
    "large": lambda dtype: torch.rand(1100, 1000).to(dtype),
    "transposed": lambda dtype: torch.rand(40, 3).to(dtype).t(),
    "channels last": lambda dtype: (
        torch.rand(4, 3, 5, 5).to(dtype).to(memory_format=torch.channels_last)
    ),
    "in the graph": lambda dtype: torch.rand(9).to(dtype).requires_grad_() * 2,
}
DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16, torch.complex64)


def applied(*gradients: Tensor) -> tuple[AppliedGradients, list[nn.Parameter]]:
    """Those of parameters that look like them, and the parameters."""
    parameters = [nn.Parameter(torch.empty_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    known = {id(parameter) for parameter in parameters}
    return AppliedGradients([{"params": parameters}], known), parameters


def seem_finite(*gradients: Tensor) -> bool:
    finite, elsewhere = applied(*gradients)[0].look()
    assert elsewhere == []
    return finite


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES)
def test_one_element_that_is_not_finite_is_seen_wherever_it_is(
    shape: str, dtype: torch.dtype
) -> None:
    whole = torch.ones(3)
    gradient = SHAPES[shape](dtype)
    assert seem_finite(whole, gradient, whole)
    assert applied(whole, gradient)[0].first_not_finite() is None
    with torch.no_grad():
        for place in (0, gradient.numel() // 2, gradient.numel() - 1):
            for bad in (math.nan, math.inf, -math.inf):
                spoiled = gradient.detach().clone()
                spoiled[np.unravel_index(place, spoiled.shape)] = bad
                assert not seem_finite(whole, spoiled, whole)
                gradients, parameters = applied(whole, spoiled)
                assert gradients.first_not_finite() is parameters[1]


def test_infinities_of_both_signs_do_not_hide_each_other() -> None:
    assert not seem_finite(torch.tensor([math.inf, -math.inf]))
    assert not seem_finite(torch.tensor([math.inf]), torch.tensor([-math.inf]))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_looking_changes_no_bit_and_no_version_of_a_gradient(dtype: torch.dtype) -> None:
    # The smallest numbers there are, both zeros, and what any rounding on the way would change.
    real = torch.float32 if dtype.is_complex else dtype
    least = torch.nextafter(torch.zeros((), dtype=real), torch.ones((), dtype=real)).item()
    told = [least, -least, 0.0, -0.0, torch.finfo(real).max, torch.finfo(real).tiny, 1 / 3]
    gradient = torch.tensor(told * 21, dtype=dtype)
    before = gradient.view(torch.uint8).numpy().copy()
    version = gradient._version  # noqa: SLF001 - what autograd compares
    for flushes in (False, True):
        torch.set_flush_denormal(flushes)
        try:
            gradients, _ = applied(gradient)
            gradients.look()
        finally:
            torch.set_flush_denormal(False)
        np.testing.assert_array_equal(gradient.view(torch.uint8).numpy(), before)
        assert gradient._version == version  # noqa: SLF001


def test_a_gradient_within_a_graph_is_differentiated_as_without_the_look() -> None:
    parameter = nn.Parameter(torch.tensor([1.5, -2.0]))
    (gradient,) = torch.autograd.grad((parameter**3).sum(), parameter, create_graph=True)
    parameter.grad = gradient
    gradients = AppliedGradients([{"params": [parameter]}], {id(parameter)})
    assert gradients.look() == (True, [])
    assert parameter.grad is gradient
    (second,) = torch.autograd.grad(gradient.sum(), parameter)
    np.testing.assert_allclose(second.numpy(), [9.0, -12.0])


def spread(shape: tuple[int, ...]) -> Tensor:
    """One number, at every place of the tensor."""
    return torch.ones(()).expand(shape)


@pytest.mark.parametrize("neighbour", ["sparse", "spread", "shared"])
def test_what_cannot_be_looked_at_together_hides_no_gradient(neighbour: str) -> None:
    first, table, last = (nn.Parameter(torch.zeros(5, 2)) for _ in range(3))
    whole = torch.ones(5, 2)
    if neighbour == "shared":
        table.data.share_memory_()
    table.grad = {"sparse": whole.to_sparse(), "spread": spread((5, 2)), "shared": whole}[neighbour]
    groups = [{"params": [first, table, last]}]
    gradients = AppliedGradients(groups, {id(first), id(table), id(last)})
    for parameter in (first, last):
        for bad in (math.nan, math.inf, -math.inf):
            spoiled = whole.clone()
            first.grad = last.grad = whole
            assert gradients.look() == (True, [])
            spoiled[4, 1] = bad
            parameter.grad = spoiled
            assert gradients.look() == (False, [])
            assert gradients.first_not_finite() is parameter


def test_where_nothing_is_looked_at_together_each_gradient_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(torch, "_amp_foreach_non_finite_check_and_unscale_", refuse)
    assert seem_finite(torch.ones(3), torch.ones(2))
    assert not seem_finite(torch.ones(3), torch.tensor([1.0, -math.inf]))
    # One by one they are taken, together not.
    monkeypatch.setattr(
        torch,
        "_amp_foreach_non_finite_check_and_unscale_",
        lambda gradients, *_: refuse() if len(gradients) > 1 else None,
    )
    assert not seem_finite(torch.ones(3), torch.tensor([1.0, math.nan]))


def test_a_gradient_without_elements_is_finite() -> None:
    assert seem_finite(torch.zeros(0, 3), torch.ones(2))


def test_sparse_gradients_and_parameters_of_another_model_are_let_be() -> None:
    table = nn.Embedding(5, 2, sparse=True)
    (table(torch.tensor([1, 3])).sum() * math.inf).backward()
    other = nn.Parameter(torch.ones(2))
    other.grad = torch.full((2,), math.nan)
    groups = [{"params": [table.weight, other]}]
    gradients = AppliedGradients(groups, {id(table.weight)})
    assert gradients.look() == (True, [])
    assert gradients.first_not_finite() is None


def test_a_sum_that_overflows_is_no_element_that_is_not_finite(run: Path) -> None:
    model = nn.Linear(1100, 1000, bias=False)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    largest = float(np.finfo(np.float32).max)
    with (
        tb_layerview.LayerView(model, run, every=lambda _: False, on_nonfinite="record") as view,
        view.step(0),
    ):
        model.weight.grad = torch.full((1000, 1100), largest)
        assert not torch.isfinite(model.weight.grad.sum())
        optimizer.step()
    assert tb_layerview.open(run).steps == []


def test_the_gradient_of_a_parameter_that_an_optimizer_was_given_later_is_looked_at(
    run: Path,
) -> None:
    first, second = nn.Linear(2, 2), nn.Linear(2, 2)
    model = nn.Sequential(first, second)
    optimizer = torch.optim.SGD(first.parameters(), lr=0.1)
    view = tb_layerview.LayerView(model, run, every=lambda _: False, on_nonfinite="record")
    with warned():
        for number in range(3):
            if number == 1:
                optimizer.add_param_group({"params": [*second.parameters()]})
            with view.step(number, inputs=torch.rand(3, 2)):
                model.zero_grad()
                model(torch.rand(3, 2)).sum().backward()
                if number == 2:
                    assert second.bias.grad is not None
                    second.bias.grad[1] = -math.inf
                optimizer.step()
    view.close()
    assert tb_layerview.open(run).marks == {2: "the gradient of 1.bias is not finite"}


def test_the_gradients_of_an_optimizer_that_was_restored_are_looked_at(run: Path) -> None:
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    view = tb_layerview.LayerView(model, run, every=lambda _: False, on_nonfinite="record")
    with warned():
        for number in range(3):
            with view.step(number, inputs=torch.rand(4, 3)):
                if number == 1:
                    groups = optimizer.param_groups
                    optimizer.load_state_dict(optimizer.state_dict())
                    assert optimizer.param_groups is not groups
                model.zero_grad()
                model(torch.rand(4, 3)).sum().backward()
                if number == 2:
                    assert model.weight.grad is not None
                    model.weight.grad[1, 2] = math.nan
                optimizer.step()
    view.close()
    assert tb_layerview.open(run).marks == {2: "the gradient of weight is not finite"}


def test_the_gradients_of_a_layer_that_took_the_place_of_another_are_looked_at(run: Path) -> None:
    model, another = nn.Sequential(nn.Linear(3, 2)), nn.Linear(3, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    view = tb_layerview.LayerView(model, run, every=lambda _: False, on_nonfinite="record")
    with warned():
        for number in range(3):
            if number == 1:
                model[0] = another
                optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            with view.step(number, inputs=torch.rand(4, 3)):
                model.zero_grad()
                model(torch.rand(4, 3)).sum().backward()
                if number == 2:
                    assert another.weight.grad is not None
                    another.weight.grad[3, 0] = math.inf
                optimizer.step()
    view.close()
    assert tb_layerview.open(run).marks == {2: "the gradient of 0.weight is not finite"}


def test_a_lazy_layer_that_nothing_reaches_hides_no_gradient(run: Path) -> None:
    model = nn.ModuleDict({"used": nn.LazyLinear(4), "unused": nn.LazyLinear(3)})
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    view = tb_layerview.LayerView(model, run, every=lambda _: False, on_nonfinite="record")
    given = torch.rand(2, 5)

    def loss_of() -> Tensor:
        loss: Tensor = model["used"](given).sum()
        return loss

    with warned():
        for number in range(2):
            with view.step(number) as recording:
                model.zero_grad()
                loss = loss_of()
                recording.watch(loss, again=loss_of)
                loss.backward()
                if number == 1:
                    gradient = model["used"].get_parameter("weight").grad
                    assert gradient is not None
                    gradient[3, 4] = math.nan
                optimizer.step()
    view.close()
    log = tb_layerview.open(run)
    assert log.marks == {1: "the gradient of used.weight is not finite"}
    again = log["used/grad.weight"].at(1)[...]
    np.testing.assert_allclose(again, np.tile(given.sum(0).numpy(), (4, 1)), rtol=1e-6)
