"""What is written and read of tensors that are kept as pyramids, or not at all."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util import tensor_util

from tb_layerview.errors import ArgumentError, DamagedLogError, NotFoundError
from tb_layerview.log import encoding, placing
from tb_layerview.log.frame import Frame
from tb_layerview.log.levels import PLANES
from tb_layerview.log.reader import LogReader
from tb_layerview.log.writer import LogWriter
from tests.log.building import Pyramid, make_frame, random_pyramid, with_stored
from tests.log.conftest import OpenWriter
from tests.log.format_reader import read_run

WEIGHT = "fc/param.weight"
LARGE = (3, 700, 5000)
LARGE_LEVELS = [(3, 88, 625), (3, 11, 79)]
PYRAMID = random_pyramid(LARGE_LEVELS, "<f4")
SMALL = (6, 20)


def write(run: Path, *frames: Frame) -> LogReader:
    with closing(LogWriter(run)) as writer:
        for frame in frames:
            writer.append(frame)
    return LogReader(run)


def segment(run: Path) -> Path:
    (file,) = (run / "plugins" / "layerview").iterdir()
    return file


def frame_of(
    shape: tuple[int, ...] = LARGE,
    stored: str = "pyramid",
    *,
    elements: bool = False,
    pyramid: Pyramid = (),
    step: int = 5,
) -> Frame:
    arrays = {"a/output": np.ones(3, "<f4"), WEIGHT: np.zeros(shape, "<f2")}
    frame = make_frame(step, {**arrays, "b/output": np.full((2, 2), 7.0)})
    return with_stored(frame, WEIGHT, stored, elements=elements, pyramid=pyramid)


@pytest.mark.parametrize(("stored", "elements"), [("pyramid", False), ("exact", True)])
def test_planes_come_back_bit_for_bit(tmp_path: Path, stored: str, elements: bool) -> None:
    log = write(tmp_path, frame_of(LARGE, stored, elements=elements, pyramid=PYRAMID))
    tensor = log[WEIGHT].at(5)
    assert tensor.levels() == [0] * elements + [1, 2]
    assert (tensor.shape, tensor.spec.stored) == (LARGE, stored)
    (read,) = read_run(tmp_path)[5]
    for level, blocks in enumerate(PYRAMID, 1):
        for name in PLANES:
            expected = blocks.plane(name)
            plane = tensor.level(level, name)
            assert plane.shape == expected.shape == LARGE_LEVELS[level - 1]
            assert plane.size == expected.size
            assert plane.dtype == expected.dtype
            assert plane[...].tobytes() == expected.tobytes()
            np.testing.assert_array_equal(plane[1, 2:9, -3:], expected[1, 2:9, -3:])
            # A reader that was written from the specification alone.
            assert read.planes[WEIGHT, level, name].tobytes() == expected.tobytes()
    np.testing.assert_array_equal(log["a/output"].at(5)[...], [1, 1, 1])
    np.testing.assert_array_equal(log["b/output"].at(5)[...], np.full((2, 2), 7.0))
    if elements:
        np.testing.assert_array_equal(tensor[0, :2], np.zeros((2, 5000)))


def test_the_mean_is_the_plane_that_is_meant(tmp_path: Path) -> None:
    tensor = write(tmp_path, frame_of(pyramid=PYRAMID))[WEIGHT].at(5)
    np.testing.assert_array_equal(tensor.level(2)[...], PYRAMID[1].mean)


def test_tensorboards_own_reader_decodes_the_planes(tmp_path: Path) -> None:
    write(tmp_path, frame_of(pyramid=PYRAMID))
    decoded = [
        tensor_util.make_ndarray(value.tensor)
        for event in EventFileLoader(str(segment(tmp_path))).Load()
        for value in event.summary.value
        if value.tag == WEIGHT
    ]
    expected = [blocks.plane(name) for blocks in PYRAMID for name in PLANES]
    assert [array.tobytes() for array in decoded] == [array.tobytes() for array in expected]


def test_elements_that_were_not_kept_are_an_error_that_says_what_was(tmp_path: Path) -> None:
    tensor = write(tmp_path, frame_of(pyramid=PYRAMID))[WEIGHT].at(5)
    complaint = r"level of fc/param.weight at step 5: expected 1, 2 \(blocks.*\), received 0"
    for index in (..., 0, (0, 0, 0)):
        with pytest.raises(NotFoundError, match=complaint):
            tensor[index]
    with pytest.raises(NotFoundError, match=r"expected 1, 2 .*, received 3"):
        tensor.level(3)


def test_a_tensor_of_statistics_alone_says_so(tmp_path: Path) -> None:
    log = write(tmp_path, frame_of(stored="statistics"))
    tensor = log[WEIGHT].at(5)
    assert tensor.levels() == []
    with pytest.raises(NotFoundError, match="none, as only the statistics were kept, received 0"):
        tensor[...]
    with pytest.raises(NotFoundError, match="none, as only the statistics were kept, received 1"):
        tensor.level(1)
    assert log.stats("count")[1].tolist() == [6.0]
    assert log[WEIGHT].histogram()[0, 100] == 2
    assert (WEIGHT in read_run(tmp_path)[5][0].arrays) is False


def test_a_tensor_without_a_pyramid_names_its_only_level(tmp_path: Path) -> None:
    tensor = write(tmp_path, frame_of(SMALL, "exact", elements=True))[WEIGHT].at(5)
    for level in (-1, 0, 1):
        with pytest.raises(NotFoundError, match=rf"expected 0 \(the elements.*received {level}"):
            tensor.level(level)
    with pytest.raises(ArgumentError, match="plane: expected one of mean, min, max, flags"):
        tensor.level(1, "median")


def test_tensors_that_are_the_same_share_their_pyramid(tmp_path: Path) -> None:
    pyramid = random_pyramid([(88,)], "<f8")
    frame = make_frame(0, {"a/output": np.zeros(700), "b/output": np.zeros(700)}, aliases={1: 0})
    frame = with_stored(frame, "a/output", "pyramid", elements=False, pyramid=pyramid)
    frame = with_stored(frame, "b/output", "pyramid", elements=False)
    log = write(tmp_path, frame)
    for key in ("a/output", "b/output"):
        np.testing.assert_array_equal(log[key].at(0).level(1, "max")[...], pyramid[0].max)
    assert segment(tmp_path).stat().st_size < 10_000


def test_a_plane_beyond_the_largest_record_is_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "MAX_RECORD_BYTES", 300_000)
    tensor = write(tmp_path, frame_of(pyramid=PYRAMID))[WEIGHT].at(5)
    np.testing.assert_array_equal(tensor.level(1, "min")[:, 5:80:3], PYRAMID[0].min[:, 5:80:3])
    planes = read_run(tmp_path)[5][0].planes
    np.testing.assert_array_equal(planes[WEIGHT, 1, "min"], PYRAMID[0].min)


def test_a_damaged_plane_is_never_served_and_the_others_are(tmp_path: Path) -> None:
    log = write(tmp_path, frame_of(pyramid=PYRAMID))
    data = bytearray(segment(tmp_path).read_bytes())
    data[data.index(PYRAMID[0].min.tobytes()) + 100] ^= 1
    segment(tmp_path).write_bytes(data)
    tensor = log[WEIGHT].at(5)
    with pytest.raises(DamagedLogError, match="another checksum"):
        tensor.level(1, "min")[0, 0, 0]
    np.testing.assert_array_equal(tensor.level(1, "max")[...], PYRAMID[0].max)


def test_a_segment_is_rolled_for_the_bytes_of_pyramids(
    tmp_path: Path, open_writer: OpenWriter
) -> None:
    plane_bytes = sum(level.nbytes for level in PYRAMID)
    assert plane_bytes == 13 * (3 * 88 * 625 + 3 * 11 * 79)
    writer = open_writer(tmp_path, segment_bytes=2 * plane_bytes)
    for step in range(3):
        writer.append(frame_of(pyramid=PYRAMID, step=step))
    assert len(list((tmp_path / "plugins" / "layerview").iterdir())) == 3


@pytest.mark.parametrize(
    ("frame", "complaint"),
    [
        (frame_of(stored="exact"), "the elements and 0 levels or the elements and 2 levels"),
        (frame_of(stored="exact", elements=True, pyramid=PYRAMID[:1]), "elements and 1 levels'"),
        (frame_of(elements=True, pyramid=PYRAMID), "expected no elements and 2 levels"),
        (frame_of(), "received 'no elements and 0 levels'"),
        (frame_of(stored="statistics", pyramid=PYRAMID), "expected no elements and 0 levels"),
        (frame_of(stored="blurred", elements=True), "expected one of exact, pyramid, statistics"),
        (frame_of(pyramid=random_pyramid(LARGE_LEVELS, "<f8")), "mean at level 1 .* float32"),
        (frame_of(pyramid=PYRAMID[::-1]), r"of shape \(3, 88, 625\), received"),
        (frame_of((), "pyramid"), "expected at least one axis"),
    ],
)
def test_what_does_not_fit_its_schema_is_refused(
    tmp_path: Path, open_writer: OpenWriter, frame: Frame, complaint: str
) -> None:
    writer = open_writer(tmp_path)
    with pytest.raises(ArgumentError, match=complaint):
        writer.append(frame)
    writer.append(frame_of(pyramid=PYRAMID, step=6))
    assert LogReader(tmp_path).steps == [6]


def test_an_alias_of_another_shape_is_refused(tmp_path: Path, open_writer: OpenWriter) -> None:
    writer = open_writer(tmp_path)
    frame = make_frame(0, {"a/output": np.ones(4), "b/output": np.ones(5)}, aliases={1: 0})
    with pytest.raises(ArgumentError, match="b/output, an alias of a/output"):
        writer.append(frame)


def test_a_table_of_places_of_another_width_is_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def narrower(frame: Frame) -> placing.PlacedTensors:
        placed = placing.place_tensors(frame)
        return placed._replace(places=np.ascontiguousarray(placed.places[:, :-1]))

    monkeypatch.setattr(encoding, "place_tensors", narrower)
    tensor = write(tmp_path, frame_of(pyramid=PYRAMID))[WEIGHT].at(5)
    with pytest.raises(DamagedLogError, match=r"'layerview/records' of the shape \(10, 8\)"):
        tensor.level(1)
