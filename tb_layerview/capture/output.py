"""Where frames go: a run's directory, held for one recording, and the worker that writes there."""

from __future__ import annotations

from tb_layerview.capture.assemble import Assembler
from tb_layerview.capture.notices import Notices
from tb_layerview.capture.open_runs import OpenRun
from tb_layerview.capture.processes import Process
from tb_layerview.capture.run_writer import run_writer, unwritable
from tb_layerview.capture.summary_writer import SummaryStream
from tb_layerview.capture.worker import Worker
from tb_layerview.log.writer import LogWriter


class RunOutput:
    """The log of one run, open for writing until `close`."""

    def __init__(
        self,
        writer: object,
        model: str,
        assembler: Assembler,
        notices: Notices,
        process: Process,
        *,
        keep_bytes: int | None = None,
    ) -> None:
        """Begin a log where `writer` says, for a model whose class is `model`.

        With `keep_bytes`, the logs of all processes together keep to that.

        Raises:
            ArgumentError: `writer` is none, another recording has its directory, or that cannot
                be written.
            ClosedError: it is closed.
        """
        # One summary a step makes the run known; the tensors of each process are in its own log.
        destination = run_writer(writer, silent=process.rank > 0)
        self.directory = destination.directory
        self._run = OpenRun(self.directory, model)
        try:
            bound = None if keep_bytes is None else max(1, keep_bytes // process.world_size)
            self._log = LogWriter(
                self.directory,
                rank=process.rank,
                world_size=process.world_size,
                keep_bytes=bound,
            )
        except OSError as error:
            self._run.release()
            raise unwritable(self.directory, error) from error
        self._process = process
        self.worker = Worker(assembler, self._log, SummaryStream(destination), notices)

    def limit(self, keep_bytes: int) -> None:
        """Keep to so many bytes from now on, where there is a bound.

        Raises:
            ArgumentError: the statistics of what is too much could not be written.
        """
        try:
            self._log.limit(max(1, keep_bytes // self._process.world_size))
        except OSError as error:
            raise unwritable(self.directory, error) from error

    def close(self) -> None:
        """Write what is left, and give the directory back. A second call does nothing."""
        self.worker.close()
        self._run.release()
