"""Spells, beside a count that goes from step to step."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tb_layerview.diagnosis.spells import Seen, Spells

LEAST = 3


def counted(
    steps: list[int], recorded: list[bool], met: list[bool], measured: list[float]
) -> Seen | None:
    """What is seen of one tensor."""
    known = [place for place, is_there in enumerate(recorded) if is_there]
    runs = [
        list(run) for holds, run in itertools.groupby(known, key=lambda place: met[place]) if holds
    ]
    runs = [run for run in runs if len(run) >= LEAST]
    if not runs:
        return None
    every = [place for run in runs for place in run]
    strongest = max(every, key=lambda place: measured[place])
    return Seen(
        row=0,
        recorded=len(known),
        times=len(every),
        first=steps[every[0]],
        last=steps[every[-1]],
        strongest=measured[strongest],
        strongest_step=steps[strongest],
        lasting=max(min(measured[place] for place in run[:LEAST]) for run in runs),
    )


@pytest.mark.parametrize("seed", range(200))
def test_spells_are_those_that_are_counted_however_the_steps_come(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 40))
    steps = np.cumsum(random.integers(1, 5, count))
    recorded = random.random(count) < 0.9
    met = recorded & (random.random(count) < 0.7)
    measured = random.permutation(count).astype(np.float64)
    spells = Spells(1, LEAST)
    cuts = np.sort(random.integers(0, count + 1, 3))
    for begin, end in itertools.pairwise([0, *cuts.tolist(), count]):
        part = slice(begin, end)
        spells.add(steps[part], recorded[None, part], met[None, part], measured[None, part])
    expected = counted(steps.tolist(), recorded.tolist(), met.tolist(), measured.tolist())
    assert [seen for _, seen in spells.found()] == ([expected] if expected else [])
