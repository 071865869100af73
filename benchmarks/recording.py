"""What it costs to record every parameter, gradient and leaf output of a step, beside other ways.

Each round runs the plain step and every way once, in turn, so that a machine whose speed
drifts favours none. A way's added time is its step less the plain step of the same round.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from torch import Tensor, nn
from torch.utils.tensorboard import SummaryWriter

from benchmarks.direct import Direct, DirectClock
from benchmarks.models import Workload
from benchmarks.wandb_watch import wandb_ways
from benchmarks.way import Way
from tb_layerview import LayerView

OURS: Final = "tb_layerview"
KINDS: Final = ("param", "grad", "output")
IDLE_STEPS: Final = 10_000


class Cost(NamedTuple):
    """Seconds of one step: of the training thread, and of the processor in the whole process."""

    thread: float
    processor: float


class Spread(NamedTuple):
    """The median over the rounds, and the least and the most."""

    median: float
    least: float
    most: float


class Measured(NamedTuple):
    """What a workload cost: added by each way, the plain step, and a step that is not due.

    ``step_bytes`` are those of all tensors of a step, ``frame_bytes`` those on disk. ``direct`` has
    one row a round.
    """

    added: dict[str, dict[str, Spread]]
    plain_seconds: float
    idle_seconds: float
    step_bytes: int
    frame_bytes: int
    direct: list[Direct]


def measure(workload: Workload, rounds: int) -> Measured:
    """Run `rounds` rounds that count, after one that warms up."""
    with (
        tempfile.TemporaryDirectory() as folder,
        tensors_of(workload) as tensors,
        wandb_ways(workload, Path(folder)) as watched,
    ):
        run = Path(folder, "ours")
        view = LayerView(
            workload.model, run, layers=leaves(workload.model), kinds=KINDS, max_elements=None
        )
        writer = SummaryWriter(str(Path(folder, "theirs")))
        ways = [ours(workload, view), *others(workload, writer, tensors), *watched]
        run_round(workload, ways, 0)
        warm_bytes = _log_bytes(run)
        plain: list[float] = []
        costs: dict[str, list[Cost]] = {way.name: [] for way in ways}
        for number in range(1, rounds + 1):
            plain_cost, added = run_round(workload, ways, number)
            plain.append(plain_cost.thread)
            for name, cost in added.items():
                costs[name].append(cost)
        frame_bytes = (_log_bytes(run) - warm_bytes) // rounds
        clock = DirectClock(workload, view, tensors)
        # Two steps each; the first row warms up.
        direct = [clock.measure(rounds + 1 + 2 * number) for number in range(rounds + 1)][1:]
        view.close()
        writer.close()
        workload.step()
        step_bytes = sum(tensor.nbytes for tensor in tensors())
        workload.clear()
    return Measured(
        added={name: _spreads(found) for name, found in costs.items()},
        plain_seconds=statistics.median(plain),
        idle_seconds=_idle_seconds(workload),
        step_bytes=step_bytes,
        frame_bytes=frame_bytes,
        direct=direct,
    )


def _idle_seconds(workload: Workload) -> float:
    """What a step costs that is not due."""
    with tempfile.TemporaryDirectory() as folder:
        view = LayerView(workload.model, folder, kinds=KINDS, every=lambda _: False)
        begun = time.perf_counter()
        for number in range(IDLE_STEPS):
            with view.step(number):
                pass
        seconds = time.perf_counter() - begun
        view.close()
    return seconds / IDLE_STEPS


def run_round(workload: Workload, ways: list[Way], number: int) -> tuple[Cost, dict[str, Cost]]:
    """What the plain step `number` costs, and what each of the `ways` adds to it."""
    _settle(workload)
    plain = _timed(lambda _: workload.step(), workload.clear, number)
    added = {}
    for way in ways:
        _settle(workload)
        cost = _timed(way.step, way.finish, number)
        added[way.name] = Cost(cost.thread - plain.thread, cost.processor - plain.processor)
    return plain, added


def _settle(workload: Workload) -> None:
    """A step that is not timed: what a way leaves in the allocator must not cost the next one."""
    workload.step()
    workload.clear()


def _timed(step: Callable[[int], object], finish: Callable[[], object], number: int) -> Cost:
    thread, processor = time.perf_counter(), time.process_time()
    step(number)
    thread = time.perf_counter() - thread
    finish()
    return Cost(thread, time.process_time() - processor)


def ours(workload: Workload, view: LayerView) -> Way:
    """Recording with the `view`, every step of which is due."""

    def step(number: int) -> None:
        with view.step(number):
            workload.step()

    def finish() -> None:
        workload.clear()
        view.flush()

    return Way(OURS, step, finish)


def others(
    workload: Workload, writer: SummaryWriter, tensors: Callable[[], list[Tensor]]
) -> list[Way]:
    """``add_histogram`` first, then copies of the same tensors."""
    warm: list[Tensor] = []

    def histograms(number: int) -> None:
        workload.step()
        for place, tensor in enumerate(tensors()):
            writer.add_histogram(f"tensor_{place}", tensor, number)

    def written() -> None:
        workload.clear()
        writer.flush()

    def copies(_: int) -> None:
        workload.step()
        if not warm:
            warm.extend(tensor.detach().clone() for tensor in tensors())
        for target, tensor in zip(warm, tensors(), strict=True):
            target.copy_(tensor.detach())

    def clones(_: int) -> None:
        workload.step()
        for tensor in tensors():
            tensor.detach().clone()

    return [
        Way("add_histogram", histograms, written),
        Way("copy into warm buffers", copies, workload.clear),
        Way("clone()", clones, workload.clear),
    ]


def leaves(model: nn.Module) -> list[nn.Module]:
    """The modules of `model` that have none of their own."""
    return [module for module in model.modules() if not list(module.children())]


@contextmanager
def tensors_of(workload: Workload) -> Iterator[Callable[[], list[Tensor]]]:
    """A function that answers the parameters, gradients and leaf outputs of the latest step.

    The hooks that note the outputs stay for all ways and for the plain step alike: they cost
    about a microsecond each.
    """
    called = leaves(workload.model)
    latest: dict[nn.Module, Tensor] = {}

    def note(module: nn.Module, _: object, output: Tensor | tuple[Tensor, ...]) -> None:
        latest[module] = output if isinstance(output, Tensor) else output[0]

    parameters = [parameter for leaf in called for parameter in leaf.parameters(recurse=False)]
    handles = [leaf.register_forward_hook(note) for leaf in called]
    try:
        yield lambda: [
            *parameters,
            *(parameter.grad for parameter in parameters if parameter.grad is not None),
            *latest.values(),
        ]
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
    return {name: spread_of(values) for name, values in columns.items()}


def spread_of(values: Sequence[float]) -> Spread:
    """The spread of at least one value."""
    return Spread(statistics.median(values), min(values), max(values))
