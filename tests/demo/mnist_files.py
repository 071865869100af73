"""A folder like MNIST's, written without the demo's code."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np


def write_mnist(folder: Path, *, training: int, testing: int, compressed: bool = False) -> None:
    """Write four IDX files. Picture ``i`` is filled with ``i``, its label is ``i % 10``."""
    for part, count in (("train", training), ("t10k", testing)):
        numbers = np.arange(count, dtype=np.uint8)
        pictures = np.repeat(numbers, 28 * 28).tobytes()
        header = struct.pack(">BBBBIII", 0, 0, 8, 3, count, 28, 28)
        _write(folder / f"{part}-images-idx3-ubyte", header + pictures, compressed)
        header = struct.pack(">BBBBI", 0, 0, 8, 1, count)
        _write(folder / f"{part}-labels-idx1-ubyte", header + (numbers % 10).tobytes(), compressed)


def _write(file: Path, content: bytes, compressed: bool) -> None:
    if compressed:
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(content))
    else:
        file.write_bytes(content)
