from __future__ import annotations

from types import EllipsisType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tb_layerview.errors import ArgumentError
from tb_layerview.plugin.params import array_query, integer, parse_slice, text

INT64 = st.integers(-(10**18) + 1, 10**18 - 1)
BOUND = st.none() | INT64


def written(entry: int | slice | EllipsisType) -> str:
    """``entry`` as one writes it between NumPy's brackets."""
    if entry is ...:
        return "..."
    if isinstance(entry, int):
        return str(entry)
    begin, end = ("" if bound is None else str(bound) for bound in (entry.start, entry.stop))
    return f"{begin}:{end}"


@settings(deadline=None)
@given(st.lists(INT64 | st.builds(slice, BOUND, BOUND) | st.just(...), min_size=1))
def test_a_slice_is_what_stands_between_numpys_brackets(
    entries: list[int | slice | EllipsisType],
) -> None:
    index = tuple(entries)
    assert parse_slice(",".join(map(written, index))) == index
    assert parse_slice(" , ".join(map(written, index))) == index


@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_slice_is_all_of_the_tensor(value: str) -> None:
    assert parse_slice(value) == ()


@pytest.mark.parametrize(
    "value",
    [
        "0:8:2",
        "::",
        "0,",
        ",",
        "1.0",
        "1e3",
        "None",
        "....",
        "..",
        "a",
        "[0]",
        "0;1",
        "--1",
        "0x10",
        "1_000",
        "9" * 19,
        "9" * 5000,
        ":" + "9" * 5000,
        "1 2",
        "\N{ARABIC-INDIC DIGIT ONE}",
        "\x00",
    ],
)
def test_anything_else_is_refused_with_what_was_expected_and_received(value: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        parse_slice(value)
    assert caught.value.argument == "slice"
    assert caught.value.expected == "integers, a:b and ... between commas"
    assert caught.value.received == value


@settings(deadline=None)
@given(st.text())
def test_no_text_is_anything_but_a_slice_or_refused(value: str) -> None:
    try:
        index = parse_slice(value)
    except ArgumentError:
        return
    assert all(entry is ... or isinstance(entry, (int, slice)) for entry in index)


@settings(deadline=None)
@given(INT64)
def test_an_integer_is_read(value: int) -> None:
    assert integer("step", str(value)) == value


@pytest.mark.parametrize("value", ["", " 1", "1.0", "nan", "1" * 19, "٣"])
def test_what_is_no_integer_is_refused(value: str) -> None:
    with pytest.raises(ArgumentError, match="step: expected an integer of at most 18 digits"):
        integer("step", value)


def test_a_parameter_must_come_exactly_once() -> None:
    parameters = MultiDict([("run", "a"), ("run", "b"), ("key", "k"), ("empty", "")])
    assert text(parameters, "key") == "k"
    assert text(parameters, "empty") == ""
    with pytest.raises(ArgumentError, match=r"run: expected one value, received \['a', 'b'\]"):
        text(parameters, "run")
    with pytest.raises(ArgumentError, match="step: expected one value, received None"):
        text(parameters, "step")


def test_an_array_without_a_slice_is_the_whole_tensor() -> None:
    query = array_query(MultiDict({"key": "fc/param.weight", "step": "-3"}))
    assert (query.key, query.step, query.index) == ("fc/param.weight", -3, (...,))
    assert (query.level, query.plane) == (0, "mean")


def test_a_level_is_asked_for_by_its_mean_or_by_another_plane() -> None:
    parameters = MultiDict({"key": "a/output", "step": "0", "level": "2"})
    assert (array_query(parameters).level, array_query(parameters).plane) == (2, "mean")
    parameters["plane"] = "flags"
    assert (array_query(parameters).level, array_query(parameters).plane) == (2, "flags")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("level", "-1", "level: expected 0 or more, received -1"),
        ("level", "x", "level: expected an integer"),
        ("level", "1.0", "level: expected an integer"),
        ("plane", "median", "plane: expected one of mean, min, max, flags, received 'median'"),
        ("plane", "max", "plane: expected mean at level 0, that of the elements, received 'max'"),
        ("step", "first", "step: expected an integer"),
        ("slice", "0:1:2", "slice: expected integers"),
    ],
)
def test_a_malformed_array_query_is_refused(name: str, value: str, message: str) -> None:
    parameters = MultiDict({"key": "a/output", "step": "0", name: value})
    with pytest.raises(ArgumentError, match=message):
        array_query(parameters)
