"""What a user writes, with every public name; `test_types.py` has it checked, it is never run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.utils.tensorboard.writer import SummaryWriter

import tb_layerview
from tb_layerview import Finding, LayerView, Origin


class Attention(nn.Module):
    """A layer that names a point in its forward."""

    def __init__(self) -> None:
        super().__init__()
        self.scores = nn.Linear(8, 8)

    def forward(self, values: Tensor) -> Tensor:
        probabilities: Tensor = tb_layerview.tap(self.scores(values).softmax(-1), "probabilities")
        return probabilities


def train(loader: Iterable[tuple[Tensor, Tensor]], run: Path) -> str:
    """Record a training, with every option."""
    model = Attention()
    optimizer = torch.optim.Adam(model.parameters())
    view = LayerView(
        model,
        SummaryWriter(str(run)),
        layers=[model.scores, "scores", nn.Linear],
        kinds=("param", "grad", "output", "tap"),
        every=lambda step: step % 100 == 0,
        samples=slice(0, 4),
        max_elements=None,
        max_megabytes_per_step=200,
        queue_bytes=1 << 20,
        when_full="wait",
        on_nonfinite="record",
        on_spike=12.5,
        max_trips=1,
        labels=["cat", "dog"],
    )
    view.probe(torch.ones(2, 8), [0, 1], ids=["first", 2])
    for step, (values, targets) in enumerate(loader):
        with view.step(step, inputs=values, targets=targets) as recording:
            answers = model(values)
            recording.predictions(answers)
            loss = nn.functional.cross_entropy(answers, targets)
            recording.watch(loss, again=lambda: loss, name="the loss")
            loss.backward()
            optimizer.step()
    view.flush()
    told: str = view.report()
    view.close()
    with LayerView(model, run, every=10, keep_gigabytes=0.5) as other, other.step(0):
        pass
    answer: object = tb_layerview.snapshot(
        model, run / "look", 0, inputs=torch.ones(1, 8), targets=None, layers="scores", samples=1
    )
    return f"{told}{answer}{tb_layerview.__version__}"


def read(run: Path) -> npt.NDArray[np.float64]:
    """Read a run back."""
    log = tb_layerview.open(run)
    steps: list[int] = log.steps
    keys: list[str] = log.keys()
    tensor = log[keys[0]].at(steps[-1])
    shape: tuple[int, ...] = tensor.shape
    piece = tensor[0, ..., 1:3]
    blocks = tensor.level(1, "max")[...]
    found: list[Finding] = log.findings()
    for finding in found:
        print(finding.severity, finding.rule, finding.key, finding.first_step, finding.message)
    origin: Origin | None = log.origin(steps[0])
    if origin is not None:
        print(origin.key, origin.layer, origin.cause, origin.indices, origin.leads)
    for parting in log.apart(steps[0], 0, 1):
        print(parting.key, parting.distance)
    for feature in log.contributions(steps[0], 0).features:
        print(feature.index, feature.value)
    whole: npt.NDArray[np.float32] = np.asarray(tensor, np.float32)
    print(log.problems, log.marks, log.skipped, shape, piece.dtype, blocks.size, whole.ndim)
    print([key for key in log], "fc" in log, [row.shape for row in tensor], len(tensor))
    return log.stats("max_abs", keys=keys[:1])


def careful(run: Path) -> None:
    """Tell errors apart by their type and their fields."""
    try:
        read(run)
    except tb_layerview.LayerNotFoundError as error:
        print(error.nearest)
    except tb_layerview.SliceError as error:
        print(error.argument)
    except tb_layerview.ArgumentError as error:
        print(error.argument, error.expected, error.received)
    except tb_layerview.GoneError as error:
        print(error.what)
    except tb_layerview.NotFoundError as error:
        print(error.what, error.expected, error.received)
    except tb_layerview.TooLargeError as error:
        print(error.what, error.limit, error.received)
    except tb_layerview.DamagedLogError as error:
        print(error.file, error.offset, error.reason)
    except tb_layerview.ClosedError as error:
        print(error.what)
    except tb_layerview.LayerViewError as error:
        print(error)
    except tb_layerview.LayerViewWarning as warning:
        print(warning)
