"""What of a run's directory is read: plain files in plain directories.

A log may come from anybody, as an archive that was unpacked: its links could point to any file of
whoever looks at it, and a pipe in place of a file would be waited for without end.
"""

from __future__ import annotations

import os
import stat
from io import FileIO
from pathlib import Path
from typing import Final

from tb_layerview.errors import DamagedLogError

_FLAGS: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""Refuse a link, and do not wait for a pipe; Windows knows neither."""

_LINK: Final = (
    "a symbolic link, which is not followed: the log of somebody else could point to any file. "
    "Put the whole directory of the run behind a link instead"
)


def open_regular(path: Path) -> FileIO:
    """Open a file to be read, unbuffered.

    Raises:
        DamagedLogError: ``path`` is a symbolic link, or no regular file.
        OSError: it cannot be opened.
    """
    try:
        file = FileIO(path, "rb", opener=_open)
    except OSError as error:
        reason = _LINK if path.is_symlink() else "a directory" if path.is_dir() else None
        if reason is None:
            raise
        raise DamagedLogError(path.name, 0, reason) from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode) or (not _FLAGS and path.is_symlink()):
        file.close()
        raise DamagedLogError(path.name, 0, _LINK if path.is_symlink() else "no regular file")
    return file


def linked(directory: Path, below: Path) -> str | None:
    """A sentence where a part of the path ``below``, within ``directory``, is a link."""
    for part in (*reversed(below.parents), below):
        if part.name and (directory / part).is_symlink():
            return f"{part.as_posix()} is {_LINK}"
    return None


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | _FLAGS)
