"""The event file of a run: through the user's ``SummaryWriter``, or one that is begun for it."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from tensorboard.compat.proto import event_pb2

from tb_layerview.errors import ArgumentError, ClosedError
from tb_layerview.log import records
from tb_layerview.log.record_file import RecordFile

_EVENTS_VERSION: Final = "brain.Event:2"
"""What the first record of an event file says, so that TensorBoard knows restarts for what they
are."""


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


def run_writer(writer: object, *, silent: bool = False) -> RunWriter:
    """The summaries' way into what a user gave as `writer`.

    Args:
        writer: a ``SummaryWriter`` of PyTorch or tensorboardX, or the directory of a run, in
            which an event file is then begun.
        silent: whether another process adds the summaries of this run: then no file is begun,
            and what is added here goes nowhere.

    Raises:
        ArgumentError: it is none of these.
        ClosedError: the writer is closed.
    """
    if isinstance(writer, (str, os.PathLike)):
        directory = _local(writer)
        return _Silent(directory) if silent else _OwnFile(directory)
    borrowed = _borrowed(writer)
    return _Silent(borrowed.directory) if silent else borrowed


def _borrowed(writer: object) -> _BorrowedWriter:
    # Whoever has a writer has imported its module. Importing them here would cost seconds, and
    # need both to be installed.
    torch_module = sys.modules.get("torch.utils.tensorboard.writer")
    if torch_module is not None and isinstance(writer, torch_module.SummaryWriter):
        return _BorrowedWriter(writer, writer.log_dir, lambda event: event)
    tensorboardx = sys.modules.get("tensorboardX")
    if tensorboardx is not None and isinstance(writer, tensorboardx.SummaryWriter):
        return _BorrowedWriter(writer, writer.logdir, _tensorboardx_event)
    raise ArgumentError("writer", "a SummaryWriter or the directory of a run", writer)


class _Silent:
    """The event file of a run to which another process adds."""

    def __init__(self, directory: str) -> None:
        self.directory = directory

    def add(self, event: event_pb2.Event) -> None:
        """Nothing."""

    def flush(self) -> None:
        """Nothing."""

    def close(self) -> None:
        """Nothing."""


class _OwnFile:
    """An event file that is begun because the user gave a directory only, with its first event.

    TensorBoard's own writer would not do: the first write that fails ends its thread, so that it
    never writes again when there is room.
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._file: RecordFile | None = None

    def add(self, event: event_pb2.Event) -> None:
        if self._file is not None and (self._file.torn or self._file.is_deleted()):
            self.close()
        if self._file is None:
            self._file = self._begun()
        self._file.write(records.record([event.SerializeToString()]))

    def flush(self) -> None:
        """Nothing: what was added is with the operating system."""

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def _begun(self) -> RecordFile:
        """A new file, under a name as TensorBoard's writers choose it."""
        folder = Path(self.directory)
        folder.mkdir(parents=True, exist_ok=True)
        stem = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}"
        number = 0
        while (path := folder / f"{stem}.{number}").exists():
            number += 1
        return RecordFile(path, _EVENTS_VERSION)


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
