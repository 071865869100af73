"""DTensors: the part that this process has, and where it stands in the whole.

Nothing here communicates: what the placements and the mesh say is known to every rank.
"""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeGuard

import torch

from tb_layerview.capture.tensors import PLAIN, UnrecordableError

if TYPE_CHECKING:
    from torch.distributed.tensor import DTensor

_STRIDED: Final = "_StridedShard"
"""The placement of an axis that FSDP sharded after tensor parallelism had. Not public."""

_HOMES_OF_DTENSOR: Final = ("torch.distributed.tensor", "torch.distributed._tensor")
"""The second one is where PyTorch before 2.5 has it."""

_REMEMBERED: Final = 65_536
"""Places of shards that are kept: those of the parameters of a model, and of its gradients."""

_known: Final[dict[tuple[Any, ...], Shard | None]] = {}


class Shard(NamedTuple):
    """Where a part stands: the shape of the whole, and the index of the part's first element."""

    global_shape: tuple[int, ...]
    offset: tuple[int, ...]


def local_part(tensor: torch.Tensor) -> torch.Tensor:
    """What this process has of `tensor`: all of it, unless it is a DTensor.

    Raises:
        UnrecordableError: it is one of which this process has no part.
    """
    if not _is_distributed(tensor):
        return tensor
    shard_of(tensor)
    # `to_local` makes a new tensor of a parameter; this one is the same each time.
    local: torch.Tensor = tensor._local_tensor  # noqa: SLF001
    wait = getattr(local, "trigger_wait", None)
    return local if wait is None else wait()


def shard_of(tensor: torch.Tensor) -> Shard | None:
    """Where `local_part` stands in `tensor`; None where it is the whole.

    Raises:
        UnrecordableError: its elements are not a box of the whole.
    """
    if not _is_distributed(tensor):
        return None
    identity = (tuple(tensor.shape), tensor.device_mesh, tensor.placements)
    if identity not in _known:
        if len(_known) >= _REMEMBERED:
            _known.clear()
        _known[identity] = _place(tensor)
    return _known[identity]


def _is_distributed(tensor: torch.Tensor) -> TypeGuard[DTensor]:
    if type(tensor) in PLAIN:
        return False
    # Whoever has a DTensor has imported where it is defined.
    kinds = (getattr(sys.modules.get(module), "DTensor", None) for module in _HOMES_OF_DTENSOR)
    return any(kind is not None and isinstance(tensor, kind) for kind in kinds)


def _place(tensor: DTensor) -> Shard | None:
    mesh = tensor.device_mesh
    if mesh.get_coordinate() is None:
        raise UnrecordableError("this process has no part of it")
    for axis, placement in enumerate(tensor.placements):
        if placement.is_partial():
            raise UnrecordableError("each process has a summand of it only (Partial)")
        if type(placement).__name__ == _STRIDED:
            later = [
                mesh.size(other)
                for other in range(axis + 1, mesh.ndim)
                if tensor.placements[other].is_shard(vars(placement)["dim"])
            ]
            if vars(placement)["split_factor"] != math.prod(later):
                raise UnrecordableError("its shards are not contiguous (_StridedShard)")
        elif not (placement.is_shard() or placement.is_replicate()):
            raise UnrecordableError(f"its placement is {type(placement).__name__}")
    (chunk,) = tensor.__create_chunk_list__()
    shape = tuple(tensor.shape)
    return None if tuple(chunk.sizes) == shape else Shard(shape, tuple(chunk.offsets))
