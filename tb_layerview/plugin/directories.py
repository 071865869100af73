"""Which directory a run of TensorBoard is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tb_layerview.log.segment import SUBDIRECTORY

_URL = re.compile(r"[a-zA-Z][0-9a-zA-Z.]*://")


@dataclass(frozen=True)
class LogDirectories:
    """The directories that TensorBoard watches, each with the group that its runs are named by.

    A run's name is its path relative to the directory (``.`` is the directory itself), after the
    name of the group where there is one. Directories on other hosts (``gs://...``) are left out:
    logs are read from the file system only.
    """

    roots: Sequence[tuple[str | None, Path]]

    @classmethod
    def of_flags(cls, logdir: str | None, logdir_spec: str | None) -> LogDirectories:
        """Of TensorBoard's ``--logdir`` or, where that is empty, ``--logdir_spec``."""
        parts = [part for part in (logdir_spec or "").split(",") if part]
        roots = [(None, logdir)] if logdir else [_split(part) for part in parts]
        return cls(
            [(group, Path(path).expanduser()) for group, path in roots if not _URL.match(path)]
        )

    def of(self, run: str) -> Path | None:
        """The directory of ``run``: of several that it may name, one that has a log.

        None where it is in no directory of ours.
        """
        candidates = list(self._candidates(run))
        with_log = (path for path in candidates if has_log(path))
        return next(with_log, candidates[0] if candidates else None)

    def _candidates(self, run: str) -> Iterator[Path]:
        for group, root in self.roots:
            if group is None:
                yield root / run
            elif run == group or run.startswith((group + "/", group + os.sep)):
                yield root / run[len(group) + 1 :]


def has_log(directory: Path) -> bool:
    """Whether layer data was recorded in ``directory``."""
    # Path.is_dir raises where one may not look; such a directory would hide the other runs.
    return os.path.isdir(directory / SUBDIRECTORY)  # noqa: PTH112


def _split(part: str) -> tuple[str | None, str]:
    """The group and the path of one part of ``--logdir_spec``: ``group:path``, or ``path``.

    As TensorBoard does: a path that begins with a slash, a drive or a scheme has no group.
    """
    if ":" in part and part[0] != "/" and not _URL.match(part) and not os.path.splitdrive(part)[0]:
        group, _, path = part.partition(":")
        return group, path
    return None, part
