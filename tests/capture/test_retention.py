"""What is kept of each tensor of a frame."""

from __future__ import annotations

import pytest

from tb_layerview.capture.retention import Candidate, Retention
from tb_layerview.log.dtypes import dtype_of

MEGABYTE = 1_000_000


def candidate(key: str, *shape: int, dtype: str = "float32") -> Candidate:
    return Candidate((key,), shape, dtype_of(dtype))


def chosen(retention: Retention, *candidates: Candidate) -> list[str]:
    stored, excess = retention.choose(candidates)
    assert excess == 0
    return stored


def test_a_tensor_of_just_the_limit_keeps_its_elements_and_a_larger_one_does_not() -> None:
    retention = Retention(max_elements=4096, max_bytes=None)
    assert chosen(retention, candidate("a", 64, 64), candidate("b", 64, 65)) == [
        "exact",
        "pyramid",
    ]


def test_without_limits_everything_is_kept() -> None:
    retention = Retention(max_elements=None, max_bytes=None)
    assert chosen(retention, candidate("a", 10**6, 10**6)) == ["exact"]


@pytest.mark.parametrize(
    ("shape", "dtype", "stored"),
    [
        ((3000, 2000), "float32", "pyramid"),
        ((5_000_000,), "float32", "pyramid"),
        ((5_000_000,), "float16", "pyramid"),
        ((5_000_000,), "int8", "statistics"),
        ((2048, 4096, 1, 1), "float32", "statistics"),
        ((1024, 1024, 3, 3), "float32", "pyramid"),
        ((3000, 2000), "uint8", "pyramid"),
    ],
    ids=str,
)
def test_a_pyramid_that_is_larger_than_the_elements_is_not_kept(
    shape: tuple[int, ...], dtype: str, stored: str
) -> None:
    retention = Retention(max_elements=4_194_304, max_bytes=None)
    assert chosen(retention, candidate("a", *shape, dtype=dtype)) == [stored]


def test_the_largest_are_reduced_first_and_only_as_many_as_needed() -> None:
    tensors = (
        candidate("small", 100, 100),
        candidate("largest", 1000, 1000),
        candidate("large", 800, 800),
    )
    assert chosen(Retention(None, 7 * MEGABYTE), *tensors) == ["exact", "exact", "exact"]
    assert chosen(Retention(None, 5 * MEGABYTE), *tensors) == ["exact", "pyramid", "exact"]
    assert chosen(Retention(None, 1 * MEGABYTE), *tensors) == ["exact", "pyramid", "pyramid"]


def test_of_equal_ones_the_first_is_reduced_first() -> None:
    tensors = [candidate(key, 500, 500) for key in "abc"]
    assert chosen(Retention(None, 2_200_000), *tensors) == ["pyramid", "exact", "exact"]


def test_pyramids_that_are_too_large_together_become_statistics_the_largest_first() -> None:
    tensors = [candidate("a", 2000, 2000), candidate("b", 4000, 4000)]
    pyramids = [tensor.bytes_as("pyramid") for tensor in tensors]
    allowed = pyramids[0] + 20_000
    assert allowed < pyramids[1]
    assert chosen(Retention(None, allowed), *tensors) == ["pyramid", "statistics"]
    assert chosen(Retention(None, 20_000), *tensors) == ["statistics", "statistics"]


def test_what_cannot_be_a_pyramid_is_kept_as_long_as_pyramids_of_others_are_enough() -> None:
    kernel, weight = candidate("kernel", 1000, 1000, 1, 1), candidate("weight", 900, 900)
    assert chosen(Retention(None, 5 * MEGABYTE), kernel, weight) == ["exact", "pyramid"]
    assert chosen(Retention(None, 1 * MEGABYTE), kernel, weight) == ["statistics", "pyramid"]


def test_a_budget_below_the_statistics_alone_is_exceeded_by_what_is_said() -> None:
    stored, excess = Retention(None, 1000).choose([candidate("a", 100, 100)])
    assert stored == ["statistics"]
    assert excess > 0


def test_what_was_reduced_once_stays_so_until_the_model_is_another_one() -> None:
    retention = Retention(None, 5 * MEGABYTE)
    weight, branch = candidate("weight", 1000, 1000), candidate("branch", 1000, 900)
    assert chosen(retention, weight) == ["exact"]
    assert chosen(retention, weight, branch) == ["pyramid", "exact"]
    assert chosen(retention, weight) == ["pyramid"]
    retention.forget()
    assert chosen(retention, weight) == ["exact"]


def test_one_that_is_reduced_already_is_never_exact() -> None:
    there = Candidate(("a",), (100, 100), dtype_of("float32"), has_elements=False)
    assert chosen(Retention(None, None), there) == ["pyramid"]
    stored, _ = Retention(None, 5000).choose([there])
    assert stored == ["statistics"]


def test_a_tensor_with_several_names_is_counted_once() -> None:
    tied = Candidate(("embedding", "head"), (1000, 1000), dtype_of("float32"))
    assert chosen(Retention(None, 5 * MEGABYTE), tied) == ["exact"]
