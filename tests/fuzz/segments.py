"""A segment taken apart into its records and put together again, with checksums that hold."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from tb_layerview.log import records
from tests.fixtures.small_log import make_frame, write_log

STEPS: Final = (0, 10, 20)
_LENGTH: Final = struct.Struct("<Q")


LONG: Final = 9_000
"""Elements of the longest tensor: it has more than one chunk of checksums."""


def arrays_of(step: int, long: int = LONG) -> dict[str, npt.NDArray[Any]]:
    """One step: several ranks and types, and numbers that are none."""
    random = np.random.default_rng(step)
    output = random.standard_normal((2, 3, 4, 5)).astype("<f4")
    output[0, 0, 0, 0] = np.nan
    return {
        "conv/output": output,
        "fc/param.weight": random.standard_normal((6, 520)).astype("<f2"),
        "long/param.bias": random.standard_normal(long),
        "number/buffer.count": np.array(step, "<i8"),
        "empty/output": np.zeros((0, 5), "<f4"),
    }


def write_base(run: Path, long: int = LONG) -> bytes:
    """Write a small log to ``run``; answer the bytes of its one segment."""
    stored = {"fc/param.weight": "exact and pyramid"}
    write_log(
        run,
        [make_frame(step, arrays_of(step, long), samples=(0, 1), stored=stored) for step in STEPS],
    )
    return segment_of(run).read_bytes()


def segment_of(run: Path) -> Path:
    """The one segment of a run."""
    (segment,) = (run / "plugins" / "layerview").glob("*.lvlog")
    return segment


def split(data: bytes) -> list[bytes]:
    """The payloads of all records of a whole segment."""
    payloads = []
    offset = 0
    while offset < len(data):
        (length,) = _LENGTH.unpack_from(data, offset)
        begin = offset + records.PREFIX_BYTES
        payloads.append(data[begin : begin + length])
        offset = begin + length + records.SUFFIX_BYTES
    return payloads


def joined(payloads: Sequence[bytes]) -> bytes:
    """A segment of ``payloads``, every checksum of whose records holds."""
    return b"".join(bytes(part) for payload in payloads for part in records.record([payload]))
