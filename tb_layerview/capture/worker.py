"""The one thread that measures and writes what was captured, so that the training need not."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tb_layerview.capture.assemble import Assembler
from tb_layerview.capture.captured import CapturedStep
from tb_layerview.capture.notices import Guard, Notices, describe
from tb_layerview.capture.progress import REDRAW_SECONDS, Amount, Progress
from tb_layerview.capture.rows import Reduction
from tb_layerview.capture.summary_writer import SummaryStream
from tb_layerview.log.thinned import Usage
from tb_layerview.log.writer import LogWriter

_DELETED: Final = (
    "Files of the log were deleted, moved or cut while they were written: what follows goes into "
    "new ones"
)

_STUCK: Final = (
    "Older files of the log could not be removed to make room: somebody has them open, or the "
    "folder does not let them be removed. They are counted, newer ones go in their place, and they "
    "are tried again with every step"
)


@dataclass
class WorkerCounts:
    """What the worker did so far.

    ``freed_bytes`` are those of memory that it was done with. ``tensors`` and ``reductions`` are
    those of the last frame.
    """

    recorded: int = 0
    failed: int = 0
    written_bytes: int = 0
    freed_bytes: int = 0
    seconds: float = 0.0
    tensors: int = 0
    reductions: list[Reduction] = field(default_factory=list)

    def done(self) -> Amount:
        """The steps that it was done with."""
        return Amount(self.recorded + self.failed, self.freed_bytes)


class _Request(threading.Event):
    """Asks the worker to flush, and to end if `stop`; is set when it has."""

    def __init__(self, *, stop: bool) -> None:
        super().__init__()
        self.stop = stop


class Worker:
    """Takes captured steps in their order. No failure of one step keeps it from the next."""

    def __init__(
        self, assembler: Assembler, log: LogWriter, summaries: SummaryStream, notices: Notices
    ) -> None:
        self._assembler = assembler
        self._log = log
        self._summaries = summaries
        self._notices = notices
        self._queue: queue.SimpleQueue[CapturedStep | _Request] = queue.SimpleQueue()
        self.counts = WorkerCounts()
        self._submitted = Amount(0, 0)
        self._on_first: Callable[[], None] | None = None
        self._told = 0
        self._process = os.getpid()
        self._closed = False
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="tb_layerview", daemon=True)
        self._thread.start()

    def submit(self, step: CapturedStep) -> None:
        """Hand over a step; its memory is given back when it was written."""
        steps, nbytes = self._submitted
        self._submitted = Amount(steps + 1, nbytes + step.lease.needed)
        self._queue.put(step)

    def usage(self) -> Usage | None:
        """What a bounded log takes; None where there is no bound."""
        return self._log.usage()

    def on_first(self, callback: Callable[[], None]) -> None:
        """Have `callback` called, by the worker, when the first step was written."""
        self._on_first = callback

    def is_alive(self) -> bool:
        """Whether what is submitted will still be worked on.

        Not so after `close`, nor in a process that was forked: threads stay behind.
        """
        return not self._closed and self._thread.is_alive() and os.getpid() == self._process

    def flush(self) -> None:
        """Return when everything submitted before can be read by others."""
        self._ask(_Request(stop=False))

    def close(self) -> None:
        """Flush, close the files and end the thread."""
        self._closed = True
        self._ask(_Request(stop=True))

    def _ask(self, request: _Request) -> None:
        if os.getpid() != self._process:
            return
        self._queue.put(request)
        # The worker itself asks when the garbage collector runs on it: it cannot wait for itself.
        if self._thread is threading.current_thread():
            return
        before = self.counts.done()
        with Progress(_difference(self._submitted, before)) as progress:
            # A worker that died gives no sign; so look up now and then.
            while not request.wait(REDRAW_SECONDS) and self._thread.is_alive():
                progress.update(_difference(self.counts.done(), before))

    def _run(self) -> None:
        while not self._stopped:
            try:
                self._work()
            except BaseException as error:  # noqa: BLE001 - whoever ends this thread ends its work
                self._notices.say(f"The thread that writes was stopped by {describe(error)}")

    def _work(self) -> None:
        item = self._next()
        if isinstance(item, _Request):
            self._answer(item)
            return
        if isinstance(item, CapturedStep):
            self._write(item)
        with self._guard("Flushing the event file"):
            self._summaries.flush_if_due()

    def _next(self) -> CapturedStep | _Request | None:
        """What was asked next, or None when it is time to flush before that."""
        try:
            return self._queue.get(timeout=self._summaries.seconds_to_flush())
        except queue.Empty:
            return None

    def _write(self, step: CapturedStep) -> None:
        begun = time.perf_counter()
        written = False
        try:
            with self._guard("Writing a recorded step"):
                step.skipped += self.counts.failed
                if self._log.is_deleted():
                    self._notices.say(_DELETED)
                    # The frames that told what went wrong before may be gone, too.
                    self._told = 0
                said = self._notices.sentences()
                step.lease.transfers.wait()
                frame = self._assembler.frame(step, said[self._told :])
                self.counts.written_bytes += self._log.append(frame)
                written = True
                self._tell_stuck()
                self._told = len(said)
                self.counts.tensors = len(frame.tensors)
                self.counts.reductions = self._assembler.reductions
                with self._guard("Adding the statistics to the event file"):
                    self._summaries.add(frame)
        finally:
            step.lease.release()
            self.counts.recorded += written
            self.counts.failed += not written
            self.counts.freed_bytes += step.lease.needed
            self.counts.seconds += time.perf_counter() - begun
        if written and self._on_first is not None:
            announce, self._on_first = self._on_first, None
            with self._guard("Logging what is recorded"):
                announce()

    def _tell_stuck(self) -> None:
        usage = self.usage()
        if usage is not None and usage.stuck:
            self._notices.say(_STUCK)

    def _answer(self, request: _Request) -> None:
        self._stopped = request.stop
        try:
            # What was appended to the log is with the operating system already.
            with self._guard("Flushing the event file"):
                self._summaries.flush()
            if request.stop:
                with self._guard("Closing the log"):
                    self._log.close()
                with self._guard("Closing the event file"):
                    self._summaries.close()
        finally:
            request.set()

    def _guard(self, what: str) -> Guard:
        return Guard(self._notices, [], what)


def _difference(now: Amount, before: Amount) -> Amount:
    return Amount(now.steps - before.steps, now.nbytes - before.nbytes)
