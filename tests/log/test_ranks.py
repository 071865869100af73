from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tb_layerview.errors import ArgumentError, GoneError, NotFoundError
from tb_layerview.log.dtypes import dtype_of
from tb_layerview.log.reader import LogReader
from tb_layerview.log.schema import decode_schema, encode_schema
from tb_layerview.measure.pyramid import pyramid
from tests.log.conftest import OpenWriter
from tests.log.format_reader import read_run, whole_arrays
from tests.log.rank_frames import (
    GRID,
    OUTPUT,
    WEIGHT,
    Cut,
    numbers,
    rank_frame,
    row_cuts,
    write_shards,
)


@pytest.mark.parametrize(
    "cuts",
    [row_cuts(4, 3), row_cuts(3, 3, 1), row_cuts(4, 3, 0), GRID],
    ids=["rows", "uneven", "one rank has nothing", "rows and columns"],
)
def test_shards_of_all_ranks_are_read_as_the_whole_tensor(
    tmp_path: Path, open_writer: OpenWriter, cuts: list[Cut]
) -> None:
    whole = numbers(7, 5)
    write_shards(tmp_path, open_writer, whole, *cuts)
    tensor = LogReader(tmp_path)[WEIGHT].at(0)
    assert tensor.shape == (7, 5)
    assert tensor.spec.shape == (7, 5)
    np.testing.assert_array_equal(tensor[...], whole)
    np.testing.assert_array_equal(tensor[6, ::-2], whole[6, ::-2])
    np.testing.assert_array_equal(tensor[5:1:-2, 1:4], whole[5:1:-2, 1:4])
    assert tensor[2:2].shape == (0, 5)
    assert tensor[3, 4] == whole[3, 4]


@pytest.mark.parametrize(
    "cuts",
    [row_cuts(4, 3), row_cuts(4, 3, 0), GRID],
    ids=["rows", "one rank has nothing", "rows and columns"],
)
def test_a_reader_written_from_the_specification_joins_the_shards(
    tmp_path: Path, open_writer: OpenWriter, cuts: list[Cut]
) -> None:
    tensors = {WEIGHT: numbers(7, 5), OUTPUT: numbers(2, 3)}
    for rank, cut in enumerate(cuts):
        frame = rank_frame(rank, len(cuts), tensors, shards={WEIGHT: cut})
        open_writer(tmp_path, rank=rank).append(frame)
    joined = whole_arrays(read_run(tmp_path)[0])
    assert joined.keys() == tensors.keys()
    for key, whole in tensors.items():
        np.testing.assert_array_equal(joined[key], whole)
    next(tmp_path.rglob("*.rank1.*")).unlink()
    assert whole_arrays(read_run(tmp_path)[0]).keys() == {OUTPUT}


