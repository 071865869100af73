"""What the routes answer, as functions of a log: nothing here knows of HTTP."""

from __future__ import annotations

import math
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from tb_layerview.contract import messages
from tb_layerview.errors import (
    ArgumentError,
    DamagedLogError,
    NotFoundError,
    SliceError,
    TooLargeError,
)
from tb_layerview.log import slices
from tb_layerview.log.chosen_steps import spread, within
from tb_layerview.log.columns import BINS, EDGES
from tb_layerview.log.numbering import Kept
from tb_layerview.log.reader import LogReader
from tb_layerview.log.tensor import StoredArray
from tb_layerview.plugin.levels import at_level, check_bytes, highest_level
from tb_layerview.plugin.params import ArrayQuery, Index, RowsQuery

MAX_ELEMENTS: Final = 16_777_216
"""Elements of an answer: a page draws no more at once, and a server need not hold more."""


MAX_SERIES: Final = 4096
"""Elements that are followed over all steps at once: they are read from each frame."""


def run(name: str, log: LogReader | None) -> messages.Run:
    """A line of the list of runs. A log that cannot be read is None: its catalog says why."""
    steps = log.steps if log else []
    return {
        "name": name,
        "frames": len(steps),
        "first_step": steps[0] if steps else None,
        "last_step": steps[-1] if steps else None,
        "skipped": log.skipped if log else 0,
    }


def catalog(log: LogReader) -> messages.Catalog:
    """All that was recorded; empty lists before the first whole frame."""
    schema = log.schema()
    return {
        "directory": str(log.directory.absolute()),
        "generation": log.generation,
        "steps": log.steps,
        "summarized": log.summarized_steps,
        "kept": None if log.kept is None else _kept(log.kept),
        "modules": [
            {
                "path": module.path,
                "class_name": module.class_name,
                "repr": module.repr,
                "order": module.order,
            }
            for module in schema.modules
        ],
        "tensors": [
            {
                "key": tensor.key,
                "module": tensor.module,
                "kind": cast("messages.Kind", tensor.kind),
                "shape": list(tensor.shape),
                "dtype": tensor.dtype,
                "axes": list(tensor.axes),
                "stored": cast("messages.Stored", tensor.stored),
                "levels": highest_level(tensor),
            }
            for tensor in schema.tensors
        ],
        "samples": list(schema.samples),
        "sample_ids": list(schema.sample_ids),
        "labels": list(schema.labels),
        "marks": [{"step": step, "reason": reason} for step, reason in log.marks.items()],
        "problems": log.problems,
    }


def _kept(kept: Kept) -> messages.Kept:
    return {"whole": kept.whole, "summarized": kept.summarized, "recorded": kept.recorded}


def array(log: LogReader, query: ArrayQuery) -> npt.NDArray[Any]:
    """The elements, or the blocks of a level, that ``query`` selects.

    Looks for new frames only where what is asked for is not known: an array that was recorded
    never changes.

    Raises:
        NotFoundError: there is no such key, step or level.
        ArgumentError: the slice does not fit the tensor, or its level.
        TooLargeError: it selects more than `MAX_ELEMENTS`, or blocks that were not stored and are
            made of more than `MAX_ELEMENTS_READ`, or is spread too far to be read; nothing was.
        DamagedLogError: the elements are not those that were written.
    """
    try:
        return _array(log, query)
    except (NotFoundError, DamagedLogError):
        # What looks damaged may be a file that somebody cut: then its steps are gone.
        log.refresh()
        return _array(log, query)


def _array(log: LogReader, query: ArrayQuery) -> npt.NDArray[Any]:
    source = at_level(log[query.key].at(query.step), query.level, query.plane)
    try:
        selection = slices.normalise(query.index, source.shape)
    except SliceError as error:
        expected = f"{error.expected}, of the shape {source.shape}"
        raise ArgumentError("slice", expected, query.slice_text) from error
    check_size("elements of the slice", slices.selected_shape(selection))
    if isinstance(source, StoredArray):
        check_bytes(source, selection)
    return source.read(selection)


def series_axes(log: LogReader, query: RowsQuery) -> messages.SeriesAxes:
    """The steps that are the rows of `series`.

    Raises:
        NotFoundError: there is no such key.
    """
    steps, available = _rows(log[query.key].whole_steps, query)
    return {"steps": steps, "available": available}


def series(log: LogReader, query: RowsQuery, index: Index) -> npt.NDArray[Any]:
    """``[steps, elements]``: what an index selects of a tensor, at each of `series_axes`.

    Raises:
        NotFoundError: there is no such key.
        ArgumentError: the index does not fit the tensor.
        TooLargeError: it selects more than `MAX_SERIES`, or there are too many in all.
        DamagedLogError: elements are not those that were written.
    """
    tensor = log[query.key]
    try:
        selection = slices.normalise(index, tensor.spec.shape)
    except SliceError as error:
        expected = f"{error.expected}, of the shape {tensor.spec.shape}"
        raise ArgumentError("slice", expected, str(error.received)) from error
    elements = math.prod(slices.selected_shape(selection))
    if elements > MAX_SERIES:
        raise TooLargeError("elements of the slice", MAX_SERIES, elements)
    steps, _ = _rows(tensor.whole_steps, query)
    check_size("steps times elements", (len(steps), elements))
    if steps:
        check_bytes(tensor.at(steps[0]), selection, len(steps))
    found = [tensor.at(step).read(selection).reshape(-1) for step in steps]
    return np.stack(found) if found else np.empty((0, elements), np.float32)


def stats_axes(log: LogReader) -> messages.StatsAxes:
    """What the rows and columns of `stats` are."""
    return {"keys": log.keys(), "steps": log.steps}


def histogram_axes(log: LogReader, query: RowsQuery) -> messages.HistogramAxes:
    """What the rows and columns of `histogram` are.

    Raises:
        NotFoundError: there is no such key.
    """
    steps, available = _rows(log[query.key].steps, query)
    return {"steps": steps, "available": available, "edges": EDGES.tolist()}


def histogram(log: LogReader, query: RowsQuery) -> npt.NDArray[np.int64]:
    """int64 ``[steps, bins]``, a row for each step of `histogram_axes`; no others are read.

    Raises:
        NotFoundError: there is no such key.
        TooLargeError: there are more than `MAX_ELEMENTS`.
    """
    series = log[query.key]
    steps, _ = _rows(series.steps, query)
    check_size("steps times bins", (len(steps), BINS))
    return series.histogram(steps)


def _rows(recorded: list[int], query: RowsQuery) -> tuple[list[int], int]:
    """The steps that are rows, and how many there were to choose from."""
    steps = within(recorded, query.first_step, query.last_step)
    chosen = list(steps) if query.max_rows is None else spread(steps, query.max_rows)
    return chosen, len(steps)


def check_size(what: str, shape: tuple[int, ...]) -> None:
    """Refuse an answer of more than `MAX_ELEMENTS`.

    Raises:
        TooLargeError: it is.
    """
    # An axis without elements does not make a long one harmless.
    size = math.prod(max(1, length) for length in shape)
    if size > MAX_ELEMENTS:
        raise TooLargeError(what, MAX_ELEMENTS, size)
