"""Reader of IDX files, in which MNIST is published.

Two zero bytes, one byte for the type of the elements, one for the number of axes, the length of
each axis as a big-endian 32-bit number, then the elements in C order.
Source: "The IDX file format", on the home page of MNIST by Y. LeCun, C. Cortes and C. Burges.
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

_UNSIGNED_BYTE = 0x08
_PREFIX_BYTES = 4
_LENGTH_BYTES = 4


def read_idx(file: Path) -> npt.NDArray[np.uint8]:
    """The array of an IDX file of unsigned bytes, plain or, where its name ends in .gz, gzipped.

    Raises ValueError, naming the file, what was expected and what came, where it is none.
    """
    content = _content(file)
    prefix = content[:_PREFIX_BYTES]
    if len(prefix) < _PREFIX_BYTES or prefix[:2] != b"\0\0" or prefix[2] != _UNSIGNED_BYTE:
        raise ValueError(
            f"{file}: expected an IDX file of unsigned bytes, which begins with 00 00 08 and the "
            f"number of axes, received {prefix.hex(' ') or 'an empty file'}"
        )
    axes = prefix[3]
    header_bytes = _PREFIX_BYTES + axes * _LENGTH_BYTES
    if len(content) < header_bytes:
        raise ValueError(
            f"{file}: expected a header of {header_bytes} bytes for {axes} axes, "
            f"received {len(content)} bytes"
        )
    shape = tuple(map(int, np.frombuffer(content, ">u4", count=axes, offset=_PREFIX_BYTES)))
    expected_bytes = header_bytes + math.prod(shape)
    if len(content) != expected_bytes:
        raise ValueError(
            f"{file}: expected {expected_bytes:,} bytes for the shape {shape}, "
            f"received {len(content):,}"
        )
    elements = np.frombuffer(content, np.uint8, offset=header_bytes)
    return elements.reshape(shape).copy()


def _content(file: Path) -> bytes:
    if file.suffix != ".gz":
        return file.read_bytes()
    try:
        with gzip.open(file) as compressed:
            return compressed.read()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{file}: expected a whole gzip file, received: {error}") from error
