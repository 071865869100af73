"""The runs that have layer data, and a reader for each, kept from one request to the next."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tensorboard.backend.experiment_id import WSGI_ENVIRON_KEY
from tensorboard.context import RequestContext, from_environ
from tensorboard.data.provider import DataProvider

from tb_layerview.diagnosis.log import Log
from tb_layerview.errors import NotFoundError
from tb_layerview.log.records import PLUGIN_NAME
from tb_layerview.plugin.directories import LogDirectories, has_log

NAMED_RUNS: Final = 5
"""Runs that an error names."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and for which experiment, as TensorBoard's data provider wants to know."""

    context: RequestContext
    experiment_id: str

    @classmethod
    def of(cls, environ: Mapping[str, Any]) -> Asker:
        """Of a WSGI request."""
        # As `tensorboard.plugin_util`, without its import of an HTML sanitizer that warns.
        return cls(from_environ(environ), environ.get(WSGI_ENVIRON_KEY, ""))


ANYONE: Final = Asker(RequestContext(), "")
"""Who asks outside of a request."""


class Runs:
    """The runs of TensorBoard that have layer data. Safe to use from several threads.

    TensorBoard says which runs there are; only what it lists is ever looked for on the disk.
    """

    def __init__(self, data_provider: DataProvider, directories: LogDirectories) -> None:
        self._data_provider = data_provider
        self._directories = directories
        self._lock = threading.Lock()
        self._readers: dict[str, Log] = {}

    def names(self, asker: Asker = ANYONE) -> list[str]:
        """The runs with a log, and those whose summaries tell of one that is not there."""
        return list(self._list(asker))

    def logs(self, asker: Asker = ANYONE) -> dict[str, Log | None]:
        """The log of each run, as of now; None where it cannot be read."""
        logs: dict[str, Log | None] = {}
        for run, directory in self._list(asker).items():
            try:
                log = self._open(run, directory)
                log.refresh()
            except OSError:
                # One run must not hide the others; who asks for it itself gets this error.
                logs[run] = None
            else:
                logs[run] = log
        return logs

    def log(self, run: str, asker: Asker = ANYONE) -> Log:
        """The log of ``run``, as of whenever it was looked at last.

        Raises:
            NotFoundError: there is no such run, or it has no layer data.
            OSError: its directory cannot be read.
        """
        log = self._readers.get(run)
        if log is not None:
            return log
        listed = self._list(asker)
        if run not in listed:
            some = ", ".join(list(listed)[:NAMED_RUNS]) or "none"
            raise NotFoundError("run", f"one of {len(listed)} runs with layer data ({some})", run)
        return self._open(run, listed[run])

    def _list(self, asker: Asker) -> dict[str, Path]:
        """The directories of the runs with layer data, by name; what is gone is forgotten."""
        experiment: dict[str, Any] = {"ctx": asker.context, "experiment_id": asker.experiment_id}
        listed = self._data_provider.list_runs(**experiment)
        told = self._data_provider.list_tensors(plugin_name=PLUGIN_NAME, **experiment)
        found: dict[str, Path] = {}
        for run in sorted(run.run_name for run in listed):
            directory = self._directories.of(run)
            if directory is not None and (run in told or has_log(directory)):
                found[run] = directory
        with self._lock:
            for gone in self._readers.keys() - found:
                del self._readers[gone]
        return found

    def _open(self, run: str, directory: Path) -> Log:
        # Under the lock, so that a page's first requests index a log once and not each for itself.
        with self._lock:
            if run not in self._readers:
                self._readers[run] = Log(directory)
            return self._readers[run]
