"""Whatever numbers and shapes a log holds, routes answer finite JSON or one of their errors."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tb_layerview.log.frame import Frame
from tests.fixtures.small_log import Arrays, make_frame, write_log
from tests.fuzz.asking import RUN, Asked

LARGEST = np.finfo("<f8").max
NUMBERS = (0.0, 1.0, LARGEST, -LARGEST, np.inf, np.nan, 1e-320)
WITH_SAMPLES = ("sample", "input", "output", "output_grad")


def frame_of(step: int, arrays: Arrays) -> Frame:
    """A frame whose outputs, inputs and targets have samples, in the order in which they came."""
    frame = make_frame(step, arrays, samples=(0, 1, 2))
    tensors = tuple(
        replace(
            spec,
            axes=("Sample", *spec.axes[1:]) if spec.kind in WITH_SAMPLES else spec.axes,
            turn=turn,
        )
        for turn, spec in enumerate(frame.schema.tensors)
    )
    return replace(frame, schema=replace(frame.schema, tensors=tensors))


def linear(
    weight: npt.NDArray[Any], bias: npt.NDArray[Any], inputs: npt.NDArray[Any]
) -> dict[str, npt.NDArray[Any]]:
    """What a model of one linear layer has recorded."""
    with np.errstate(all="ignore"):
        outputs = inputs @ weight.T + bias
    return {
        "/sample.targets": np.array([0, 1, 2], "<i8"),
        "fc/input.0": inputs,
        "fc/param.weight": weight,
        "fc/param.bias": bias,
        "fc/grad.weight": weight,
        "fc/output": outputs,
        "fc/output_grad": outputs,
    }


def ask(run: Path) -> dict[str, int]:
    """The status of each route that computes; `Asked` refuses any other than documented."""
    asked = Asked(run)
    return {
        f"{route} {parameters}": asked.get(route, run=RUN, **parameters)[0]
        for route, parameters in (
            ("/catalog", {}),
            ("/findings", {}),
            ("/origin", {"step": 1}),
            ("/apart", {"step": 1, "a": 0, "b": 1}),
            *(("/contributions", {"step": 1, "sample": sample}) for sample in range(3)),
            ("/contributions", {"step": 1, "sample": 0, "right": 3}),
        )
    }


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # an overflow is what is tested
def test_no_number_ends_a_route(tmp_path: Path) -> None:
    for case, (one, other) in enumerate(itertools.product(NUMBERS, repeat=2)):
        arrays = linear(np.full((4, 5), one), np.full(4, other), np.full((3, 5), other))
        write_log(tmp_path / str(case), [frame_of(step, arrays) for step in range(2)])
        statuses = ask(tmp_path / str(case))
        assert set(statuses.values()) <= {200, 404}
        assert [status for route, status in statuses.items() if "contrib" not in route] == [200] * 4


GOOD = linear(np.ones((4, 5)), np.ones(4), np.ones((3, 5)))


@pytest.mark.parametrize(
    "forged",
    [
        {"fc/param.bias": np.ones(3)},
        {"fc/param.bias": np.ones((4, 4))},
        {"fc/param.bias": np.array(1.0)},
        {"fc/param.weight": np.ones((4, 0))},
        {"fc/param.weight": np.ones((2, 5))},
        {"fc/param.weight": np.ones((4, 5), "<c8")},
        {"fc/output": np.ones((3, 9))},
        {"fc/output": np.ones((2, 4))},
        {"fc/output": np.ones((3, 1))},
        {"fc/output": np.ones((3, 0))},
        {"fc/input.0": np.ones((1, 5)), "fc/output": np.full((1, 4), 6.0)},
        {"/sample.targets": np.array([0], "<i8")},
        {"/sample.targets": np.array([-1, 2**62, -(2**63)], "<i8")},
        {"fc/param.weight": np.vstack([np.ones((3, 5)), np.full((1, 5), np.nan)])},
        {"fc/param.weight": np.vstack([np.ones((3, 5)), np.full((1, 5), LARGEST)])},
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_shapes_that_do_not_belong_together_end_no_route(
    tmp_path: Path, forged: dict[str, npt.NDArray[Any]]
) -> None:
    write_log(tmp_path, [frame_of(step, {**GOOD, **forged}) for step in range(2)])
    assert set(ask(tmp_path).values()) <= {200, 400, 404}


def test_what_belongs_together_is_answered(tmp_path: Path) -> None:
    write_log(tmp_path, [frame_of(step, GOOD) for step in range(2)])
    assert set(ask(tmp_path).values()) == {200}
