"""What can go wrong while a training is recorded, each as a ``with`` block in which it does."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from io import FileIO
from pathlib import Path
from typing import Final, NamedTuple
from unittest import mock

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.tensorboard import SummaryWriter

from tb_layerview import LayerView
from tb_layerview.log import record_file

WRITE_SOME = record_file.write_some


class World(NamedTuple):
    """What a fault can get at."""

    model: nn.Sequential
    view: LayerView
    run: Path
    writer: SummaryWriter


Inflict = Callable[[World], AbstractContextManager[object]]


class Fault(NamedTuple):
    """``cause`` is in what is said; ``lost``: the steps in which it is there are not recorded."""

    inflict: Inflict
    cause: str
    lost: bool
    warnings: int = 1


@contextmanager
def small_disk(megabytes: int, folder: Path) -> Iterator[Path]:
    """A real disk of this size. Raises PermissionError where only root may mount one."""
    folder.mkdir()
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        raise PermissionError(errno.EPERM, "no disk can be mounted here") from error
    try:
        yield folder
    finally:
        _run("umount", "--lazy", str(folder))


@contextmanager
def read_only(run: Path) -> Iterator[None]:
    """A read-only disk is mounted over a directory for a while; only root may do so."""
    _run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(run))
    try:
        yield
    finally:
        _run("umount", "--lazy", str(run))


@contextmanager
def no_room(disk: Path) -> Iterator[None]:
    """A mounted disk that is full for a while."""
    everything = fill(disk)
    try:
        yield
    finally:
        everything.unlink()


@contextmanager
def no_longer_files(_folder: Path) -> Iterator[None]:
    """No file may grow beyond a byte: what a quota does, where no disk can be mounted.

    Python ignores the signal that comes with it, so that writing fails with "File too large".
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _run(program: str, *arguments: str) -> None:
    subprocess.run([shutil.which(program) or program, *arguments], check=True, capture_output=True)


def fill(folder: Path) -> Path:
    """A file that takes all the room there is."""
    path = folder / "everything"
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 12))
    assert shutil.disk_usage(folder).free == 0
    return path


def failing_writes(number: int) -> Inflict:
    """The system refuses after half of what it was given, with this error."""

    def inflict(_world: World) -> AbstractContextManager[object]:
        def write_some(file: FileIO, block: memoryview) -> int:
            WRITE_SOME(file, block[: len(block) // 2])
            raise OSError(number, os.strerror(number))

        return mock.patch.object(record_file, "write_some", write_some)

    return inflict


@contextmanager
def vanished_directory(world: World) -> Iterator[None]:
    shutil.rmtree(world.run)
    yield


@contextmanager
def unwritable_directory(world: World) -> Iterator[None]:
    """Root may write everywhere, but not into a file."""
    shutil.rmtree(world.run)
    world.run.write_text("in the way")
    yield
    world.view.flush()
    world.run.unlink()


@contextmanager
def exit_while_writing(world: World) -> Iterator[None]:
    """What ends a thread without a word, where nobody looks."""
    with mock.patch.object(record_file, "write_some", side_effect=SystemExit(3)):
        yield
        world.view.flush()


@contextmanager
def closed_summary_writer(world: World) -> Iterator[None]:
    world.writer.close()
    yield


class Hostile(torch.Tensor):
    """Whatever is asked of it, it raises."""

    @classmethod
    def __torch_function__(cls, *_: object, **__: object) -> torch.Tensor:
        raise LookupError("nothing to see")


class Elsewhere(torch.Tensor):
    """Has no elements of its own, and raises where they are asked for."""

    @staticmethod
    def __new__(cls: type[Elsewhere], tensor: torch.Tensor) -> Elsewhere:
        made: Elsewhere = torch.Tensor._make_wrapper_subclass(cls, tensor.shape)  # noqa: SLF001
        return made

    @classmethod
    def __torch_dispatch__(cls, *_: object, **__: object) -> torch.Tensor:
        raise LookupError("nowhere to be seen")


def unreadable_output(make: Callable[[torch.Tensor], torch.Tensor]) -> Inflict:
    """A layer returns an exotic tensor beside its own; the next one takes what it can use."""

    @contextmanager
    def inflict(world: World) -> Iterator[None]:
        first, second = world.model[0], world.model[1]
        adding = first.register_forward_hook(lambda _, __, out: (make(out.detach()), out))
        taking = second.register_forward_pre_hook(lambda _, args: (args[0][1],))
        yield
        adding.remove()
        taking.remove()

    return inflict


class _Refusing(TorchDispatchMode):
    """A mode of the user that knows the operations of the model, and no others."""

    def __torch_dispatch__(
        self, func: Callable[..., object], _types: object, args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:  # fmt: skip
        if "copy_" in str(func):
            raise LookupError(func)
        return func(*args, **(kwargs or {}))


Refusing: Final[Callable[[], AbstractContextManager[object]]] = _Refusing


@contextmanager
def replaced_layer(world: World) -> Iterator[None]:
    """In the middle of a forward, a layer makes place for another one."""

    def replace(_module: nn.Module, _args: object) -> None:
        world.model[2] = nn.Linear(8, 2)
        world.model[1] = nn.Identity()

    handle = world.model[0].register_forward_pre_hook(replace)
    yield
    handle.remove()


FAULTS: Final[Mapping[str, Fault]] = {
    "a full disk": Fault(failing_writes(errno.ENOSPC), "No space left on device", lost=True),
    "a disk that is read-only": Fault(failing_writes(errno.EROFS), "Read-only", lost=True),
    "a disk with errors": Fault(failing_writes(errno.EIO), "Input/output error", lost=True),
    "a directory that vanishes": Fault(vanished_directory, "were deleted", lost=False),
    "a directory in whose place is a file": Fault(
        unwritable_directory, "were deleted|Not a directory", lost=True, warnings=2
    ),
    "a worker that is ended": Fault(exit_while_writing, "stopped by SystemExit", lost=True),
    "a closed SummaryWriter": Fault(
        closed_summary_writer, "the SummaryWriter is closed", lost=False
    ),
    "an output that raises": Fault(
        unreadable_output(lambda out: out.as_subclass(Hostile)), "nothing to see", lost=False
    ),
    "an output without elements": Fault(
        unreadable_output(Elsewhere), "keeps its elements elsewhere", lost=False
    ),
    "a layer that is replaced": Fault(replaced_layer, "No output of 1, 2", lost=False),
}
