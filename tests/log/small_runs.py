"""Runs of one small tensor whose elements all say at which step they were written."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tb_layerview.log.reader import LogReader
from tb_layerview.log.writer import LogWriter
from tests.log.building import make_frame


def folder(run: Path) -> Path:
    return run / "plugins" / "layerview"


def append(writer: LogWriter, step: int, elements: int = 6) -> int:
    return writer.append(make_frame(step, {"a/output": np.full(elements, step, "<f4")}))


def values(log: LogReader) -> dict[int, float]:
    return {step: float(log["a/output"].at(step)[0]) for step in log.steps}
