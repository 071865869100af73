"""What each of two processes does; in a file of its own, as `spawn` imports it anew."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.distributed
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, Shard, distribute_tensor
from torch.nn.parallel import DistributedDataParallel

from tb_layerview import LayerView
from tests.modes.small import SmallNet

WORLD_SIZE = 2
STEPS = (0, 1)
KINDS = ("param", "grad", "output")
LEARNING_RATE = 0.1


def batch_of(rank: int, step: int) -> torch.Tensor:
    """The images that a rank is given at a step."""
    return torch.randn(4, 6, generator=torch.Generator().manual_seed(10 * step + rank))


def main(rank: int, directory: Path) -> None:
    """Train in each of the ways that are tested, and leave what plain PyTorch says beside it."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{directory}/meeting", rank=rank, world_size=WORLD_SIZE
    )
    try:
        mesh = init_device_mesh("cpu", (WORLD_SIZE,))
        # Recorded, and without a recording.
        for recorded, suffix in ((True, ""), (False, " plain")):
            torch.manual_seed(0)
            replicated = DistributedDataParallel(SmallNet())
            _train(replicated, rank, directory / f"ddp{suffix}", recorded=recorded)
            torch.manual_seed(0)
            sharded = SmallNet()
            for module in (sharded.first, sharded.last, sharded):
                fully_shard(module, mesh=mesh)
            _train(sharded, rank, directory / f"fsdp{suffix}", recorded=recorded)
        torch.manual_seed(0)
        columns = nn.Linear(5, 3)
        columns.weight = nn.Parameter(distribute_tensor(columns.weight, mesh, [Shard(1)]))
        columns.bias = nn.Parameter(distribute_tensor(columns.bias, mesh, [Shard(0)]))
        with LayerView(columns, directory / "columns") as view, view.step(0):
            pass
    finally:
        torch.distributed.destroy_process_group()


def _train(model: nn.Module, rank: int, run: Path, *, recorded: bool) -> None:
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)
    expected: dict[int, dict[str, torch.Tensor]] = {}
    with LayerView(model, run, kinds=KINDS, every=lambda _: recorded) as view:
        for step in STEPS:
            state = {name: _whole(value) for name, value in model.state_dict().items()}
            with view.step(step):
                model(batch_of(rank, step)).square().mean().backward()
                gradients = {
                    f"{name}.grad": _whole(parameter.grad)
                    for name, parameter in model.named_parameters()
                    if parameter.grad is not None
                }
                optimizer.step()
                optimizer.zero_grad()
            expected[step] = {
                name.removeprefix("module."): value for name, value in (state | gradients).items()
            }
    torch.save(expected, run / f"expected.{rank}.pt")


def _whole(tensor: torch.Tensor) -> torch.Tensor:
    whole = tensor.full_tensor() if isinstance(tensor, DTensor) else tensor
    return whole.detach().clone()
