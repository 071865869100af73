"""From what was captured to a frame of the log; runs on the worker."""

from __future__ import annotations

from typing import Final

import numpy as np

from tb_layerview.capture.axes import axes_of
from tb_layerview.capture.captured import Captured, CapturedStep
from tb_layerview.capture.structure import ExecutionOrder, Structure
from tb_layerview.log.dtypes import Array
from tb_layerview.log.frame import Frame, TensorData
from tb_layerview.log.names import KINDS, Key
from tb_layerview.log.schema import ModuleSpec, Schema, TensorSpec
from tb_layerview.measure.summary import Summary, summarize

_KIND_RANK: Final = {kind: rank for rank, kind in enumerate(KINDS)}

_SPECS_REMEMBERED: Final = 100_000
"""Specs of tensors that are kept for the next step, so that ever new shapes do not pile up."""


class Assembler:
    """Makes frames whose schema changes only when the model or a shape does."""

    def __init__(self, keep: slice) -> None:
        self._keep = keep
        self._order = ExecutionOrder()
        self._structure: Structure | None = None
        self._modules: tuple[ModuleSpec, ...] = ()
        self._rank: dict[str, int] = {}
        self._specs: dict[tuple[object, ...], TensorSpec] = {}

    def frame(self, step: CapturedStep, problems: list[str]) -> Frame:
        """Measure every tensor of `step` whole, and select of each what is kept.

        The elements are those of the staged copies: they are gone once the step's memory is
        given back.
        """
        self._learn(step)
        tensors = sorted(
            step.tensors,
            key=lambda item: (self._rank[item.place.path], _KIND_RANK[item.kind]),
        )
        table = _TensorTable(self._keep)
        specs: dict[str, TensorSpec] = {}
        for item in tensors:
            elements = table.kept(item)
            spec = self._spec(item, elements.shape)
            if spec.key in specs:
                problems.append(f"{spec.key} is the name of two tensors: the second is left out")
                continue
            specs[spec.key] = spec
            table.add(item, elements)
        return Frame(
            step=step.step,
            wall_time=step.wall_time,
            schema=Schema(self._modules, tuple(specs.values()), self._samples(step.batch)),
            tensors=table.rows,
            skipped=step.skipped,
            problems=tuple(dict.fromkeys([*step.problems, *problems])),
        )

    def _learn(self, step: CapturedStep) -> None:
        learned = self._order.observe(step.fired)
        if step.structure is not self._structure:
            self._structure = step.structure
            self._specs.clear()
        elif not learned:
            return
        self._modules = self._order.specs(step.structure)
        self._rank = {module.path: module.order for module in self._modules}

    def _samples(self, batch: int | None) -> tuple[int, ...]:
        return () if batch is None else tuple(range(batch)[self._keep])

    def _spec(self, item: Captured, shape: tuple[int, ...]) -> TensorSpec:
        dtype = item.staged.dtype.name
        identity = (
            *(item.place.path, item.kind, item.name, item.call),
            *(shape, dtype, item.sample_axis),
        )
        spec = self._specs.get(identity)
        if spec is None:
            if len(self._specs) >= _SPECS_REMEMBERED:
                self._specs.clear()
            spec = self._specs[identity] = TensorSpec(
                key=key_of(item),
                module=item.place.path,
                kind=item.kind,
                shape=shape,
                dtype=dtype,
                axes=axes_of(
                    item.place.module, item.kind, item.name, len(shape), item.sample_axis
                ),
            )
        return spec


class _TensorTable:
    """The tensors of one frame; of those that share a copy, each is measured and stored once."""

    def __init__(self, keep: slice) -> None:
        self._keep = keep
        self._summaries: dict[int, Summary] = {}
        self._owners: dict[tuple[int, int | None], int] = {}
        self.rows: list[TensorData] = []

    def kept(self, item: Captured) -> Array:
        """The elements to store: all, or those of the kept samples; C-contiguous."""
        if item.sample_axis is None:
            return item.staged.elements
        kept = (*[slice(None)] * item.sample_axis, self._keep)
        return np.ascontiguousarray(item.staged.elements[kept])

    def add(self, item: Captured, elements: Array) -> None:
        """Append a row with the statistics of the whole tensor."""
        copy = id(item.staged)
        summary = self._summaries.get(copy)
        if summary is None:
            summary = summarize(item.staged.elements, item.staged.dtype)
            self._summaries[copy] = summary
        # The same tensor may be cut as an output and kept whole as a parameter.
        owner = self._owners.setdefault((copy, item.sample_axis), len(self.rows))
        alias_of = owner if owner < len(self.rows) else None
        self.rows.append(TensorData(elements, summary.statistics, summary.histogram, alias_of))


def key_of(item: Captured) -> str:
    """The key of a captured tensor. A path or name may hold what a key uses as a separator."""
    return str(Key(_quoted(item.place.path), item.kind, _quoted(item.name), item.call))


def _quoted(text: str) -> str:
    return text.replace("%", "%25").replace("/", "%2F").replace("#", "%23") if text else text
