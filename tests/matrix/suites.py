"""The tests that run in a cell, and those that need what an old PyTorch does not have."""

from __future__ import annotations

from typing import Final, NamedTuple

SERVING: Final = (
    "tests/log/test_records.py", "tests/log/test_round_trip.py", "tests/log/test_slices.py",
    "tests/log/test_ranks.py", "tests/measure",
)  # fmt: skip
"""Where the package meets NumPy, protobuf and google-crc32c; these need no PyTorch."""
CAPTURE: Final = (
    "tests/log/test_dtypes.py", "tests/capture", "tests/large/test_device_measure.py",
    "tests/harmless/test_bit_identical.py", "tests/modes",
)  # fmt: skip


class Later(NamedTuple):
    """Tests of something that began with a release of PyTorch; a file, or the start of a name."""

    tests: str
    since: tuple[int, int]
    what: str


LATER: Final = (
    *(
        Later(
            f"tests/harmless/test_bit_identical.py::{test}[selective checkpointing",
            (2, 5),
            "selective checkpointing",
        )
        for test in (
            "test_a_training_without_a_recording_repeats_itself_bit_by_bit",
            "test_a_recorded_training_is_bit_for_bit_the_one_without",
            "test_so_is_one_of_which_tensors_are_measured_where_they_are",
            "test_hooks_are_gone_after_each_step",
            "test_what_a_step_computed_dies_when_it_does_without_a_recording",
        )
    ),
    Later("tests/modes/test_compiled.py", (2, 6), "torch.compiler.set_stance"),
    Later(
        "tests/modes/test_flight.py::test_compiled_code_stays_compiled_and_is_run_again_eagerly",
        (2, 6),
        "torch.compiler.set_stance",
    ),
    Later("tests/modes/test_distributed.py", (2, 7), "fully_shard without CUDA"),
    Later(
        "tests/capture/test_tensors.py::"
        "test_an_element_type_that_the_log_lacks_is_recorded_in_one_that_holds_its_values"
        "[float8_e8m0fnu",
        (2, 7),
        "float8_e8m0fnu",
    ),
    Later(
        "tests/capture/test_tensors.py::"
        "test_what_cannot_be_recorded_is_said_with_its_reason_and_the_rest_is_recorded"
        "[packed floats",
        (2, 8),
        "float4_e2m1fn_x2",
    ),
)


def arguments(torch_release: str | None) -> list[str]:
    """What pytest is given where ``torch_release`` is installed, or no PyTorch."""
    if torch_release is None:
        return list(SERVING)
    has = tuple(int(part) for part in torch_release.split(".")[:2])
    left_out = [
        f"--deselect={later.tests}" if "::" in later.tests else f"--ignore={later.tests}"
        for later in LATER
        if has < later.since
    ]
    return [*SERVING, *CAPTURE, *left_out]


def left_out(torch_release: str) -> list[str]:
    """What is not tested with a release of PyTorch, as it begins later."""
    has = tuple(int(part) for part in torch_release.split(".")[:2])
    return list(dict.fromkeys(later.what for later in LATER if has < later.since))
