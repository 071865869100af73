"""Steps larger than the queue: what has no room in it is measured where it is, and recorded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview.capture import reduction
from tb_layerview.capture.layer_view import WhenFull
from tb_layerview.log.reader import LogReader
from tests.capture.recorded import elements, warned
from tests.large.expected import assert_levels, assert_statistics, statistic

BATCH = 64
SHAPE = (BATCH, 6, 40, 30)
KEPT = 4


class Given(nn.Module):
    """Returns what it was made with."""

    def __init__(self, output: torch.Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.output = output

    def forward(self, _inputs: torch.Tensor) -> torch.Tensor:
        return self.output


def record(
    output: torch.Tensor,
    run: Path,
    *,
    queue_bytes: int,
    max_elements: int | None = None,
    when_full: WhenFull = "skip",
) -> tuple[LogReader, list[str]]:
    """The log of one step with this output of a batch, and what was warned of."""
    model = Given(output)
    with (
        warned() as sentences,
        tb_layerview.LayerView(
            model,
            run,
            kinds=("output",),
            samples=KEPT,
            max_elements=max_elements,
            queue_bytes=queue_bytes,
            when_full=when_full,
        ) as view,
        view.step(0),
    ):
        model(torch.ones(BATCH, 1))
    return tb_layerview.open(run), sentences


def numbers(dtype: torch.dtype) -> torch.Tensor:
    """A batch with a NaN and an infinity in a sample that is not kept, where the type has them."""
    values = torch.randn(SHAPE) * 3
    if dtype is torch.bool:
        return values > 0
    if not dtype.is_floating_point and not dtype.is_complex:
        return (values * 10).abs().to(dtype)
    values[50, 5, 39, 29], values[60, 0, 0, 0] = torch.nan, torch.inf
    return values.to(dtype)


TYPES = [
    torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.complex64, torch.bool,
    torch.uint8, torch.int64, torch.float8_e5m2, torch.float8_e4m3fnuz,
]  # fmt: skip


@pytest.mark.parametrize("when_full", ["skip", "wait"])
@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_of_a_batch_without_room_the_kept_samples_are_there_and_statistics_are_of_all(
    run: Path, tmp_path: Path, dtype: torch.dtype, when_full: WhenFull
) -> None:
    batch = numbers(dtype)
    log, sentences = record(batch, run, queue_bytes=batch.nbytes // 3, when_full=when_full)
    roomy, _ = record(batch, tmp_path / "roomy", queue_bytes=10 * batch.nbytes)
    assert log.steps == [0]
    assert log.schema() == roomy.schema()
    np.testing.assert_array_equal(elements(log, "/output"), elements(roomy, "/output"))
    for name in ("count", "nan", "pos_inf", "neg_inf", "zero", "min", "max", "max_abs"):
        assert log.stats(name).tolist() == roomy.stats(name).tolist()
    for name in ("mean", "std", "rms"):
        np.testing.assert_allclose(log.stats(name), roomy.stats(name), rtol=1e-12)
    np.testing.assert_array_equal(log["/output"].histogram(), roomy["/output"].histogram())
    assert statistic(log, "/output", "count") == batch.numel()
    assert statistic(log, "/output", "nan") == int(batch.isnan().sum())
    (sentence,) = sentences
    assert f"queue_bytes is {batch.nbytes // 3:,}" in sentence


LAYOUTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "channels last": lambda batch: batch.contiguous(memory_format=torch.channels_last),
    "transposed": lambda batch: batch.transpose(1, 3),
    "every second": lambda batch: batch[:, :, ::2],
    "expanded": lambda batch: batch[:, :1].expand(SHAPE),
    "batch innermost": lambda batch: batch.permute(1, 2, 3, 0).contiguous().permute(3, 0, 1, 2),
    "negated view": lambda batch: torch.complex(batch, batch).conj().imag,
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_whatever_the_strides(run: Path, layout: str) -> None:
    batch = LAYOUTS[layout](numbers(torch.float32))
    expected = batch.resolve_neg().numpy()
    log, _ = record(batch, run, queue_bytes=4 * expected.size // 3)
    np.testing.assert_array_equal(elements(log, "/output"), expected[:KEPT])
    assert_statistics(log, "/output", expected)


def test_numbers_of_any_magnitude_are_measured_as_precisely_in_parts(run: Path) -> None:
    parts = [(16, 3e200), (16, 0.0), (32, 1e-200)]
    batch = torch.cat([torch.full((n, 9000), value, dtype=torch.float64) for n, value in parts])
    log, _ = record(batch.t().contiguous().t(), run, queue_bytes=batch.nbytes // 3)
    assert statistic(log, "/output", "rms") == pytest.approx(3e200 / 2, rel=1e-12)
    tiny = batch[32:].repeat(2, 1)
    tiny[:32] = 0
    log, _ = record(tiny.t().contiguous().t(), run, queue_bytes=batch.nbytes // 3)
    assert statistic(log, "/output", "rms") == pytest.approx(1e-200 / np.sqrt(2), rel=1e-12)


def test_what_is_too_large_for_its_elements_has_the_levels_that_the_worker_makes(run: Path) -> None:
    batch = torch.randn(BATCH, 3, 50, 60)
    batch[2, 1, 30, 30] = torch.nan
    log, _ = record(batch, run, queue_bytes=batch.nbytes // 3, max_elements=1000)
    assert log["/output"].spec.stored == "pyramid"
    assert_levels(log, "/output", batch[:KEPT].numpy(), levels=1)
    assert_statistics(log, "/output", batch.numpy())


def test_as_much_as_there_is_room_for_is_kept_of_each_then_blocks_then_statistics(
    run: Path,
) -> None:
    """Nine matrices of 4 MB and room for three; of a matrix with short rows there are no blocks."""
    model = nn.Sequential(*(nn.Linear(1000, 1000, bias=False) for _ in range(8)))
    model.append(nn.Linear(4, 250_000, bias=False))
    with (
        warned() as sentences,
        tb_layerview.LayerView(
            model, run, kinds=("param",), queue_bytes=15_000_000, when_full="wait"
        ) as view,
    ):
        for step in range(2):
            with view.step(step):
                pass
    log = tb_layerview.open(run)
    assert log.steps == [0, 1]
    stored = [spec.stored for spec in log.schema().tensors]
    assert stored == ["exact"] * 3 + ["pyramid"] * 5 + ["statistics"]
    for index, layer in enumerate(model):
        assert isinstance(layer, nn.Linear)
        weight = layer.weight.detach().numpy()
        assert_statistics(log, f"{index}/param.weight", weight, step=1)
        if stored[index] == "exact":
            np.testing.assert_array_equal(elements(log, f"{index}/param.weight", 1), weight)
        if stored[index] == "pyramid":
            assert_levels(log, f"{index}/param.weight", weight, levels=1, step=1)
    needed, queue = next(sentence for sentence in sentences if "needs" in sentence).split(" and ")[
        :2
    ]
    assert int("".join(filter(str.isdigit, needed))) == pytest.approx(9 * 4_000_000, rel=0.1)
    assert "15,000,000" in queue
    assert any("updates of some parameters are not measured" in each for each in sentences)
    assert len(sentences) == 2


def test_the_last_gradient_of_several_backwards_is_measured(run: Path) -> None:
    model = nn.Sequential(nn.Linear(600, 600, bias=False), nn.Linear(600, 600, bias=False))
    with (
        warned(),
        tb_layerview.LayerView(model, run, kinds=("grad",), queue_bytes=1_900_000) as view,
        view.step(0),
    ):
        for factor in (1, 2, 3):
            (model(torch.randn(3, 600)) * factor).sum().backward()
    log = tb_layerview.open(run)
    stored = {spec.key: spec.stored for spec in log.schema().tensors}
    assert sorted(stored.values()) == ["exact", "pyramid"]
    for index, layer in enumerate(model):
        assert isinstance(layer, nn.Linear)
        assert layer.weight.grad is not None
        assert_statistics(log, f"{index}/grad.weight", layer.weight.grad.numpy())


def test_on_an_accelerator_it_is_measured_there(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reduction, "REDUCING_DEVICES", {"cpu"})
    batch = numbers(torch.float32)
    log, _ = record(batch, run, queue_bytes=batch.nbytes // 3)
    np.testing.assert_array_equal(elements(log, "/output"), batch[:KEPT].numpy())
    assert_statistics(log, "/output", batch.numpy())
