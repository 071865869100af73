"""Record one step, and read it back: what the tests of capture do over and over."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

import tb_layerview
from tb_layerview.capture.select import Layers
from tb_layerview.log.reader import LogReader


def record(
    model: nn.Module,
    run: Path,
    *arguments: object,
    step: int = 0,
    inputs: object = None,
    targets: object = None,
    predictions: object = None,
    layers: Layers = None,
    kinds: Sequence[str] = ("param", "buffer", "output"),
    samples: int | slice = 4,
) -> LogReader:
    """Call ``model`` once within a recorded step and answer the log."""
    with (
        tb_layerview.LayerView(model, run, layers=layers, kinds=kinds, samples=samples) as view,
        view.step(step, inputs=inputs, targets=targets) as recording,
    ):
        model(*arguments)
        if predictions is not None:
            recording.predictions(predictions)
    return tb_layerview.open(run)


@contextmanager
def warned() -> Iterator[list[str]]:
    """A list that holds, after the block, what users were warned of in it."""
    sentences: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # What PyTorch says of Python 3.13.0 when it compiles.
        warnings.filterwarnings("ignore", "Guards may run slower", RuntimeWarning)
        yield sentences
    assert {warning.category for warning in caught} <= {tb_layerview.LayerViewWarning}
    sentences += [str(warning.message) for warning in caught]


def elements(log: LogReader, key: str, step: int = 0) -> npt.NDArray[Any]:
    """All stored elements of a tensor."""
    return log[key].at(step)[...]


def keys(log: LogReader) -> set[str]:
    """All keys of the log."""
    return set(log.keys())


def axes(log: LogReader, key: str) -> tuple[str, ...]:
    """The names of a tensor's axes."""
    return log[key].spec.axes


def assert_same(log: LogReader, key: str, expected: torch.Tensor, step: int = 0) -> None:
    """The log has the bits, shape and dtype of ``expected`` under ``key``."""
    stored = elements(log, key, step)
    values = expected.detach().cpu()
    if values.dtype.itemsize < 4 and values.dtype.is_floating_point and stored.dtype == np.float32:
        values = values.float()  # NumPy has no such type: the reader widens it
    array = values.resolve_conj().resolve_neg().numpy()
    assert stored.dtype == array.dtype
    assert stored.shape == array.shape
    assert stored.tobytes() == np.ascontiguousarray(array).tobytes()
    assert log[key].spec.dtype == str(expected.dtype).removeprefix("torch.")


def updates_of_adam(
    view: tb_layerview.LayerView, model: nn.Module, loss: Callable[[], torch.Tensor]
) -> dict[tuple[str, int], tuple[float, float]]:
    """Record three steps of Adam.

    Returns:
        By key and step, the root mean square of what the step added to a parameter, and that
        divided by the parameter's own; from clones.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    expected = {}
    for step in range(3):
        before = {name: value.detach().clone() for name, value in model.named_parameters()}
        with view.step(step):
            loss().backward()
            optimizer.step()
            optimizer.zero_grad()
        for name, value in model.named_parameters():
            path, _, own = name.rpartition(".")
            update = rms(value - before[name])
            expected[f"{path}/param.{own}", step] = update, update / rms(before[name])
    return expected


def rms(values: torch.Tensor) -> float:
    """The root mean square, in float64."""
    return float(values.detach().double().square().mean().sqrt())
