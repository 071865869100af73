"""Which items of the batch are kept, and what a step is given beside the model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from torch import nn

import tb_layerview
from tb_layerview.errors import ArgumentError
from tests.capture.recorded import assert_same, axes, elements, keys, record, warned


class Keywords(nn.Module):
    """Takes its input by name, and returns something that has no batch beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 2)
        self.constant = nn.Identity()

    def forward(self, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        self.constant(torch.arange(7.0))
        self.constant(torch.tensor(1.0))
        result: torch.Tensor = self.linear(batch["values"])
        return result


@pytest.mark.parametrize(
    ("samples", "positions"),
    [
        (1, [0]),
        (3, [0, 1, 2]),
        (100, [0, 1, 2, 3, 4, 5]),
        (slice(2, 4), [2, 3]),
        (slice(None, None, 2), [0, 2, 4]),
        (slice(-2, None), [4, 5]),
        (slice(90, 95), []),
        (slice(None), [0, 1, 2, 3, 4, 5]),
    ],
    ids=str,
)
def test_the_chosen_samples_are_kept(run: Path, samples: int | slice, positions: list[int]) -> None:
    inputs = torch.randn(6, 3)
    model = nn.Sequential(nn.Linear(3, 2))
    log = record(model, run, inputs, samples=samples)
    assert log.schema().samples == tuple(positions)
    assert_same(log, "0/output", model(inputs)[positions])


@pytest.mark.parametrize(
    "samples", [0, -1, 1.5, True, "4", None, slice(None, None, -1), slice(None, None, 0)], ids=str
)
def test_what_is_no_choice_of_samples_is_an_argument_error(run: Path, samples: object) -> None:
    with pytest.raises(ArgumentError, match="samples"):
        tb_layerview.LayerView(nn.Linear(2, 2), run, samples=cast("int", samples))


def test_an_output_without_a_batch_axis_is_kept_whole(run: Path) -> None:
    log = record(Keywords(), run, {"values": torch.randn(6, 3)}, samples=2)
    assert_same(log, "constant/output", torch.arange(7.0))
    assert_same(log, "constant/output#1", torch.tensor(1.0))
    assert axes(log, "constant/output") == ("Axis 0",)
    assert axes(log, "constant/output#1") == ()


def test_the_batch_is_found_in_what_the_forward_is_given_however_nested(run: Path) -> None:
    log = record(Keywords(), run, {"values": torch.randn(6, 3)}, samples=2)
    assert elements(log, "linear/output").shape == (2, 2)
    assert axes(log, "linear/output") == ("Sample", "Output Node Index")


def test_an_empty_batch_is_recorded_as_one(run: Path) -> None:
    log = record(nn.Sequential(nn.Linear(3, 2)), run, torch.empty(0, 3))
    assert elements(log, "0/output").shape == (0, 2)
    assert log.schema().samples == ()
    assert log.stats("count")[log.keys().index("0/output"), 0] == 0


def test_given_inputs_tell_the_batch_before_the_arguments_of_the_forward_do(run: Path) -> None:
    """Here the model is given the time first: (Time, Sample, Feature)."""
    model = nn.Sequential(nn.Linear(3, 2))
    values = torch.randn(7, 5, 3)
    log = record(model, run, values, inputs=values.transpose(0, 1), samples=2)
    assert elements(log, "/sample.inputs").shape == (2, 7, 3)
    assert elements(log, "0/output").shape == (7, 5, 2)
    assert axes(log, "0/output") == ("Axis 0", "Axis 1", "Axis 2")


def test_inputs_targets_and_predictions_are_kept_for_each_sample(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 2))
    inputs, targets = torch.randn(6, 3), torch.arange(6)
    log = record(
        model, run, inputs, inputs=inputs, targets=targets, predictions=model(inputs), samples=2
    )
    assert_same(log, "/sample.inputs", inputs[:2])
    assert_same(log, "/sample.targets", targets[:2])
    assert_same(log, "/sample.predictions", model(inputs)[:2])
    assert log["/sample.inputs"].spec.kind == "sample"
    assert axes(log, "/sample.targets") == ("Sample",)


def test_nested_inputs_have_a_key_each(run: Path) -> None:
    ids = torch.arange(12).reshape(6, 2)
    inputs = {"ids": ids, "more": [torch.ones(6), None]}
    log = record(nn.Sequential(nn.Linear(3, 2)), run, torch.randn(6, 3), inputs=inputs)
    assert_same(log, "/sample.inputs.ids", ids[:4])
    assert_same(log, "/sample.inputs.more.0", torch.ones(4))
    assert axes(log, "/sample.inputs.ids") == ("Sample", "Feature")


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([3, 1, 2], np.array([3, 1])),
        ([[0.5, 1], [2, 3], [4, 5]], np.array([[0.5, 1], [2, 3]])),
        ((True, False, True), np.array([True, False])),
        (np.arange(6, dtype=np.float16).reshape(3, 2)[:, ::-1], np.array([[1, 0], [3, 2]], "<f2")),
        (np.arange(3, dtype=">i4"), np.array([0, 1], "<i4")),
        (7, np.array(7)),
        (np.float32(2.5), np.array(2.5, np.float32)),
    ],
    ids=["list", "nested list", "tuple", "backwards", "big-endian", "number", "NumPy number"],
)
def test_arrays_and_numbers_are_samples_too(
    run: Path, targets: object, expected: np.ndarray[tuple[int, ...], np.dtype[np.generic]]
) -> None:
    log = record(
        nn.Linear(3, 2), run, torch.randn(3, 3), targets=targets, inputs=[1, 2, 3], samples=2
    )
    stored = elements(log, "/sample.targets")
    assert stored.dtype == expected.dtype
    np.testing.assert_array_equal(stored, expected)


