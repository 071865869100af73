"""Steps that were kept for a reason, and the names that users give to samples and classes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from tb_layerview.log.reader import LogReader
from tb_layerview.log.schema import decode_schema, encode_schema
from tb_layerview.log.writer import LogWriter
from tests.log.building import make_frame, make_schema
from tests.log.format_reader import read_segment
from tests.log.small_runs import append, folder

ARRAYS = {"a/output": np.arange(6, dtype="<f4")}


def test_a_marked_frame_says_why_it_was_kept_and_others_say_nothing(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path)
    append(writer, 0)
    writer.append(replace(make_frame(7, ARRAYS), mark="The loss is nan"))
    append(writer, 10)
    writer.close()
    assert LogReader(tmp_path).marks == {7: "The loss is nan"}
    (segment,) = folder(tmp_path).iterdir()
    marks = [(frame.step, frame.mark) for frame in read_segment(segment)]
    assert marks == [(0, None), (7, "The loss is nan"), (10, None)]


def test_names_of_samples_and_classes_stand_in_the_schema_where_there_are_any() -> None:
    schema = make_schema(ARRAYS)
    assert not {"sample_ids", "labels"} & json.loads(encode_schema(schema)).keys()
    named = replace(schema, sample_ids=("cat 1", "7"), labels=("cat", "dog"))
    body = json.loads(encode_schema(named))
    assert (body["sample_ids"], body["labels"]) == (["cat 1", "7"], ["cat", "dog"])
    assert decode_schema(encode_schema(named)) == named


def test_the_names_are_those_of_the_last_frame(tmp_path: Path) -> None:
    writer = LogWriter(tmp_path)
    frame = make_frame(0, ARRAYS)
    for step, labels in enumerate([("cat",), ("cat", "dog")]):
        schema = replace(frame.schema, labels=labels, sample_ids=("a", "b"))
        writer.append(replace(frame, step=step, schema=schema))
    writer.close()
    schema = LogReader(tmp_path).schema()
    assert (schema.labels, schema.sample_ids) == (("cat", "dog"), ("a", "b"))
