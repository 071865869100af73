from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from demo.idx import read_idx

SHAPE = (2, 3, 4)
ELEMENTS = bytes(range(24))
CUBE = b"\x00\x00\x08\x03" + struct.pack(">3I", *SHAPE) + ELEMENTS


def test_a_plain_file_is_read_in_c_order(tmp_path: Path) -> None:
    file = tmp_path / "cube-idx3-ubyte"
    file.write_bytes(CUBE)
    array = read_idx(file)
    assert array.shape == SHAPE
    assert array.dtype == np.uint8
    assert array[1, 2, 3] == 23
    assert array[0, 1, 0] == 4


def test_a_gzipped_file_is_read_as_the_plain_one(tmp_path: Path) -> None:
    file = tmp_path / "cube-idx3-ubyte.gz"
    file.write_bytes(gzip.compress(CUBE))
    assert read_idx(file).tobytes() == ELEMENTS


def test_a_file_without_elements_has_its_shape(tmp_path: Path) -> None:
    file = tmp_path / "empty-idx1-ubyte"
    file.write_bytes(b"\x00\x00\x08\x01" + struct.pack(">I", 0))
    assert read_idx(file).shape == (0,)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "received an empty file"),
        (b"\x00\x00", "received 00 00"),
        (b"\x89PNG\r\n", "received 89 50 4e 47"),
        (b"\x00\x00\x0d\x01" + struct.pack(">I", 0), "received 00 00 0d 01"),
        (CUBE[:10], "expected a header of 16 bytes for 3 axes, received 10 bytes"),
        (CUBE[:-1], r"expected 40 bytes for the shape \(2, 3, 4\), received 39"),
        (CUBE + b"\0", r"expected 40 bytes for the shape \(2, 3, 4\), received 41"),
    ],
)
def test_what_is_no_idx_file_of_bytes_is_refused_by_name(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    file = tmp_path / "broken-idx3-ubyte"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=complaint) as refusal:
        read_idx(file)
    assert str(refusal.value).startswith(str(file))


@pytest.mark.parametrize("content", [CUBE, gzip.compress(CUBE)[:-9]])
def test_a_gz_file_that_is_not_a_whole_gzip_file_is_refused_by_name(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "broken-idx3-ubyte.gz"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="expected a whole gzip file") as refusal:
        read_idx(file)
    assert str(refusal.value).startswith(str(file))
