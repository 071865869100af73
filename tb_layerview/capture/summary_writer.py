"""The statistics of each recorded step as a custom summary in the run's own event file.

It is what makes the run known to TensorBoard: the log itself is in files that it does not load.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.util import tensor_util

from tb_layerview.capture.run_writer import RunWriter
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
