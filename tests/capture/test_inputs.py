"""Inputs of modules are recorded as the forward was given them."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from demo.model import CNN
from tests.capture.recorded import assert_same, axes, elements, keys, record


class Takes(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = Inner()

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = self.inner(
            values, (values + 1, [values + 2]), mask=values > 0, options={"scale": values * 2}, n=3
        )
        return result


class Inner(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3))

    def forward(
        self,
        values: torch.Tensor,
        _pair: object,
        *,
        mask: torch.Tensor,
        options: dict[str, torch.Tensor],
        n: int,
    ) -> torch.Tensor:
        return values * self.weight * mask * options["scale"] * n


def test_arguments_are_named_by_their_place_and_keywords_by_their_name(run: Path) -> None:
    values = torch.randn(2, 3)
    log = record(Takes(), run, values, kinds=("input",))
    for key, expected in {
        "/input.0": values,
        "inner/input.0": values,
        "inner/input.1.0": values + 1,
        "inner/input.1.1.0": values + 2,
        "inner/input.mask": values > 0,
        "inner/input.options.scale": values * 2,
    }.items():
        assert_same(log, key, expected)
    assert len(keys(log)) == 6


def test_every_input_of_the_demo_is_what_a_plain_pre_hook_sees(run: Path) -> None:
    model = CNN()
    seen: dict[str, torch.Tensor] = {}
    handles = [
        module.register_forward_pre_hook(
            lambda _, args, key=f"{path}/input.0": seen.__setitem__(key, args[0].clone())
        )
        for path, module in model.named_modules()
    ]
    log = record(model, run, torch.randn(3, 1, 28, 28), kinds=("input",))
    for handle in handles:
        handle.remove()
    assert keys(log) == set(seen)
    for key, expected in seen.items():
        assert_same(log, key, expected)
    assert axes(log, "conv2.0/input.0") == ("Sample", "Channel", "Row", "Column")
    assert axes(log, "fc1.0/input.0") == ("Sample", "Input Node Index")


def test_an_input_that_the_module_overwrites_is_recorded_as_it_was(run: Path) -> None:
    linear = nn.Linear(3, 5)
    inputs = torch.randn(4, 3)
    model = nn.Sequential(linear, nn.ReLU(inplace=True))
    log = record(model, run, inputs, kinds=("input", "output"))
    assert_same(log, "1/input.0", linear(inputs))
    assert_same(log, "1/output", linear(inputs).relu())
    assert (elements(log, "1/input.0") < 0).any()


def test_what_a_hook_of_the_user_hands_over_is_what_the_module_is_given(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 3))
    model[0].register_forward_pre_hook(lambda _, args: (args[0] * 2,))
    inputs = torch.randn(2, 3)
    log = record(model, run, inputs, kinds=("input",))
    assert_same(log, "0/input.0", inputs * 2)


def test_an_input_that_was_the_output_before_is_stored_once(run: Path) -> None:
    model = nn.Sequential(*(nn.Identity() for _ in range(9)), nn.Linear(64, 1))
    inputs = torch.randn(256, 64)
    record(model, run, inputs, inputs=inputs, kinds=("input", "output"), samples=256)
    stored = sum(file.stat().st_size for file in run.rglob("*.lvlog"))
    assert inputs.nbytes < stored < 2 * inputs.nbytes


def test_inputs_have_the_number_of_the_call_that_was_given_them(run: Path) -> None:
    class Recursive(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(3, 3)

        def forward(self, values: torch.Tensor, depth: int = 2) -> torch.Tensor:
            result: torch.Tensor = self.linear(values)
            return self(result, depth - 1) if depth else result

    model = Recursive()
    inputs = torch.randn(2, 3)
    log = record(model, run, inputs, kinds=("input", "output"))
    first = model.linear(inputs)
    second = model.linear(first)
    last = model.linear(second)
    assert_same(log, "/input.0", inputs)
    assert_same(log, "/input.0#1", first)
    assert_same(log, "/input.0#2", second)
    for call in ("", "#1", "#2"):
        assert_same(log, f"/output{call}", last)


def test_inference_mode_is_recorded_like_any_other(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(inplace=True))
    inputs = torch.randn(2, 3)
    with torch.inference_mode():
        log = record(model, run, inputs, kinds=("input", "output"))
    assert_same(log, "1/input.0", model[0](inputs))
    assert_same(log, "1/output", model[0](inputs).relu())
