"""The event file of a run: through the user's ``SummaryWriter``, or one that is begun for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Protocol

from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_layerview.errors import ArgumentError, ClosedError


class RunWriter(Protocol):
    """Where the summaries of a run go."""

    @property
    def directory(self) -> str:
        """The run's directory."""

    def add(self, event: event_pb2.Event) -> None:
        """Append an event. Raises ClosedError when the user closed the writer."""

    def flush(self) -> None:
        """Make what was added visible to others."""

    def close(self) -> None:
        """Close what is ours."""


def run_writer(writer: object) -> RunWriter:
    """The summaries' way into what a user gave as `writer`.

    Args:
        writer: a ``SummaryWriter`` of PyTorch or tensorboardX, or the directory of a run, in
            which an event file is then begun.

    Raises:
        ArgumentError: it is none of these, or the directory cannot be written.
        ClosedError: the writer is closed.
    """
    if isinstance(writer, (str, os.PathLike)):
        return _OwnFile(_local(writer))
    # Whoever has a writer has imported its module. Importing them here would cost seconds, and
    # need both to be installed.
    torch_module = sys.modules.get("torch.utils.tensorboard.writer")
    if torch_module is not None and isinstance(writer, torch_module.SummaryWriter):
        return _BorrowedWriter(writer, writer.log_dir, lambda event: event)
    tensorboardx = sys.modules.get("tensorboardX")
    if tensorboardx is not None and isinstance(writer, tensorboardx.SummaryWriter):
        return _BorrowedWriter(writer, writer.logdir, _tensorboardx_event)
    raise ArgumentError("writer", "a SummaryWriter or the directory of a run", writer)


class _OwnFile:
    """An event file that is begun because the user gave a directory only."""

    def __init__(self, directory: str) -> None:
        try:
            self._writer = EventFileWriter(directory)
        except OSError as error:
            raise unwritable(directory, error) from error
        self.directory = directory

    def add(self, event: event_pb2.Event) -> None:
        self._writer.add_event(event)

    def flush(self) -> None:
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()


class _FileWriter(Protocol):
    def add_event(self, event: event_pb2.Event, step: int, walltime: float) -> None: ...


class _SummaryWriter(Protocol):
    """What the two libraries' ``SummaryWriter`` have in common."""

    all_writers: Mapping[str, _FileWriter] | None
    file_writer: _FileWriter

    def flush(self) -> None: ...


class _BorrowedWriter:
    """The user's ``SummaryWriter``. `convert` makes its kind of event out of TensorBoard's."""

    def __init__(
        self,
        writer: _SummaryWriter,
        directory: str,
        convert: Callable[[event_pb2.Event], event_pb2.Event],
    ) -> None:
        self._writer = writer
        self._convert = convert
        self.directory = _local(directory)
        self._raise_if_closed()

    def add(self, event: event_pb2.Event) -> None:
        self._raise_if_closed()
        self._writer.file_writer.add_event(self._convert(event), event.step, event.wall_time)

    def flush(self) -> None:
        if not self._is_closed():
            self._writer.flush()

    def close(self) -> None:
        """Nothing: the user who opened the writer closes it."""

    def _is_closed(self) -> bool:
        # Both libraries begin a new file when a closed writer is used: that is not ours to cause.
        return self._writer.all_writers is None

    def _raise_if_closed(self) -> None:
        if self._is_closed():
            raise ClosedError("the SummaryWriter")


def _local(directory: str | os.PathLike[str]) -> str:
    path = os.fspath(directory)
    if "://" in path:
        raise ArgumentError("writer", "a directory of this machine", path)
    return path


def unwritable(directory: str, error: OSError) -> ArgumentError:
    """What a user is told of a directory in which nothing can be written."""
    return ArgumentError(
        "writer", f"a directory that can be written ({error.strerror or error})", directory
    )


def _tensorboardx_event(event: event_pb2.Event) -> event_pb2.Event:
    """The same event as a message of tensorboardX, which brings protocol buffers of its own."""
    return sys.modules["tensorboardX.proto.event_pb2"].Event.FromString(event.SerializeToString())
