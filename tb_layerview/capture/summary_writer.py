"""The statistics of each recorded step as a custom summary in the run's own event file.

It is what makes the run known to TensorBoard: the log itself is in files that it does not load.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util import tensor_util

from tb_layerview.errors import ArgumentError, ClosedError
from tb_layerview.log.columns import STATISTICS
from tb_layerview.log.frame import Frame

TAG: Final = "layerview/statistics"
PLUGIN_NAME: Final = "layerview"
CONTENT: Final = b'{"version":1}'
"""What the summary's metadata say to the plugin: the version of what the tensor holds."""

_FIRST_FLUSHES_SECONDS: Final = (0.0, 1.0)
"""The first summary is flushed at once, so that the run is known, and again after this time:
tensorboardX hands events to a thread of its own, for which its ``flush`` does not wait."""

_FLUSH_INTERVAL_SECONDS: Final = 30.0


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


def statistics_event(frame: Frame) -> event_pb2.Event:
    """The summary of one frame: float64 ``[tensors, statistics]`` in the schema's order."""
    table = np.array([tensor.statistics for tensor in frame.tensors], np.float64)
    metadata = summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(
            plugin_name=PLUGIN_NAME, content=CONTENT
        ),
        data_class=summary_pb2.DATA_CLASS_TENSOR,
    )
    value = summary_pb2.Summary.Value(
        tag=TAG,
        metadata=metadata,
        tensor=tensor_util.make_tensor_proto(table.reshape(-1, len(STATISTICS))),
    )
    return event_pb2.Event(
        step=frame.step,
        wall_time=frame.wall_time,
        summary=summary_pb2.Summary(value=[value]),
    )


class SummaryStream:
    """Adds the summaries of frames, and flushes when it is time. Used by the worker alone."""

    def __init__(self, writer: RunWriter, clock: Callable[[], float] = time.monotonic) -> None:
        self._writer = writer
        self._clock = clock
        self._first_delays = iter(_FIRST_FLUSHES_SECONDS)
        self._flush_at: float | None = None

    def add(self, frame: Frame) -> None:
        """Append the summary of `frame`. Raises what the writer raises."""
        self._writer.add(statistics_event(frame))
        if self._flush_at is None:
            self._flush_in(next(self._first_delays, _FLUSH_INTERVAL_SECONDS))

    def seconds_to_flush(self) -> float | None:
        """In how many seconds the next flush is due; None when there is nothing to flush."""
        return None if self._flush_at is None else max(0.0, self._flush_at - self._clock())

    def flush_if_due(self) -> None:
        """Flush if the time for it has come."""
        if self.seconds_to_flush() == 0.0:
            self.flush()
            self._flush_in(next(self._first_delays, None))

    def flush(self) -> None:
        """Flush now."""
        self._flush_at = None
        self._writer.flush()

    def close(self) -> None:
        """Flush, and close what is ours."""
        self.flush()
        self._writer.close()

    def _flush_in(self, seconds: float | None) -> None:
        self._flush_at = None if seconds is None else self._clock() + seconds


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
