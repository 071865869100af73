"""Tensors that are copied together are those that the model has in that step, whatever it had."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import tb_layerview


class Three(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(6, 6)
        self.norm = nn.BatchNorm1d(6)
        self.last = nn.Linear(6, 6)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        last: torch.Tensor = self.last(self.norm(self.first(values)))
        return last


def replaced(model: Three) -> None:
    model.first.weight = nn.Parameter(torch.randn(6, 6))


def tied(model: Three) -> None:
    model.last.weight = model.first.weight


def added(model: Three) -> None:
    model.norm.register_parameter("scale", nn.Parameter(torch.randn(3)))


def removed(model: Three) -> None:
    model.first.register_parameter("bias", None)


def swapped(model: Three) -> None:
    model.first.weight, model.last.weight = model.last.weight, model.first.weight


def of_another_type(model: Three) -> None:
    model.double()


def of_another_shape(model: Three) -> None:
    model.first.bias.data = torch.randn(2, 3).reshape(6)
    model.norm.running_mean = torch.randn(1, 6).reshape(6)
    model.last.bias.data = model.last.bias.data[:1]


def transposed(model: Three) -> None:
    model.first.weight.data = model.first.weight.data.t()


def frozen(model: Three) -> None:
    model.first.weight.requires_grad = False


CHANGES = [
    replaced, tied, added, removed, swapped, of_another_type, of_another_shape, transposed, frozen,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_parameters_buffers_and_gradients_are_those_of_their_step(
    run: Path, change: Callable[[Three], None]
) -> None:
    model = Three()
    expected: list[dict[str, torch.Tensor]] = []
    with tb_layerview.LayerView(model, run, kinds=("param", "buffer", "grad")) as view:
        for step in range(5):
            if step == 3:
                change(model)
            dtype = model.first.weight.dtype
            states = {f"param.{name}": value for name, value in named(model, "named_parameters")}
            states |= {f"buffer.{name}": value for name, value in named(model, "named_buffers")}
            tensors = {key: value.detach().clone() for key, value in states.items()}
            with view.step(step):
                model(torch.randn(5, 6, dtype=dtype)).square().sum().backward()
                for name, parameter in named(model, "named_parameters"):
                    if parameter.grad is not None:
                        tensors[f"grad.{name}"] = parameter.grad.clone()
                model.zero_grad()
            expected.append(tensors)
    log = tb_layerview.open(run)
    for step, tensors in enumerate(expected):
        found = {key for key in log.keys() if step in log[key].steps}  # noqa: SIM118
        assert len(found) == len(tensors)
        for name, tensor in tensors.items():
            kind, _, path = name.partition(".")
            module, _, own = path.rpartition(".")
            np.testing.assert_array_equal(log[f"{module}/{kind}.{own}"].at(step)[...], tensor)


def named(model: nn.Module, which: str) -> list[tuple[str, torch.Tensor]]:
    return [*getattr(model, which)(remove_duplicate=False)]


def test_parameters_that_get_gradients_in_turn_have_those_of_their_step(run: Path) -> None:
    linears = [nn.Linear(4, 4), nn.Linear(4, 4)]
    parts = nn.ModuleList(linears)
    expected = []
    with tb_layerview.LayerView(parts, run, kinds=("grad",)) as view:
        for step in range(8):
            with view.step(step):
                chosen = linears[step % 2]
                for _ in range(1 + step // 4):  # later over copies of this step
                    chosen(torch.randn(3, 4)).square().sum().backward()
                gradient = chosen.weight.grad
                assert gradient is not None
                expected.append(gradient.clone())
                parts.zero_grad()
    log = tb_layerview.open(run)
    for step, wanted in enumerate(expected):
        key = f"{step % 2}/grad.weight"
        np.testing.assert_array_equal(log[key].at(step)[...], wanted)
        assert step not in log[f"{1 - step % 2}/grad.weight"].steps


def test_a_replaced_module_is_not_kept_by_buffers_that_are_used_again(run: Path) -> None:
    model = Three()
    deleted: list[int] = []
    with tb_layerview.LayerView(model, run, kinds=("param", "grad")) as view:
        for step in range(4):
            if step == 2:
                weakref.finalize(model.first, deleted.append, step)
                model.first = nn.Linear(6, 6)
            with view.step(step):
                model(torch.randn(5, 6)).sum().backward()
            view.flush()
        gc.collect()
        assert deleted == [2]
