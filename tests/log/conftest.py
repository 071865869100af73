from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

import pytest

from tb_layerview.log.writer import LogWriter


class OpenWriter(Protocol):
    """A `LogWriter` on ``run`` that is closed when the test ends."""

    def __call__(self, run: Path, *, rank: int = 0, segment_bytes: int = 2**29) -> LogWriter: ...


@pytest.fixture
def open_writer() -> Iterator[OpenWriter]:
    with ExitStack() as writers:

        def open_one(run: Path, *, rank: int = 0, segment_bytes: int = 2**29) -> LogWriter:
            writer = LogWriter(run, rank=rank, segment_bytes=segment_bytes)
            return writers.enter_context(closing(writer))

        yield open_one
