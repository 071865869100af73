"""A log whose author means ill: wherever a text can stand, there is one that would do something."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from tb_layerview.log.frame import Frame
from tb_layerview.log.header import SCHEMA_TAG
from tb_layerview.log.schema import ModuleSpec
from tb_layerview.log.writer import LogWriter
from tests.fixtures.small_log import make_frame, tell_tensorboard, write_log
from tests.log.test_forged import retell

SENTINEL: Final = "__ran"
"""What each script would set on the window."""

_CALL: Final = f"window.top.{SENTINEL}=1"

LONG: Final = "a" * 60 + "!"
"""On which a regular expression can be tried for longer than the sun will shine."""

PAYLOADS: Final = (
    f'<img src=evil onerror="{_CALL}" data-evil>',
    f'"><svg onload="{_CALL}" data-evil>',
    f"'><script data-evil>{_CALL}<\\script>",
    f"<iframe data-evil srcdoc='<script>{_CALL}<\\script>'>",
    f"javascript:{_CALL}//",
    f"</style></title><b data-evil onpointerenter={_CALL}>",
    "{{constructor.constructor('window.top.__ran=1')()}}",
    "\u202egnp.exe \x1b[2J \x00 \ud7ff",
    "__proto__",
    "=cmd|' \\C calc'!A0",
    LONG,
)
"""A path holds no slash, so some are spelt with another; a run's name none of the rest either."""

RUN: Final = f"<img src=evil onerror={_CALL} data-evil>"


def _text(place: int) -> str:
    return PAYLOADS[place % len(PAYLOADS)]


def _frame(step: int) -> Frame:
    random = np.random.default_rng(step)
    weight = random.standard_normal((5, 7)).astype("<f4")
    if step:
        weight[1, 2] = np.nan
    arrays = {"/sample.targets": np.array([0, 1, 2], "<i8")}
    arrays["/sample.predictions"] = random.random((3, 3)).astype("<f4")
    for place in range(len(PAYLOADS)):
        module = _text(place).replace("/", "%2F").replace("#", "%23")
        arrays[f"{module}/param.{_text(place + 1).replace('#', '')}"] = weight
        arrays[f"{module}/output"] = random.standard_normal((3, 4, 5, 6)).astype("<f4")
    frame = make_frame(step, arrays, samples=(0, 1, 2))
    tensors = tuple(
        replace(
            spec,
            module=spec.module.replace("%2F", "/").replace("%23", "#"),
            axes=tuple(
                "Sample" if axis == 0 and spec.kind != "param" else _text(place + axis)
                for axis in range(len(spec.shape))
            ),
            turn=place,
        )
        for place, spec in enumerate(frame.schema.tensors)
    )
    paths = list(dict.fromkeys(["", *(spec.module for spec in tensors)]))
    modules = tuple(
        ModuleSpec(path, _text(place + 2), _text(place + 3), place)
        for place, path in enumerate(paths)
    )
    schema = replace(
        frame.schema,
        modules=modules,
        tensors=tensors,
        sample_ids=PAYLOADS[:3],
        labels=PAYLOADS[3:6],
    )
    problems = PAYLOADS if step == 0 else ()
    return replace(frame, schema=schema, problems=problems, mark=_text(step), skipped=step)


ABSURD: Final = "absurd"
SHAPES: Final = ((2**53,), (2**29, 2**29), (2**53, 0), (0, 2**53), (2,) * 32, (2**40, 3, 3))
"""Small files may claim any of them."""


def write_absurd(logdir: Path) -> list[str]:
    """Write the run `ABSURD`, whose tensors claim `SHAPES`; their keys."""
    keys = [f"{kind}{place}/{kind}" for place in range(len(SHAPES)) for kind in ("output", "param")]
    arrays = {f"{key}.a": np.ones((2, 3), "<f4") for key in keys}
    write_log(logdir / ABSURD, [make_frame(step, arrays, samples=(0,)) for step in range(2)])

    def claim(body: dict[str, Any]) -> None:
        for place, tensor in enumerate(body["tensors"]):
            shape = SHAPES[place // 2]
            names = ["Sample", "Filter", "Row", "Column"] if place % 2 == 0 else ["Input"]
            axes = [*names, *(f"Axis {axis}" for axis in range(len(shape)))][: len(shape)]
            tensor.update(shape=list(shape), axes=axes)

    retell(logdir / ABSURD, SCHEMA_TAG, claim)
    return list(arrays)


def write_hostile(logdir: Path) -> None:
    """Write the run `RUN`, which TensorBoard knows."""
    with closing(LogWriter(logdir / RUN)) as writer:
        for step in range(4):
            writer.append(_frame(step))
    tell_tensorboard(logdir / RUN)
