"""Steps in a range, and steps that are spread over a run."""

from __future__ import annotations

import numpy as np
import pytest

from tb_layerview.log.chosen_steps import spread, within


@pytest.mark.parametrize("count", [0, 1, 2, 3, 10, 101])
@pytest.mark.parametrize("most", [1, 2, 3, 7, 100])
def test_steps_are_spread_evenly_with_the_first_and_the_last(count: int, most: int) -> None:
    steps = [7 * place for place in range(count)]
    chosen = spread(steps, most)
    assert len(chosen) == min(count, most)
    if count:
        assert chosen[-1] == steps[-1]
    if len(chosen) > 1:
        assert chosen[0] == steps[0]
        gaps = np.diff(chosen) // 7
        assert gaps.min() >= 1
        assert gaps.max() - gaps.min() <= 1


def test_a_range_has_both_of_its_ends() -> None:
    steps = [0, 10, 20, 30]
    assert list(within(steps, None, None)) == steps
    assert list(within(steps, 10, 20)) == [10, 20]
    assert list(within(steps, 11, None)) == [20, 30]
    assert list(within(steps, None, 9)) == [0]
    assert list(within(steps, 21, 12)) == []
