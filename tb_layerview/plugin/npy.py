"""Arrays as ``.npy``: the format of ``numpy.lib.format``, version 1.0."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import numpy.typing as npt


def npy_bytes(array: npt.NDArray[Any]) -> bytes:
    """The file of ``array``, in C order. Copies the elements once, which large answers need."""
    contiguous = np.ascontiguousarray(array).reshape(array.shape)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, np.lib.format.header_data_from_array_1_0(contiguous)
    )
    return b"".join([header.getvalue(), contiguous.reshape(-1).view(np.uint8).data])
