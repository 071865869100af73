"""The table that the page's reading of slices is tested against, and the server's reading of it."""

from __future__ import annotations

import json
import math
from typing import Any, Final

import numpy as np
import pytest

from tb_layerview.errors import ArgumentError, SliceError
from tb_layerview.log import slices
from tb_layerview.plugin.params import parse_slice
from tests.fixtures import numpy_slices

ROWS: Final[list[dict[str, Any]]] = json.loads(numpy_slices.TABLE.read_text())


def test_the_table_is_what_numpy_says() -> None:
    assert numpy_slices.TABLE.read_text() == numpy_slices.table()


def test_the_server_selects_what_numpy_selects() -> None:
    for row in ROWS:
        shape, text = tuple(row["shape"]), row["slice"].rstrip(",")
        if row.get("refused"):
            with pytest.raises((ArgumentError, SliceError)):
                slices.normalise(parse_slice(text), shape)
            continue
        selection = slices.normalise(parse_slice(text), shape)
        elements = np.arange(math.prod(shape)).reshape(shape)
        index = tuple(
            slice(each.start, each.stop) if isinstance(each, range) else each for each in selection
        )
        assert elements[index].ravel().tolist() == row["elements"], row