def test_a_slice_reads_only_the_files_of_the_shards_that_it_touches(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    whole = numbers(7, 5)
    write_shards(tmp_path, open_writer, whole, *row_cuts(4, 3))
    tensor = LogReader(tmp_path)[WEIGHT].at(0)
    next(tmp_path.rglob("*.rank1.*")).unlink()
    np.testing.assert_array_equal(tensor[:4], whole[:4])
    with pytest.raises(GoneError):
        tensor[3:5]


def test_replicated_shards_are_counted_once(tmp_path: Path, open_writer: OpenWriter) -> None:
    whole = numbers(4, 3)
    first, second = row_cuts(2, 2)
    write_shards(tmp_path, open_writer, whole, first, second, first, second)
    log = LogReader(tmp_path)
    assert log.stats("count")[0, 0] == 12
    np.testing.assert_array_equal(log[WEIGHT].at(0)[...], whole)


def test_a_missing_shard_leaves_a_gap_and_a_sentence(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    whole = numbers(4, 3)
    writers = [open_writer(tmp_path, rank=rank) for rank in range(2)]
    recorded = {0: (0, 1, 2, 3), 1: (0, 2)}
    for rank, steps in recorded.items():
        for step in steps:
            cut = row_cuts(2, 2)[rank]
            writers[rank].append(
                rank_frame(rank, 2, {WEIGHT: whole, OUTPUT: whole}, step=step, shards={WEIGHT: cut})
            )
    log = LogReader(tmp_path)
    # Rank 1 may still be about to write step 3.
    assert log.steps == [0, 1, 2]
    assert log[WEIGHT].steps == [0, 2]
    assert log[OUTPUT].steps == [0, 1, 2]
    np.testing.assert_array_equal(np.isnan(log.stats("count")[0]), [False, True, False])
    with pytest.raises(NotFoundError, match=r"step 1: expected the shards of all ranks.*rank 0"):
        log[WEIGHT].at(1)
    (problem,) = log.problems
    assert problem.startswith("1 steps, the first is 1, were not recorded by rank 1 of 2")


def test_the_last_step_is_seen_once_all_ranks_have_it(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    writers = [open_writer(tmp_path, rank=rank) for rank in range(2)]
    log = LogReader(tmp_path)
    seen = []
    for step in range(2):
        for rank, writer in enumerate(writers):
            writer.append(rank_frame(rank, 2, {OUTPUT: numbers(2, 2)}, step=step))
            log.refresh()
            seen.append(list(log.steps))
    assert seen[1:] == [[0], [0], [0, 1]]


def test_a_restart_with_fewer_processes_hides_what_the_others_recorded(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    for rank in range(2):
        writer = open_writer(tmp_path, rank=rank)
        for step in range(4):
            writer.append(rank_frame(rank, 2, {OUTPUT: numbers(2, 2)}, step=step))
    open_writer(tmp_path).append(rank_frame(0, 1, {OUTPUT: numbers(2, 2) + 9}, step=2))
    log = LogReader(tmp_path)
    assert log.steps == [0, 1, 2]
    assert log.stats("count")[0].tolist() == [8, 8, 4]
    assert log.problems == []


@pytest.mark.parametrize("boundary", [512, 520, 516])
def test_pyramids_of_shards_join_where_no_shard_cuts_a_block(
    tmp_path: Path, open_writer: OpenWriter, boundary: int
) -> None:
    whole = numbers(1032, 24)
    frames = [
        rank_frame(rank, 2, {WEIGHT: whole}, shards={WEIGHT: cut})
        for rank, cut in enumerate(row_cuts(boundary, 1032 - boundary))
    ]
    float32 = dtype_of("float32")
    for rank, frame in enumerate(frames):
        (tensor,) = frame.tensors
        assert tensor.elements is not None
        levels = pyramid(tensor.elements, float32)
        (spec,) = frame.schema.tensors
        schema = replace(frame.schema, tensors=(replace(spec, stored="pyramid"),))
        rows = [replace(tensor, elements=None, pyramid=levels)]
        open_writer(tmp_path, rank=rank).append(replace(frame, schema=schema, tensors=rows))
    log = LogReader(tmp_path)
    tensor_slice = log[WEIGHT].at(0)
    if boundary % 8:
        assert tensor_slice.spec.stored == "statistics"
        assert tensor_slice.levels() == []
        with pytest.raises(NotFoundError, match="only the statistics"):
            tensor_slice.level(1, "max")
    else:
        assert tensor_slice.spec.stored == "pyramid"
        expected = pyramid(whole, float32)[0]
        np.testing.assert_array_equal(tensor_slice.level(1, "max")[...], expected.max)
        np.testing.assert_array_equal(tensor_slice.level(1, "flags")[60:70], expected.flags[60:70])
    with pytest.raises(NotFoundError):
        tensor_slice[0]


def test_the_schema_keeps_the_place_of_a_shard() -> None:
    schema = rank_frame(1, 2, {WEIGHT: numbers(7, 5)}, shards={WEIGHT: row_cuts(4, 3)[1]}).schema
    (spec,) = schema.tensors
    assert (spec.shape, spec.global_shape, spec.offset) == ((3, 5), (7, 5), (4, 0))
    assert decode_schema(encode_schema(schema)) == schema
    outside = replace(schema, tensors=(replace(spec, offset=(5, 0)),))
    with pytest.raises(ArgumentError, match="not within"):
        decode_schema(encode_schema(outside))
