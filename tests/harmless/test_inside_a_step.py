"""What a training may do with its model while a step is recorded comes out as it does without."""

from __future__ import annotations

import copy
import io
import pickle
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel
from torch.utils.hooks import RemovableHandle

import tb_layerview
from tb_layerview import LayerView
from tb_layerview.capture.plan import CAPTURED_KINDS
from tests.capture.test_hooks import hooks_of
from tests.harmless.training import seed

Use = Callable[[nn.Module, Tensor], object]


def made() -> nn.Sequential:
    seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5), nn.ReLU(inplace=True), nn.Linear(5, 2))


@contextmanager
def recorded_step(model: nn.Module, run: Path) -> Iterator[None]:
    with LayerView(model, run, kinds=CAPTURED_KINDS) as view, view.step(0):
        yield


def saved(model: nn.Module, _inputs: Tensor) -> bytes:
    """The weights of the model that `torch.save` wrote whole, and `torch.load` read."""
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    return weights(torch.load(file, weights_only=False))


def pickled(model: nn.Module, _inputs: Tensor) -> bytes:
    return weights(pickle.loads(pickle.dumps(model)))  # noqa: S301 - made here


def weights(model: nn.Module) -> bytes:
    return b"".join(tensor.numpy().tobytes() for tensor in model.state_dict().values())


def averaged(model: nn.Module, inputs: Tensor) -> list[float]:
    """A copy of the model follows it, and is used."""
    average = AveragedModel(model)
    average.update_parameters(model)
    out: Tensor = average(inputs)
    return out.flatten().tolist()


def traced(model: nn.Module, inputs: Tensor) -> list[str]:
    """The operations of the graph that `torch.jit.trace` makes of the model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = torch.jit.trace(model, inputs, check_trace=False).inlined_graph
    return [node.kind() for node in graph.nodes()]


def transformed(model: nn.Module, _inputs: Tensor) -> str:
    return str(torch.fx.symbolic_trace(model).graph)


def saved_output(model: nn.Module, inputs: Tensor) -> bytes:
    file = io.BytesIO()
    torch.save(model(inputs), file)
    return file.getvalue()


def moved(model: nn.Module, inputs: Tensor) -> list[float]:
    """To another type in the middle of a step, and back."""
    model.double()
    out: Tensor = model(inputs.double())
    model.float()
    return out.flatten().tolist()


def caught(model: nn.Module, inputs: Tensor) -> str:
    """A forward that fails, and whose failure the training handles."""
    try:
        model(inputs[:, :2])
    except RuntimeError as error:
        return str(error)
    return "no error"


USES: dict[str, Use] = {
    "torch.save of the model": saved,
    "pickle": pickled,
    "an average of the weights": averaged,
    "torch.jit.trace": traced,
    "torch.fx": transformed,
    "torch.save of an output": saved_output,
    "another element type": moved,
    "an exception that is caught": caught,
}


@pytest.mark.parametrize("name", USES)
def test_what_is_done_inside_a_recorded_step_comes_out_as_without(run: Path, name: str) -> None:
    inputs = torch.randn(4, 3, generator=torch.Generator().manual_seed(1))
    expected = USES[name](made(), inputs)
    model = made()
    with recorded_step(model, run):
        found = USES[name](model, inputs)
    assert found == expected


@pytest.mark.parametrize(
    "copy_of", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))],  # noqa: S301
    ids=["deepcopy", "pickle"],
)  # fmt: skip
def test_a_copy_of_the_model_is_not_recorded(
    run: Path, copy_of: Callable[[nn.Module], nn.Module]
) -> None:
    model = made()
    inputs = torch.randn(4, 3)
    with LayerView(model, run, queue_bytes=1 << 20) as view:
        with view.step(0):
            other = copy_of(model)
            expected = model(inputs)
            other(inputs * 2)
        for _ in range(20):
            other(inputs)
        view.flush()
        with view.step(1):
            model(inputs)
    log = tb_layerview.open(run)
    assert not [key for key in log.keys() if "#1" in key]  # noqa: SIM118
    assert torch.equal(torch.from_numpy(log["/output"].at(0)[...].copy()), expected.detach())
    assert (log.steps, log.skipped) == ([0, 1], 0)


def test_a_model_that_was_saved_in_a_step_is_loaded_without_this_package(run: Path) -> None:
    model = made()
    run.mkdir()
    with recorded_step(model, run):
        torch.save(model, run / "model.pt")
    program = (
        "import sys, torch\n"
        "sys.modules['tb_layerview'] = None\n"
        "model = torch.load(sys.argv[1], weights_only=False)\n"
        "print(tuple(model(torch.ones(4, 3)).shape))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(run / "model.pt")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("(4, 2)\n", 0), done.stderr


class NoHandle(nn.Linear):
    """Breaks the contract of `nn.Module`: it answers nothing to remove its hook by."""

    def register_forward_hook(self, *_: Any, **__: Any) -> Any:  # noqa: ANN401
        return None


def test_a_hook_that_cannot_be_removed_keeps_no_other_from_it(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 3), NoHandle(3, 3), nn.Linear(3, 3))
    with LayerView(model, run, kinds=CAPTURED_KINDS) as view:
        with view.step(0):
            model(torch.randn(2, 3)).sum().backward()
        assert "AttributeError: 'NoneType' object has no attribute 'remove'" in view.report()
    assert hooks_of(model) == 0
    assert tb_layerview.open(run).steps == [0]


@pytest.mark.parametrize("at", [0, 3, 8])
def test_an_interruption_while_hooks_are_removed_leaves_none(run: Path, at: int) -> None:
    model = made()
    remove = RemovableHandle.remove
    calls: list[RemovableHandle] = []

    def interrupted(handle: RemovableHandle) -> None:
        calls.append(handle)
        if len(calls) == at + 1:
            raise KeyboardInterrupt
        remove(handle)

    with LayerView(model, run, kinds=CAPTURED_KINDS) as view:
        with (
            mock.patch.object(RemovableHandle, "remove", interrupted),
            pytest.raises(KeyboardInterrupt),
            view.step(0),
        ):
            model(torch.randn(4, 3)).sum().backward()
        assert hooks_of(model) == 0
        assert not any(parameter._post_accumulate_grad_hooks for parameter in model.parameters())  # noqa: SLF001
        with view.step(1):
            model(torch.randn(4, 3)).sum().backward()
    assert tb_layerview.open(run).steps == [0, 1]


def test_a_model_whose_tensors_are_swapped_when_it_is_cast_is_cast_after_a_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those of tensor classes of their own are; of any others, where a training asks for it."""
    model = made()
    with LayerView(model, tmp_path, kinds=CAPTURED_KINDS) as view:
        # A training holds the last one until the next begins.
        recordings = [view.step(step) for step in range(2)]
        for recording in recordings:
            with recording:
                model(torch.randn(4, 3)).sum().backward()
        monkeypatch.setattr(torch.__future__, "_swap_module_params_on_conversion", True)
        model.double()
    assert model[0].weight.dtype is torch.float64
