"""What is shown while a user waits for the disk, on a clock and a terminal of the test's own."""

from __future__ import annotations

import io

import pytest

from tb_layerview.capture.progress import Amount, Progress, progress_text

TOTAL = Amount(steps=120, nbytes=6_800_000_000)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_text_counts_steps_and_bytes_in_one_unit() -> None:
    assert progress_text(Amount(37, 2_140_000_000), TOTAL) == (
        "tb_layerview: writing 37 of 120 steps, 2.1 of 6.8 GB"
    )
    assert progress_text(Amount(1, 900_000), Amount(3, 25_000_000)).endswith("0.9 of 25.0 MB")
    assert progress_text(Amount(0, 0), Amount(1, 500)).endswith("0.0 of 0.5 kB")


def test_nothing_is_shown_of_a_short_wait() -> None:
    clock, terminal = Clock(), Terminal()
    with Progress(TOTAL, stream=terminal, clock=clock) as progress:
        for _ in range(19):
            clock.now += 0.1
            progress.update(Amount(1, 10))
    assert terminal.getvalue() == ""


def test_a_terminal_gets_a_bar_that_is_drawn_over_and_cleared_at_the_end() -> None:
    clock, terminal = Clock(), Terminal()
    with Progress(TOTAL, stream=terminal, clock=clock) as progress:
        clock.now += 2.0
        progress.update(Amount(30, 1_700_000_000))
        clock.now += 0.1
        progress.update(Amount(40, 2_000_000_000))
        clock.now += 0.1
        progress.update(Amount(60, 3_400_000_000))
        assert "\n" not in terminal.getvalue()
    drawn = terminal.getvalue().split("\r\x1b[K")
    assert drawn == [
        "",
        "tb_layerview: writing 30 of 120 steps, 1.7 of 6.8 GB [######..................]",
        "tb_layerview: writing 60 of 120 steps, 3.4 of 6.8 GB [############............]",
        "",
    ]


def test_a_file_gets_a_line_at_most_every_ten_seconds() -> None:
    clock, file = Clock(), io.StringIO()
    with Progress(TOTAL, stream=file, clock=clock) as progress:
        for second in range(1, 26):
            clock.now = 1000.0 + second
            progress.update(Amount(second, second * 10**8))
    assert file.getvalue().splitlines() == [
        "tb_layerview: writing 2 of 120 steps, 0.2 of 6.8 GB",
        "tb_layerview: writing 12 of 120 steps, 1.2 of 6.8 GB",
        "tb_layerview: writing 22 of 120 steps, 2.2 of 6.8 GB",
    ]


def test_the_bar_is_cleared_when_the_wait_is_interrupted() -> None:
    clock, terminal = Clock(), Terminal()

    def wait() -> None:
        with Progress(TOTAL, stream=terminal, clock=clock) as progress:
            clock.now += 3.0
            progress.update(Amount(1, 10))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wait()
    assert terminal.getvalue().endswith("]\r\x1b[K")


def test_a_wait_goes_on_when_the_terminal_is_gone() -> None:
    clock, terminal = Clock(), Terminal()
    with Progress(TOTAL, stream=terminal, clock=clock) as progress:
        terminal.close()
        for _ in range(2):
            clock.now += 3.0
            progress.update(Amount(1, 10))
    with Progress(TOTAL, stream=terminal, clock=clock) as progress:
        clock.now += 3.0
        progress.update(Amount(1, 10))


def test_a_wait_for_nothing_but_a_flush_shows_a_full_bar() -> None:
    clock, terminal = Clock(), Terminal()
    with Progress(Amount(0, 0), stream=terminal, clock=clock) as progress:
        clock.now += 3.0
        progress.update(Amount(0, 0))
    assert "0 of 0 steps" in terminal.getvalue()
    assert "#" * 24 in terminal.getvalue()
