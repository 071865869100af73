"""What it costs to record every parameter and leaf output of a step, beside other ways.

Each round runs the plain forward and every way once, in turn, so that a machine whose speed
drifts favours none. A way's added time is its step less the plain step of the same round.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from benchmarks.models import Workload
from tb_layerview import LayerView


class Cost(NamedTuple):
    """Seconds of one step: of the training thread, and of the processor in the whole process."""

    thread: float
    processor: float


class Spread(NamedTuple):
    """The median over the rounds, and the least and the most."""

    median: float
    least: float
    most: float


class Way(NamedTuple):
    """A way to record: one step, and what is left to do after it, on the processor's account."""

    name: str
    step: Callable[[int], object]
    finish: Callable[[], object]


def measure(workload: Workload, rounds: int) -> tuple[dict[str, dict[str, Spread]], int, int]:
    """Added costs by way, the bytes of the tensors of a step, and the bytes of a frame on disk."""
    with tempfile.TemporaryDirectory() as folder, _tensors_of(workload) as tensors:
        view = LayerView(workload.model, Path(folder, "ours"), layers=_leaves(workload.model))
        writer = SummaryWriter(str(Path(folder, "theirs")))
        ways = [_ours(workload, view), *_others(workload, writer, tensors)]
        _round(workload, ways, 0)
        warm = _log_bytes(Path(folder, "ours"))
        costs: dict[str, list[Cost]] = {way.name: [] for way in ways}
        for number in range(1, rounds + 1):
            for name, cost in _round(workload, ways, number).items():
                costs[name].append(cost)
        frame_bytes = (_log_bytes(Path(folder, "ours")) - warm) // rounds
        view.close()
        writer.close()
        step_bytes = sum(tensor.nbytes for tensor in tensors())
    return {name: _spreads(found) for name, found in costs.items()}, step_bytes, frame_bytes


def _round(workload: Workload, ways: list[Way], number: int) -> dict[str, Cost]:
    plain = _timed(lambda _: workload.forward(), lambda: None, number)
    added = {}
    for way in ways:
        cost = _timed(way.step, way.finish, number)
        added[way.name] = Cost(cost.thread - plain.thread, cost.processor - plain.processor)
    return added


def _timed(step: Callable[[int], object], finish: Callable[[], object], number: int) -> Cost:
    thread, processor = time.perf_counter(), time.process_time()
    step(number)
    thread = time.perf_counter() - thread
    finish()
    return Cost(thread, time.process_time() - processor)


def _ours(workload: Workload, view: LayerView) -> Way:
    def step(number: int) -> None:
        with view.step(number):
            workload.forward()

    return Way("tb_layerview", step, view.flush)


def _others(
    workload: Workload, writer: SummaryWriter, tensors: Callable[[], list[Tensor]]
) -> list[Way]:
    warm: list[Tensor] = []

    def histograms(number: int) -> None:
        workload.forward()
        for place, tensor in enumerate(tensors()):
            writer.add_histogram(f"tensor_{place}", tensor, number)

    def copies(_: int) -> None:
        workload.forward()
        if not warm:
            warm.extend(tensor.detach().clone() for tensor in tensors())
        for target, tensor in zip(warm, tensors(), strict=True):
            target.copy_(tensor.detach())

    def clones(_: int) -> None:
        workload.forward()
        for tensor in tensors():
            tensor.detach().clone()

    return [
        Way("add_histogram", histograms, writer.flush),
        Way("copy into warm buffers", copies, lambda: None),
        Way("clone()", clones, lambda: None),
    ]


def _leaves(model: nn.Module) -> list[nn.Module]:
    return [module for module in model.modules() if not list(module.children())]


@contextmanager
def _tensors_of(workload: Workload) -> Iterator[Callable[[], list[Tensor]]]:
    """A function that answers the parameters and the leaf outputs of the latest forward.

    The hooks that note the outputs stay for all ways and for the plain step alike: they cost
    about a microsecond each.
    """
    leaves = _leaves(workload.model)
    latest: dict[nn.Module, Tensor] = {}

    def note(module: nn.Module, _: object, output: Tensor | tuple[Tensor, ...]) -> None:
        latest[module] = output if isinstance(output, Tensor) else output[0]

    parameters = [parameter for leaf in leaves for parameter in leaf.parameters(recurse=False)]
    handles = [leaf.register_forward_hook(note) for leaf in leaves]
    try:
        yield lambda: [*parameters, *latest.values()]
    finally:
        for handle in handles:
            handle.remove()


def _log_bytes(run: Path) -> int:
    return sum(path.stat().st_size for path in run.rglob("*") if path.is_file())


def _spreads(costs: list[Cost]) -> dict[str, Spread]:
    columns = {
        "thread": [cost.thread for cost in costs],
        "processor": [cost.processor for cost in costs],
    }
    return {
        name: Spread(statistics.median(values), min(values), max(values))
        for name, values in columns.items()
    }
