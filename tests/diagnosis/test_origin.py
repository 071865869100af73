"""The origin of what is not finite, beside what plain hooks of the test saw first."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import tb_layerview
from tb_layerview import LayerView, LayerViewWarning

STEP: Final = 2
BATCH: Final = 6


class Overflowing(nn.Module):
    """Three layers, of which the middle one multiplies beyond the largest float32."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(5, 7)
        self.middle = nn.Linear(7, 9)
        self.last = nn.Sequential(nn.ReLU(), nn.Linear(9, 3))

    def forward(self, inputs: Tensor) -> Tensor:
        """As any other model."""
        outputs: Tensor = self.last(self.middle(self.first(inputs)))
        return outputs


def record(model: nn.Module, run: Path, inputs: Tensor, **options: object) -> list[tuple[str, int]]:
    """Record a forward; answer the leaves that a hook saw to be broken, and how many elements."""
    seen: list[tuple[str, int]] = []

    def look(name: str) -> Callable[[nn.Module, object, Tensor], None]:
        def hook(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            count = int((~torch.isfinite(output)).sum())
            if count:
                seen.append((name, count))

        return hook

    handles = [
        module.register_forward_hook(look(name))
        for name, module in model.named_modules()
        if not list(module.children())
    ]
    with LayerView(model, run, **options) as view, view.step(STEP, inputs=inputs):  # type: ignore[arg-type]
        model(inputs)
    for handle in handles:
        handle.remove()
    return seen


@pytest.mark.parametrize("kinds", [("param", "output"), ("param", "input", "output")])
def test_the_layer_that_overflows_made_it(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    torch.manual_seed(0)
    model = Overflowing()
    with torch.no_grad():
        model.middle.weight[4, 3] = 3e38
        model.first.weight[3] = 0
        model.first.bias[3] = 5
    inputs = torch.randn(BATCH, 5)
    seen = record(model, tmp_path, inputs, kinds=kinds)
    origin = tb_layerview.open(tmp_path).origin(STEP)
    assert origin is not None
    assert seen[0] == ("middle", BATCH)
    assert origin.key == "middle/output"
    assert origin.made
    assert origin.counts == {"NaN": 0, "+Inf": BATCH, "-Inf": 0}
    # The first four samples of the batch are kept; unit 4 is the one.
    assert origin.indices == tuple((sample, 4) for sample in range(4))
    assert origin.sample == 0
    leads = {(lead.key, lead.index): lead.value for lead in origin.leads}
    assert leads["middle/param.weight", (4, 3)] == np.float32(3e38)
    source = "middle/input.0" if "input" in kinds else "first/output"
    assert leads[source, (0, 3)] == 5
    assert "middle/output made the first +Inf at step 2, sample 0" in origin.message
    assert "to 5, its weight to 3e+38 in magnitude, float32 ends at 3.4e+38" in origin.message


def test_a_broken_weight_is_named_and_not_the_layer(tmp_path: Path) -> None:
    model = Overflowing()
    with torch.no_grad():
        model.middle.weight[1, 2] = float("nan")
    record(model, tmp_path, torch.randn(BATCH, 5), kinds=("param", "output"))
    origin = tb_layerview.open(tmp_path).origin(STEP)
    assert origin is not None
    assert (origin.key, origin.made) == ("middle/param.weight", False)
    assert origin.indices == ((1, 2),)


def test_broken_inputs_are_those_of_the_data(tmp_path: Path) -> None:
    inputs = torch.randn(BATCH, 5)
    inputs[2, 4] = -float("inf")
    inputs[2, 3] = float("nan")
    record(Overflowing(), tmp_path, inputs, kinds=("output",))
    origin = tb_layerview.open(tmp_path).origin(STEP)
    assert origin is not None
    assert (origin.key, origin.made, origin.sample) == ("/sample.inputs", False, 2)
    assert origin.indices == ((2, 3), (2, 4))


@pytest.mark.parametrize("kinds", [("output",), ("input",), ("input", "output")])
def test_broken_data_have_one_name_whatever_was_recorded_beside_them(
    kinds: tuple[str, ...], tmp_path: Path
) -> None:
    inputs = torch.randn(BATCH, 5, dtype=torch.float64)
    inputs[2, 3] = float("nan")
    model = Overflowing()
    with LayerView(model, tmp_path, kinds=kinds) as view, view.step(STEP, inputs=inputs):
        # What the model is given is often another tensor, of another type or device.
        model(inputs.float())
    origin = tb_layerview.open(tmp_path).origin(STEP)
    assert origin is not None
    assert (origin.key, origin.cause) == ("/sample.inputs", "given")
    assert origin.message.startswith(f"Samples/inputs has the first NaN at step {STEP}, ")


def test_what_broke_between_the_data_and_the_model_is_not_the_data(tmp_path: Path) -> None:
    model, inputs = Overflowing(), torch.randn(BATCH, 5)
    inputs[2, 3] = float("nan")
    with LayerView(model, tmp_path, kinds=("input",)) as view, view.step(STEP, inputs=inputs):
        model(inputs / inputs.sum())
    origin = tb_layerview.open(tmp_path).origin(STEP)
    assert origin is not None
    assert (origin.key, origin.cause) == ("/input.0", "given")
    assert origin.message.startswith(f"Overflowing/input.0 has the first NaN at step {STEP}, ")


@pytest.mark.parametrize("kinds", [("grad",), ("output", "output_grad", "grad")])
def test_broken_targets_are_named_and_not_the_gradient_that_came_of_them(
    kinds: tuple[str, ...], tmp_path: Path
) -> None:
    model, targets = Overflowing(), torch.randn(BATCH, 3)
    targets[1, 2] = float("nan")
    inputs = torch.randn(BATCH, 5)
    with (
        LayerView(model, tmp_path, kinds=kinds) as view,
        view.step(STEP, inputs=inputs, targets=targets),
    ):
        nn.functional.mse_loss(model(inputs), targets).backward()
    origin = tb_layerview.open(tmp_path).origin(STEP)
    assert origin is not None
    assert (origin.key, origin.cause, origin.indices) == ("/sample.targets", "given", ((1, 2),))
    assert origin.message.startswith(f"Samples/targets has the first NaN at step {STEP}, ")


def test_broken_inputs_are_those_of_the_data_where_only_another_step_tells_the_models_own(
    tmp_path: Path,
) -> None:
    model = Overflowing()
    options = {"layers": "middle", "kinds": ("input", "output"), "on_nonfinite": "record"}
    view = LayerView(model, tmp_path, every=2, **options)  # type: ignore[arg-type]

    def train() -> None:
        for step in range(4):
            inputs = torch.randn(BATCH, 5)
            inputs[3, 1] = float("nan") if step >= STEP else 0
            with view.step(step, inputs=inputs) as recording:
                recording.watch(model(inputs).sum())
        view.close()

    with pytest.warns(LayerViewWarning, match=r"Step 3: .* run again"):
        train()
    log = tb_layerview.open(tmp_path)
    # Of step 3 all is recorded, of step 2 what was asked for: the inputs of the model were not.
    assert log["/input.0"].steps == [3]
    origin = log.origin(STEP)
    assert origin is not None
    assert (origin.key, origin.cause, origin.sample) == ("/sample.inputs", "given", 3)


def test_a_sample_that_was_not_kept_is_said_to_be_none_of_the_kept(tmp_path: Path) -> None:
    model = Overflowing()
    inputs = torch.zeros(BATCH, 5)
    inputs[5] = 3e38
    with torch.no_grad():
        model.first.weight.fill_(10)
    record(model, tmp_path, inputs, kinds=("output",))
    origin = tb_layerview.open(tmp_path).origin(STEP)
    assert origin is not None
    assert (origin.key, origin.sample, origin.indices) == ("first/output", None, ())
    assert "samples that were not kept" in origin.message


def test_backward_is_looked_at_from_its_beginning(tmp_path: Path) -> None:
    model = Overflowing()
    inputs = torch.randn(BATCH, 5)
    kinds = ("output", "grad", "output_grad")
    with LayerView(model, tmp_path, kinds=kinds) as view, view.step(STEP, inputs=inputs):
        # The derivative of the square root at 0 is infinite.
        (model(inputs) * 0).sqrt().sum().backward()
    origin = tb_layerview.open(tmp_path).origin(STEP)
    assert origin is not None
    assert origin.key in {"/output_grad", "last.1/output_grad", "last/output_grad"}
    assert not origin.made
    assert "the loss" in origin.message


def test_what_is_finite_has_no_origin(tmp_path: Path) -> None:
    record(Overflowing(), tmp_path, torch.randn(BATCH, 5))
    log = tb_layerview.open(tmp_path)
    assert log.origin(STEP) is None
    assert log.findings() == []
    with pytest.raises(tb_layerview.NotFoundError, match="the nearest is 2"):
        log.origin(3)