def test_an_array_that_cannot_be_written_is_recorded_without_a_warning(run: Path) -> None:
    inputs = np.arange(6.0).reshape(3, 2)
    inputs.flags.writeable = False
    log = record(nn.Linear(2, 2), run, torch.randn(3, 2), inputs=inputs)
    np.testing.assert_array_equal(elements(log, "/sample.inputs"), inputs)


@pytest.mark.parametrize(
    ("targets", "reason"),
    [
        (["cat", "dog", "cow"], "str"),
        ({"names": object()}, "object"),
        (np.array(["a", "b", "c"]), "holds no numbers"),
        ([[1, 2], [3]], "inhomogeneous"),
    ],
    ids=["words", "object", "array of words", "ragged list"],
)
def test_targets_that_are_no_numbers_are_said_and_left_out(
    run: Path, targets: object, reason: str
) -> None:
    with warned() as sentences:
        log = record(nn.Linear(2, 2), run, torch.randn(3, 2), targets=targets)
    assert len(sentences) == 1
    assert any(reason in problem for problem in log.problems)
    assert not any("targets" in key for key in keys(log))
    assert "/output" in keys(log)


def test_predictions_of_another_length_than_the_batch_are_said_and_left_out(run: Path) -> None:
    with warned() as sentences:
        log = record(nn.Linear(3, 2), run, torch.randn(6, 3), predictions=torch.ones(5, 2))
    (sentence,) = sentences
    assert "(5, 2)" in sentence
    assert "6 samples" in sentence
    assert log.problems == sentences
    assert "/sample.predictions" not in keys(log)


def test_targets_of_another_length_than_the_batch_are_said_and_left_out(run: Path) -> None:
    model = nn.Linear(3, 2)
    with warned() as sentences, tb_layerview.LayerView(model, run) as view:
        for step in range(2):
            with view.step(step, inputs=torch.randn(6, 3), targets=torch.arange(5)):
                model(torch.randn(6, 3))
    (sentence,) = sentences
    assert sentence == (
        "targets is not recorded: expected the 6 samples of the batch on axis 0, received "
        "the shape (5,)"
    )
    log = tb_layerview.open(run)
    assert log.steps == [0, 1]
    assert "/sample.targets" not in keys(log)
    assert "/sample.inputs" in keys(log)


def test_texts_are_kept_as_their_bytes(run: Path) -> None:
    sentences = ["Grüße", "", "a b"]
    ids = torch.tensor([[1, 2], [3, 0], [4, 5]])
    words = [["a", "b"], ["c"], ["d", "e"]]
    log = record(
        nn.Linear(2, 2),
        run,
        torch.randn(3, 2),
        inputs={"ids": ids, "text": sentences, "words": words},
    )
    assert_same(log, "/sample.inputs.ids", ids)
    for name, expected in (("text", sentences), ("words", ["a b", "c", "d e"])):
        key = f"/sample.inputs.{name}.utf8"
        rows = elements(log, key)
        assert [bytes(row).rstrip(b"\0").decode("utf-8") for row in rows] == expected
        assert axes(log, key) == ("Sample", "Byte")


def test_texts_alone_tell_the_size_of_the_batch(run: Path) -> None:
    log = record(nn.Linear(2, 2), run, torch.randn(3, 2), inputs=["a", "bc", "def"], samples=2)
    assert [bytes(row) for row in elements(log, "/sample.inputs.utf8")] == [b"a\0\0", b"bc\0"]


def test_later_predictions_of_a_step_replace_earlier_ones(run: Path) -> None:
    model = nn.Linear(3, 2)
    with tb_layerview.LayerView(model, run) as view, view.step(0) as recording:
        model(torch.randn(2, 3))
        recording.predictions({"a": torch.zeros(2), "b": torch.zeros(2)})
        recording.predictions(torch.ones(2))
    log = tb_layerview.open(run)
    assert_same(log, "/sample.predictions", torch.ones(2))
    assert "/sample.predictions.a" not in keys(log)


def test_a_smaller_last_batch_changes_the_shapes_of_its_own_step_only(run: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 2))
    with tb_layerview.LayerView(model, run) as view:
        for step, size in enumerate((6, 6, 3)):
            with view.step(step):
                model(torch.randn(size, 3))
    log = tb_layerview.open(run)
    assert [elements(log, "0/output", step).shape[0] for step in log.steps] == [4, 4, 3]
